"""Filters of the registry's templates."""
