"""Registries over HTTP (OCI Distribution Specification 1.1), without Docker.

    registries = Registries(Keyring(DockerCredentials(), EcrLogin(session)))
    repository = registries(parse("public.ecr.aws/lambda/python:3.13"))

From the outside in: `registries` hands out `repository`, the port; `connection` is one registry, with whom it admits
(`admission`, `challenges`, `credentials`), how long it is given (`patience`) and what its refusals mean (`refusals`);
`web` sends one request. Only `web` knows urllib3, and loads it when the first request is made.
"""
