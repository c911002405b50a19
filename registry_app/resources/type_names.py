"""The accepted names of entry-point types in a sheet: keys of the registry file, labels, words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils.translation import override

from registry_app.kinds import EntryPointType
from registry_app.resources.headings import folded

# Other words in lists that users keep by hand.
_ALSO: Mapping[EntryPointType, tuple[str, ...]] = {
    EntryPointType.TRAIN: ("훈련", "training"),
    EntryPointType.INFER: ("예측", "inference", "predict"),
    EntryPointType.QUANT: ("변환", "경량화", "quantization", "export"),
    EntryPointType.EVAL: ("검증", "evaluation"),
    EntryPointType.DATA: ("데이터", "전처리"),
    EntryPointType.DEMO: ("시연",),
}


def type_of(text: str) -> str:
    """Return the type that a cell names, ignoring case and blanks; the text itself for none."""
    return _types().get(folded(text), text)


def type_names() -> list[str]:
    """Return all accepted names, folded."""
    return list(_types())


def shown_types() -> list[str]:
    """Return all types, each with its label in the active language if that differs."""
    return [
        kind.value
        if folded(str(kind.label)) == folded(kind.value)
        else f"{kind.value} ({kind.label})"
        for kind in EntryPointType
    ]


@cache
def _types() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in EntryPointType:
        words = [kind.value, *_ALSO[kind]]
        for code, _name in settings.LANGUAGES:
            with override(code):
                words.append(str(kind.label))
        for word in words:
            found.setdefault(folded(word), kind.value)
    return found
