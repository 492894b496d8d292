"""Project scaffolds and deployment files, as data. Nothing but the command line reads them."""
