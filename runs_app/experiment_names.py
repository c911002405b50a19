"""The name of the MLflow experiment that a run belongs to."""

from __future__ import annotations

from string import Formatter

from django.utils.translation import gettext as _

from runs_app.launch_record import LaunchRecord

PARTS = ("customer", "region", "plant", "zone", "task", "experiment", "directory")
_SITE = ("customer", "region", "plant", "zone")
_LONGEST = 500


def experiment_name(template: str, record: LaunchRecord) -> str:
    """Fill the template, leaving out empty parts together with the text before them.

    Text before the first part and after the last one always stays. Without anything known of the
    site, the directory's name is the name.
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


def template_problem(template: str) -> str:
    """Return what is wrong with a template, or ''."""
    try:
        parts = [part for _text, part, _f, _c in Formatter().parse(template) if part is not None]
    except ValueError as error:
        return _("The template {template!r} cannot be read: {error}.").format(
            template=template, error=error
        )
    unknown = [part for part in parts if part not in PARTS]
    if not parts or unknown:
        return _("The template {template!r} may use {parts}, and needs at least one.").format(
            template=template, parts=", ".join(f"{{{part}}}" for part in PARTS)
        )
    return ""
