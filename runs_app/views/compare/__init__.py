"""The comparison of runs: what differs between them, how good they are, and whether that counts.

`chosen` reads the address, `sides` what is known of each run, `rows` sets values side by side, and
`sections`, `measures`, `assessment` and `pictures` are the parts of the page.
"""
