"""The steps of a run, one module each, named by its verb.

submit -> launch -> (the supervisor) -> finish -> collect; `cancel`, `reconcile`, `due` and
`retention` keep the rows true when a step is missed.
"""
