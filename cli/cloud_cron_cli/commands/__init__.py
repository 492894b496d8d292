"""One module for each command, named after it; each has a `command`, and is imported when that is called."""
