"""What a run leaves: files, hashes, metrics, logs, and the records of its source and environment.

Readers and writers of the run folder and its rows; nothing here starts or ends a run.
"""
