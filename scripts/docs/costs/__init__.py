"""What a deploy costs a month: AWS's public list prices as data, what each kind of resource is paid for, and a bill.

For the documentation alone: nothing that is shipped knows a price.
"""
