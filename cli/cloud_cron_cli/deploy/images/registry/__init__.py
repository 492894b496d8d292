"""Registries over HTTP (OCI Distribution Specification 1.1), without Docker.

    registries = Registries(Keyring(DockerCredentials(), EcrLogin(session)))
    repository = registries(parse("public.ecr.aws/lambda/python:3.13"))

From the outside in: `registries` hands out `repository`, the port; `connection` is one registry, with whom it admits
(`admission`, `challenges`, `credentials`), how long it is given (`patience`) and what its refusals mean (`refusals`);
`web` knows with whom TLS is spoken; `lines` are the connections. Only `lines` knows `http.client`, and is loaded when
the first request is made.
"""
