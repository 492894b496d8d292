"""What a person does about runs and messages that went wrong, and how they find them: the same wherever the app runs.

Everything here works on the port `Place`, of which there are two: the database of one machine, and a stage on AWS. No
module here imports click or anything of AWS.
"""
