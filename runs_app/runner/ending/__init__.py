"""What the end of a run's logs shows: why it failed, or that its exit status 0 looks wrong.

- `log_end`: the last lines of a log, and the tracebacks among them
- `signs`: the table of messages that tools print when they fail
- `cause`: the one reason for a failure
- `doubts`: evidence against an exit status of 0
"""
