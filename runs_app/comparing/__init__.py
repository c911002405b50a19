"""What makes runs comparable: main metrics, data, classes, changed parameters, the best of them.

A run gets its summary once, when it has ended: rows of `RunMetric` and `RunParameter` and the
columns of `Run` that lists show. `background` computes it for runs that have none.
"""
