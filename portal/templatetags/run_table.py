"""`{% load run_table %}{% run_table experiment %}`: the runs of one row, as the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("admin/runs_app/run/table/_inside.html", takes_context=True)
def run_table(context: Mapping[str, Any], row: Any) -> dict[str, Any]:
    """Show the table of the runs of one experiment, site, customer or zone.

    Nothing is shown to users who may not see runs. The page has to load `runs_app/table.css` and
    `runs_app/table.js`, and to include `admin/freshness.html`.
    """
    from runs_app.admin.run_table import embedded, loosened  # the admin loads all template tags

    found = embedded(context["request"], row)
    if found is None:
        return {}
    if not found["cl"].result_list:
        found["loosened"] = loosened(found["cl"])
    return {**found, "request": context["request"], "perms": context.get("perms")}
