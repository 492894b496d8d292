"""The documentation site: the pages of docs/, and a reference that is made of the code each time.

No network, no fonts or scripts from elsewhere: what is built is read from a disk as from a server.
"""
