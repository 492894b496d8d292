"""The ports on AWS: SNS FIFO topics and SQS FIFO queues behind clients that the caller made.

Only modules in this package may name boto3 or botocore, and none imports them at module level: a function that makes no
AWS call never pays for them. Nothing here may import the local engine, the testing kit or the command line.
"""
