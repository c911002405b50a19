"""Reads the argument template of a run, by the rules that all entry points apply."""

from __future__ import annotations

from registry_app.arguments import template as args_template
from registry_app.arguments.template import TemplateRefusedError, Word
from runs_app.runner.exceptions import TemplateError


def parse_template(template: str) -> tuple[Word, ...]:
    """Split a template once into words; raises TemplateError, whose text names the fix."""
    try:
        return args_template.parse_template(template)
    except TemplateRefusedError as error:
        raise TemplateError(error.message) from error
