"""Queues, topics, ledger and scheduler of one machine, on SQLite: in memory for tests, in a file otherwise.

It stands in for SNS FIFO, SQS FIFO and DynamoDB behind the same ports, so that the runtime cannot tell the difference.
`Engine` runs an app in this process, on any clock. `Service` runs it for good, in processes:

    service    the host: schedules, queues and processes; never imports user code
    zygote     has the app loaded, forks a child for each job, ends what takes too long; never opens the database
    worker     a child for one run of a task
    courier    a child with several threads for the queue of one notifier

What is begun and what is over is in the database alone, so that any of them may die at any moment.
The image leaves this package out: the runtime and the AWS adapters may not import it.
"""
