"""The image of an app: built without Docker or with it, judged as Lambda would, pushed and copied between registries.

Everything here works on values and ports: what an image is stands in `oci`, who holds one in `ports`. It never imports
click, never prints, and leaves ECR's own API to `deploy.aws_ecr`.
"""
