"""Reads the argument template of a run, by the rule that every door to it holds too."""

from __future__ import annotations

from registry_app.arguments import template as args_template
from registry_app.arguments.template import TemplateRefusedError, Word
from runs_app.runner.exceptions import TemplateError
from runs_app.runner.language import gettext as _


def parse_template(template: str) -> tuple[Word, ...]:
    """Split a template once into words; raises TemplateError naming the cure."""
    try:
        return args_template.parse_template(template)
    except TemplateRefusedError as error:
        raise TemplateError(_(error.text).format(**error.values)) from error
