"""Queues, topics, ledger and scheduler of one machine, on SQLite: in memory for tests, in a file otherwise.

It stands in for SNS FIFO, SQS FIFO and DynamoDB behind the same ports, so that the runtime cannot tell the difference.
The image leaves this package out: the runtime and the AWS adapters may not import it.
"""
