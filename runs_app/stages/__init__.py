"""The five migration stages of an experiment, each with what proves it.

- `ladder`: what is proved, what is missing for the next stage and who does it, as pure rules
- `facts`: the facts that the rules need, for many experiments at once
- `waiting`: whose proofs of stages 4 and 5 are to be looked at again
- `notes`: store the proved stage and its changes, with their time and reason

Stages 1 to 3 follow from rows. Stages 4 and 5 need files, git and MLflow, so a worker checks them
and stores the answer here; pages only read it.
"""
