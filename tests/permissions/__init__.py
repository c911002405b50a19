"""Who may open and change what: every address, by every group, with forms as the pages give them.

`table.py` and its parts name each address of the portal, one line each. A new address without a
line fails `test_table.py`, which says what to write; docs/permissions.md is made from the table.
"""
