"""Runs an app as on AWS, on virtual time, in memory, and lets everything go wrong that can.

A `World` is services, functions and time. Each port call goes through its `Line`, on which `Faults` decide: a `Plan`
that was written down, or the `Weather` of a seed. A `Judge` looks at what became of it. All of it is deterministic, so
that whatever breaks is found again, made short by `shrinking`, and told by `story`.
"""
