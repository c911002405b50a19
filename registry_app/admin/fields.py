"""Form fields for what the registry stores as JSON, in the form that users write."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextareaWidget

from registry_app.arguments.json_text import InvalidJsonError, load_json
from registry_app.arguments.parameters import Parameter
from registry_app.arguments.problems import variable_problems
from registry_app.arguments.secret_text import masked_parameters
from registry_app.arguments.variables import from_lines, to_lines
from registry_app.document.reader import parameter_problems
from registry_app.reading import error_text, message_text
from registry_app.texts import cells as texts


class LinesField(forms.CharField):
    """A list of words, one a line; empty lines are ignored, duplicates refused."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", self.widget(attrs={"rows": 4}))
        super().__init__(**{"required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(part) for part in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        super().validate(value)
        twice = sorted({word for word in value if value.count(word) > 1})
        if twice:
            raise ValidationError(
                _("“%(word)s” is listed twice; write each line once.") % {"word": twice[0]}
            )

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class VariablesField(forms.CharField):
    """Environment variables, `NAME=value` in each line."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", self.widget(attrs={"rows": 3, "spellcheck": "false"}))
        super().__init__(**{"required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        return to_lines(value) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        try:
            variables = from_lines(value or "")
        except ValueError as error:
            problem = texts.VARIABLE_LINE(line=str(error))
            raise ValidationError(message_text(problem)) from error
        if problems := variable_problems(variables):
            raise ValidationError([message_text(problem) for problem in problems])
        return variables

    def run_validators(self, value: Any) -> None:
        super().run_validators(to_lines(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except ValidationError:
            return True


class ParametersField(forms.CharField):
    """A list of parameters, written as JSON; the keys are those of the registry file.

    Secret defaults are masked; a mask that comes back means the stored default.
    """

    widget = UnfoldAdminTextareaWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", self.widget(attrs={"rows": 4, "spellcheck": "false"}))
        super().__init__(**{"required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        shown = masked_parameters(value)
        rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in shown)
        return f"[\n{rows}\n]" if rows else ""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        if not (value or "").strip():
            return []
        try:
            rows = load_json(value)
        except InvalidJsonError as error:
            hint = _("Empty the field to use what the scan read.")
            raise ValidationError(f"{error_text(error)} {hint}") from error
        if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise ValidationError(message_text(texts.NO_PARAMETERS()))
        if problems := parameter_problems(rows):
            found = [texts.PARAMETER(problem=problem) for problem in problems]
            raise ValidationError([message_text(problem) for problem in found])
        return [Parameter.from_json(row).to_json() for row in rows]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            before = self.to_python(self.prepare_value(initial))
            return bool(before != self.to_python(data))
        except ValidationError:
            return True
