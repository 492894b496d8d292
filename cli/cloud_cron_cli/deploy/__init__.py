"""From a model to AWS: the templates as pure functions, and the engine that brings a stack to them.

Nothing in here prints, asks, or imports click; only the modules whose names begin with `aws` name AWS's clients.
"""
