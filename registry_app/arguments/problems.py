"""Why an argument template or a variable is refused."""

from __future__ import annotations

from collections.abc import Mapping

from registry_app.arguments.template import TemplateRefusedError, parse_template
from registry_app.arguments.variables import refusals
from registry_app.messages import Message


def syntax_problem(template: str) -> Message | None:
    """Return why a template cannot be parsed, None if it can."""
    try:
        parse_template(template)
    except TemplateRefusedError as error:
        return error.message
    return None


def variable_problems(variables: Mapping[str, str]) -> list[Message]:
    """Return why these environment variables must not be set, [] if they may."""
    return [error.message for _name, error in refusals(variables)]
