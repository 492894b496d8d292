"""The same command as `python -m cloud_cron_cli`, where no script is on the path."""

from __future__ import annotations

from cloud_cron_cli.main import main

if __name__ == "__main__":
    main()
