"""Deployment files, and in the wheel the examples, as data. Nothing but the command line reads them."""
