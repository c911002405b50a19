"""Says in the reader's language why an argument template cannot be read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from registry_app.arguments.template import TemplateRefusedError, parse_template


def syntax_problem(template: str) -> str:
    """Return why a template cannot be read, '' where it can."""
    try:
        parse_template(template)
    except TemplateRefusedError as error:
        return in_words(error)
    return ""


def in_words(error: TemplateRefusedError) -> str:
    """Return a refusal in the reader's language."""
    return _(error.text).format(**error.values)
