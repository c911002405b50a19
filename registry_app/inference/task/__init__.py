"""The task of an experiment and its classes."""
