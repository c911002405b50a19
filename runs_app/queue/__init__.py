"""Which queued run starts on which host: admission, order, GPUs and hosts.

`scheduling` decides on plain values; the other modules read and write the rows around it.
"""
