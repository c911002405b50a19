"""Promotion: the model of an experiment for all, and its place in the core repository.

- `request`: request, approve, reject and withdraw, with all checks; thin rows, no git, no MLflow
- `carry_out`: what a worker does after an approval or a withdrawal, in steps that may be repeated
- `integrated`: whether a promotion still holds: the champion's hash and the main branch
- `branch`: the commit for the core repository, and the one that takes it back
- `core_files`: the content of the files in those commits
- `candidates`: the files that can be promoted
- `checks`: why a promotion is refused
- `evidence`: what the rows say about an experiment, its runs and their files
- `classes`, `onnx`: the classes that plain data of a package states
- `package`: the files of a run that are promoted, and their copies
- `card`: the description of the model's version

Nothing here loads a model: a package is bytes, of which hashes and plain texts are read.
"""
