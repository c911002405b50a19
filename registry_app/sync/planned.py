"""The plan of a sync: both sides read and merged, and the file that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.exceptions import RegistryFileError
from registry_app.files import interpreter_check
from registry_app.messages import in_a_row
from registry_app.models import SyncedFile
from registry_app.sync.content import NewFile, new_file
from registry_app.sync.errors import SyncError
from registry_app.sync.identity import place_text
from registry_app.sync.merge import merge
from registry_app.sync.objects import Answer, Key, Merged
from registry_app.sync.place import Content, Place
from registry_app.sync.sides import Sides, read_file, read_sections, read_sides
from registry_app.sync.waiting import (
    Stored,
    agreed_by_merge,
    kept_values,
    proposed_of,
    without_file_changes,
    written_fields,
)
from registry_app.sync.wanted import same_field
from registry_app.texts import sync as texts


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The plan that follows from the current state of both sides."""

    new: NewFile
    sides: Sides
    # Customers and the vocabulary.
    sections: Sides
    merged: Merged
    merged_sections: Merged

    @property
    def open_keys(self) -> set[Key]:
        both = (*self.merged.questions, *self.merged_sections.questions)
        return {(entry.id, entry.field) for entry in both}

    @property
    def portal_changes(self) -> bool:
        return (self.merged.portal, self.merged_sections.portal) != (
            self.sides.portal,
            self.sections.portal,
        )

    @property
    def written(self) -> dict[str, dict[str, Any]]:
        """The values that the file gets, by id and field."""
        return written_fields(self.sides.file, self.merged.file) | written_fields(
            self.sections.file, self.merged_sections.file
        )

    def still_proposed(self, stored: Stored) -> dict[str, Any]:
        """Return what is remembered of values that were proposed before (`waiting`)."""
        return kept_values(
            stored,
            {**self.sides.known, **self.sections.known},
            {**self.sides.file, **self.sections.file},
        )

    @property
    def only_from_file(self) -> tuple[Merged, Merged]:
        """The merges without what they would change in the file."""
        return (
            without_file_changes(self.merged, self.sides.file),
            without_file_changes(self.merged_sections, self.sections.file),
        )

    @property
    def reasons(self) -> dict[Key, str]:
        """Why values cannot be written into the file, by their keys."""
        return {
            key: f"line {entry.line}: {entry.reason}" if entry.line else str(entry.reason)
            for key, entry in self.new.refused.items()
        }


def planned(
    registry: SyncedFile, content: Content, place: Place, answers: Mapping[Key, Answer]
) -> Plan:
    """Return the plan for the file as it was read; raises SyncError if that is not valid."""
    try:
        file = read_file(content.data)
    except RegistryFileError as error:
        text = texts.FILE_INVALID(file=place.whose(content), problems=error.message)
        raise SyncError(text) from error
    if not content.data.strip() and registry.links.exists():
        raise SyncError(texts.FILE_EMPTY(file=place.whose(content)))
    sides, sections = read_sides(registry, file), read_sections(registry, file)
    proposed = proposed_of(registry.proposed_values)
    known, known_sections = sides.known, sections.known
    if registry.proposed and place.has({"commit": registry.proposed}):
        known = agreed_by_merge(known, registry.proposed_values)
        known_sections = agreed_by_merge(known_sections, registry.proposed_values)
    refused: dict[Key, Any] = {}
    while True:
        held = set(refused)
        merged = merge(
            known,
            sides.file,
            sides.portal,
            answers=answers,
            weak=sides.weak,
            held=held,
            proposed=proposed,
            reserved=sides.archived,
            place_of=place_text,
        )
        merged_sections = merge(
            known_sections,
            sections.file,
            sections.portal,
            answers=answers,
            held=held,
            proposed=proposed,
        )
        new = new_file(file, sides, merged, merged_sections)
        if not set(new.refused) - held:
            break
        refused |= new.refused
    _refuse_interpreters(sides, merged)
    return Plan(
        new=NewFile(data=new.data, refused=refused),
        sides=sides,
        sections=sections,
        merged=merged,
        merged_sections=merged_sections,
    )


def _refuse_interpreters(sides: Sides, merged: Merged) -> None:
    """Refuse interpreters that are not listed: a file may come from those who may not run."""
    written = {
        entry["name"]: {
            name: value
            for name, value in entry.items()
            if not same_field(name, sides.portal.get(id_, {}).get(name), value)
        }
        for id_, entry in merged.portal.items()
    }
    paths = {entry["name"]: entry["path"] for entry in merged.portal.values()}
    found = list(interpreter_check.plan_problems(written, paths, anywhere=False))
    if found:
        raise SyncError(in_a_row(message.at(f"{name}.{field}") for name, field, message in found))
