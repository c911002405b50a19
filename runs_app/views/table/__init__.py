"""The table of runs: columns, sorting and conditions from the address, and rows for the page.

The list of runs, the pages of experiments, sites and customers, the rows that a page brings up to
date and the CSV file are all made from it.
"""
