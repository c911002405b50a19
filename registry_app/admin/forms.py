"""Forms of an experiment and its entry points: validation, and origins next to the fields."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget

from registry_app.admin.origins import (
    ENTRY_POINT_FIELDS,
    EXPERIMENT_FIELDS,
    SITE_COLUMNS,
    origins_of,
    with_origin,
)
from registry_app.admin.stale import StaleGuardForm
from registry_app.arguments.problems import syntax_problem
from registry_app.arguments.secret_text import unmasked_parameters
from registry_app.arguments.starts import start_problem
from registry_app.changes.directories import named_twice
from registry_app.exceptions import PathRefusedError
from registry_app.fields.names import fields_of_row
from registry_app.fields.templates import DECIDING, template_problem
from registry_app.files.core_scripts import check_script
from registry_app.files.interpreter_check import (
    checked_interpreter,
    directory_or_none,
    may_queue,
)
from registry_app.files.interpreters import InterpreterRefusedError
from registry_app.files.paths import folder_inside, leads_out, resolve_directory
from registry_app.models import Customer, EntryPoint, Experiment, FieldProvenance
from registry_app.reading import error_text, message_text
from registry_app.texts.problems import PATTERN_LEADS_OUT


def _site_field(label: Any, names: str) -> forms.CharField:
    """Return a field for one part of a site; the page has its known values as a datalist."""
    widget = UnfoldAdminTextInputWidget(attrs={"list": names, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=100, widget=widget)


class ExperimentForm(StaleGuardForm):
    """The form of an experiment; its place is typed as text, not chosen from rows."""

    site_customer = _site_field(gettext_lazy("Customer"), "gf-customers")
    site_region = _site_field(gettext_lazy("Region"), "gf-regions")
    site_plant = _site_field(gettext_lazy("Plant"), "gf-plants")
    site_zone = _site_field(gettext_lazy("Zone"), "gf-zones")

    class Meta:
        model = Experiment
        fields = "__all__"  # the admin names the fields

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "notes" in self.fields:
            self.fields["notes"].widget.attrs["rows"] = 4
        present = fields_of_row(self.instance) if self.instance.pk else {}
        origins = origins_of(self.instance)
        for column, name in EXPERIMENT_FIELDS.items():
            if column in self.fields:
                field = self.fields[column]
                field.help_text = with_origin(str(field.help_text), origins.get(name))
                if column in SITE_COLUMNS:
                    field.initial = present.get(name, "")

    def clean_site_customer(self) -> str:
        """Replace a display name (동화엔텍) by the customer's short name, if it is known."""
        written: str = self.cleaned_data["site_customer"]
        known = Customer.objects.filter(display_name__iexact=written).exclude(name="")
        found = known.first() if written else None
        return found.name if found else written

    def clean_path(self) -> str:
        written: str = self.cleaned_data["path"].strip()
        # A path stored under another rule stays until it is changed; no run starts there.
        if self.instance.pk is None or written != self.initial.get("path"):
            try:
                resolve_directory(written, settings.GUARDIANFLOW_ROOTS)
            except PathRefusedError as error:
                raise ValidationError(error_text(error)) from error
            rows = Experiment.everything.exclude(pk=self.instance.pk).values_list("name", "path")
            name = self.cleaned_data.get("name") or self.instance.name
            if problem := named_twice(written, name=name, others=dict(rows)):
                raise ValidationError(message_text(problem))
        return written


class EntryPointForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of an entry point; its type cannot be changed later."""

    class Meta:
        model = EntryPoint
        fields = "__all__"  # noqa: DJ007  # the admin names the fields

    def __init__(
        self,
        *args: Any,
        experiment: Experiment | None = None,
        origins: dict[str, FieldProvenance] | None = None,
        by: User | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.experiment = experiment
        self.by = by
        if "default_script" in self.fields:
            # The page has the scripts of the last scan as a datalist.
            self.fields["default_script"].widget.attrs["list"] = "gf-scripts"
        if self.instance.pk is None:
            return
        if "type" in self.fields:
            self.fields["type"].disabled = True
        for column, name in ENTRY_POINT_FIELDS.items():
            row = (origins or {}).get(f"entry_points.{self.instance.type}.{name}")
            if row and column in self.fields:
                help_text = str(self.fields[column].help_text)
                self.fields[column].help_text = with_origin(help_text, row)

    def clean_default_script(self) -> str:
        script: str = self.cleaned_data["default_script"].strip()
        if not script:
            return script
        try:
            check_script(self._directory(), script)
        except PathRefusedError as error:
            raise ValidationError(error_text(error)) from error
        return script

    def clean_patterns(self) -> list[str]:
        patterns: list[str] = self.cleaned_data["patterns"]
        for pattern in patterns:
            if leads_out(pattern):
                raise ValidationError(message_text(PATTERN_LEADS_OUT(pattern=pattern)))
        return patterns

    def clean_args_template(self) -> str:
        template: str = self.cleaned_data["args_template"]
        problem = syntax_problem(template)
        if problem:
            raise ValidationError(message_text(problem))
        return template

    def clean_parameters(self) -> list[dict[str, Any]]:
        stored = self.initial.get("parameters") or []
        try:
            return unmasked_parameters(self.cleaned_data["parameters"], stored)
        except LookupError as error:
            raise ValidationError(
                _("%(name)s: *** only represents a stored default, and there is none.")
                % {"name": error.args[0]}
            ) from error

    def clean_interpreter(self) -> str:
        """Check a changed interpreter against the rule; an unchanged one is not checked again."""
        written: str = self.cleaned_data["interpreter"]
        if written == self.initial.get("interpreter", ""):
            return written
        directory = directory_or_none(self.experiment.path if self.experiment else "")
        try:
            return checked_interpreter(written, directory, anywhere=may_queue(self.by))
        except InterpreterRefusedError as error:
            raise ValidationError(error_text(error)) from error

    def clean_working_directory(self) -> str:
        """Check a changed folder against the rule; an unchanged one is not checked again."""
        written: str = self.cleaned_data["working_directory"]
        if written == self.initial.get("working_directory", ""):
            return written
        try:
            folder = folder_inside(self._directory(), written)
        except PathRefusedError as error:
            raise ValidationError(str(error)) from error
        if folder and not os.path.isdir(self._directory() / folder):
            raise ValidationError(
                _("There is no folder %(folder)s in the directory.") % {"folder": folder}
            )
        return folder

    def clean_start(self) -> str:
        written: str = self.cleaned_data["start"].strip()
        problem = start_problem(written)
        if problem:
            raise ValidationError(message_text(problem))
        return written

    def clean(self) -> dict[str, Any] | None:
        """Check the template against the parameters of its script, if either was changed."""
        super().clean()
        fields = {
            name: self.cleaned_data.get(column)
            for column, name in ENTRY_POINT_FIELDS.items()
            if name in DECIDING
        }
        changed = {ENTRY_POINT_FIELDS.get(column) for column in self.changed_data}
        if self.experiment is not None and not self.errors and changed & DECIDING:
            problem = template_problem(self.experiment, fields)
            if problem:
                self.add_error("args_template", message_text(problem))
        return self.cleaned_data

    def _directory(self) -> Path:
        try:
            written = self.experiment.path if self.experiment else ""
            return resolve_directory(written, settings.GUARDIANFLOW_ROOTS)
        except PathRefusedError:
            # The experiment's own field reports that error; the script is checked by its path.
            return Path("/")


class EntryPointFormSet(PaginationInlineFormSet):
    """The entry points of one experiment; origins are read once for all of them.

    `by` is the user who edits them.
    """

    by: User | None = None

    @cached_property
    def _origins(self) -> dict[str, FieldProvenance]:
        return origins_of(self.instance)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(index),
            "experiment": self.instance,
            "origins": self._origins,
            "by": self.by,
        }
