"""What all sheets share: checked headers, natural keys, one change set, all rows or none."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from import_export.resources import ModelResource
from import_export.results import Result, RowResult

from registry_app.changes import change_sets
from registry_app.choices import ChangeOrigin
from registry_app.exceptions import RegistryError
from registry_app.resources.cells import is_blank, text_of

_WRITES = (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE)


class SheetResource(ModelResource):
    """A flat table of the registry for CSV and XLSX.

    Rows are found by names, never by numbers of the database. A column that is not there and a
    cell that is blank leave their field alone, so a sheet never clears anything.
    """

    # Columns that say which row is meant, and those of them that may be blank.
    keys: ClassVar[tuple[str, ...]] = ()
    keys_may_be_blank: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        use_transactions = True

    def import_data(
        self, dataset: Any, dry_run: bool = False, raise_errors: bool = False, **options: Any
    ) -> Result:
        """Import every row as one change set, or none if any of them is wrong."""
        self._seen: set[tuple[str, ...]] = set()
        options |= {"use_transactions": True, "rollback_on_validation_errors": True}
        with change_sets.change_set(
            ChangeOrigin.SPREADSHEET,
            by=options.get("user"),
            summary=options.get("file_name") or "",
        ):
            result = super().import_data(
                dataset, dry_run=dry_run, raise_errors=raise_errors, **options
            )
            wrong = result.has_errors() or result.has_validation_errors()
            if dry_run or wrong or not any(result.totals[kind] for kind in _WRITES):
                transaction.set_rollback(True)
        return result

    # The sheet

    def before_import(self, dataset: Any, **options: Any) -> None:
        super().before_import(dataset, **options)
        dataset.headers = [str(header or "").strip() for header in dataset.headers or ()]
        while len(dataset) and all(is_blank(cell) for cell in dataset[-1]):
            dataset.pop()
        problems = self._problems_of_headers(dataset)
        if problems:
            # Without its columns no row makes sense; what they would say is left out.
            del dataset[:]
            raise RegistryError("\n".join(problems))

    def _problems_of_headers(self, dataset: Any) -> list[str]:
        known = [field.column_name for field in self.get_import_fields()]
        headers: list[str] = dataset.headers
        problems = [unknown(_("column"), one, known) for one in headers if one and one not in known]
        problems += [
            _("The column {name} stands here twice.").format(name=one)
            for one in known
            if headers.count(one) > 1
        ]
        problems += [
            _("The column {name} is missing; it says which row is meant.").format(name=one)
            for one in self.keys
            if one not in headers
        ]
        nameless = [index for index, one in enumerate(headers) if not one]
        if any(not is_blank(row[index]) for row in dataset for index in nameless):
            problems.append(_("A column has cells and no name in the first row."))
        return problems

    # One row

    def import_row(self, row: Any, instance_loader: Any, **options: Any) -> RowResult:
        if all(is_blank(cell) for cell in row.values()):
            nothing = self.get_row_result_class()()
            nothing.import_type = RowResult.IMPORT_TYPE_SKIP
            return nothing
        return super().import_row(row, instance_loader, **options)

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        key = self._key(row)
        if key in self._seen:
            raise ValidationError(_("This row stands in the file twice."))
        self._seen.add(key)
        return self.find(*key)

    def init_instance(self, row: Any = None) -> Any:
        return self.start(*self._key(row))

    def find(self, *key: str) -> Model | None:
        """Return the row of this key, None where there is none."""
        raise NotImplementedError

    def start(self, *key: str) -> Model:
        """Return a new row of this key, not yet saved; raises ValidationError."""
        raise NotImplementedError

    def problems(self, instance: Any, row: Any) -> Iterator[tuple[str, str]]:
        """Yield column and message of what is wrong beyond the single cells."""
        yield from ()

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        # A new row whose key says all there is differs in nothing from its beginning.
        same = super().skip_row(instance, original, row, import_validation_errors)
        return bool(same) and instance.pk is not None

    def import_instance(self, instance: Any, row: Any, **options: Any) -> None:
        """Take over all cells; raises ValidationError with everything that is wrong."""
        errors: dict[str, list[Any]] = {}
        try:
            super().import_instance(instance, row, **options)
        except ValidationError as error:
            error.update_error_dict(errors)
        for name, message in self.problems(instance, row):
            errors.setdefault(name, []).append(ValidationError(message))
        if errors:
            raise ValidationError(errors)

    def _key(self, row: Any) -> tuple[str, ...]:
        errors = {}
        key = []
        for name in self.keys:
            try:
                key.append(text_of(row.get(name)))
            except ValueError as error:
                errors[name] = str(error)
            else:
                if not key[-1] and name not in self.keys_may_be_blank:
                    errors[name] = _("This cell must not be blank.")
        if errors:
            raise ValidationError(errors)
        return tuple(key)


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Say that there is no `kind` of this name, and which known one is nearest."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return _("There is no {kind} {name}. Did you mean {near}?").format(
            kind=kind, name=name, near=near[0]
        )
    return _("There is no {kind} {name}. Known are {names}.").format(
        kind=kind, name=name, names=_some(sorted(known))
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown}, …" if len(names) > 20 else shown or "–"
