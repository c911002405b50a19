"""The name of the MLflow experiment that a run belongs to."""

from __future__ import annotations

from string import Formatter

from runs_app.records.launch import LaunchRecord

_SITE = ("customer", "region", "plant", "zone")
_LONGEST = 500


def experiment_name(template: str, record: LaunchRecord) -> str:
    """Fill the template, omitting empty parts together with the text before them.

    Text before the first part and after the last part always stays. If nothing is known about the
    site, return the directory's name.
    """
    if not any(getattr(record, part) for part in _SITE):
        return record.directory
    name, has_part = "", False
    for position, (text, part, _format, _conversion) in enumerate(Formatter().parse(template)):
        if part is None:
            name += text
            continue
        value = str(getattr(record, part))
        if position == 0 or (value and has_part):
            name += text
        name += value
        has_part = has_part or bool(value)
    return name[:_LONGEST] or record.directory
