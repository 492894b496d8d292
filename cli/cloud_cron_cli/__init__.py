"""The operator's tool: the `cloud-cron` command. Nothing in `cloud_cron` may import it."""
