"""What a template of MLflow experiment names may contain; imported by settings: no Django here."""

from __future__ import annotations

from string import Formatter

PARTS = ("customer", "region", "plant", "zone", "task", "experiment", "directory")


def template_problem(template: str) -> str:
    """Return what is wrong with a template, or ''."""
    try:
        parts = [part for _text, part, _f, _c in Formatter().parse(template) if part is not None]
    except ValueError as error:
        return f"it cannot be read ({error})"
    if not parts or any(part not in PARTS for part in parts):
        return f"it may use {', '.join(f'{{{part}}}' for part in PARTS)}, and needs at least one"
    return ""
