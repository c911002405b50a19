"""Writes a registry document, always in the same form, so that git shows only what changed."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import yaml

from registry_app.choices import EntryPointType
from registry_app.document.model import (
    CustomerDocument,
    EntryPointDocument,
    ExperimentDocument,
    RegistryDocument,
)

_NO_WRAP = 2**31 - 1


class _Flow(list[Any]):
    """A list written in one line: [a, b]."""


class _Quoted(str):
    """A text always written in double quotes, as it is full of signs that YAML knows."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes our two kinds, and texts of several lines as blocks; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    _Flow,
    lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True),
)
_Dumper.add_representer(
    _Quoted,
    lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", str(data), style='"'),
)
_Dumper.add_representer(
    str,
    lambda dumper, data: dumper.represent_scalar(
        "tag:yaml.org,2002:str", data, style="|" if "\n" in data else None
    ),
)


def dump(document: RegistryDocument) -> str:
    """Return the document as YAML: experiments by name, keys in the order of the format.

    Only what says something is written; the text ends with one newline.
    """
    text: str = yaml.dump(
        _data(document), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_NO_WRAP
    )
    return text


def plain(document: RegistryDocument) -> dict[str, Any]:
    """Return the document as plain mappings, lists and values, with the keys of the file."""
    data: dict[str, Any] = yaml.load(dump(document), Loader=yaml.SafeLoader)
    return data


def dump_plain(data: dict[str, Any]) -> str:
    """Return plain values as YAML in the order that they have."""
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_NO_WRAP)
    return text


def _customer(one: CustomerDocument) -> dict[str, Any]:
    said = {"display_name": one.display_name, "aliases": _Flow(one.aliases or ())}
    return {key: value for key, value in said.items() if value}


def _data(document: RegistryDocument) -> dict[str, Any]:
    data: dict[str, Any] = {}
    named = [one for one in document.customers if one.display_name or one.aliases]
    if named:
        data["customers"] = {one.name: _customer(one) for one in named}
    experiments = sorted(document.experiments, key=lambda one: one.name)
    data["experiments"] = {one.name: _experiment(one) for one in experiments}
    return data


def _experiment(one: ExperimentDocument) -> dict[str, Any]:
    return _said(
        path=one.path,
        site=_said(
            customer=one.site.customer,
            region=one.site.region,
            plant=one.site.plant,
            zone=one.site.zone,
        ),
        task=_said(type=one.task.type, classes=_Flow(one.task.classes or ())),
        entry_points=_said(
            **{
                kind: _entry_point(one.entry_points[kind])
                for kind in EntryPointType.values
                if kind in one.entry_points
            }
        ),
        stage=one.stage,
        owner=one.owner,
        notes=one.notes,
        aliases=_Flow(one.aliases or ()),
    )


def _entry_point(one: EntryPointDocument) -> dict[str, Any]:
    written = _said(
        default=one.default,
        patterns=_Flow(_Quoted(pattern) for pattern in one.patterns or ()),
        args_template=_Quoted(one.args_template or ""),
        parameters=[_parameter(row.to_json(curated_only=True)) for row in one.parameters or ()],
        interpreter=one.interpreter,
    )
    resources = {
        field.name: value
        for field in fields(one.resources)
        if (value := getattr(one.resources, field.name)) is not None
    }
    return written | ({"resources": resources} if resources else {})


def _parameter(row: dict[str, Any]) -> dict[str, Any]:
    return {key: _Flow(value) if isinstance(value, list) else value for key, value in row.items()}


def _said(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}
