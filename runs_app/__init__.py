"""Runs of experiments: queue, launch, witness, finish, and what MLflow is told."""
