"""Whether the tree can be released: one check for each thing that a release promises, each with an answer of its own.

Whatever a check looks at is read from the tree or built of it; nothing is uploaded, tagged or changed.
"""
