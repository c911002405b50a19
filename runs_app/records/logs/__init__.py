"""The two outputs of a run as logs that may be huge and still growing.

Positions are byte offsets; memory never grows with a log.
"""
