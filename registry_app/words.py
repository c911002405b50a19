"""Enumerations with labels, for readers of directories too: nothing here imports Django.

Labels are stored in English and translated when they are shown.
"""

from __future__ import annotations

from enum import EnumType, StrEnum
from typing import Any, Self

from registry_app.messages import marked as _

# The ways to start a script that are one word; the rule is `arguments.starts`.
STARTS_OF_ONE_WORD = ("", "script", "module", "torchrun", "accelerate")
START_OF_FUNCTION = "callable:"
MAX_START = 200


class _WordsType(EnumType):
    """The interface of Django's TextChoices, so that these sets can be a column's choices."""

    @property
    def values(cls) -> list[str]:
        return [value for value, _label in cls.choices]

    @property
    def choices(cls) -> list[tuple[str, Any]]:
        """Return value and label of each word, for columns and forms."""
        words: list[Any] = list(cls.__members__.values())
        return [(str(word), word.label) for word in words]


class Words(StrEnum, metaclass=_WordsType):
    """An enumeration; each member has a value and an English label."""

    english: str

    def __new__(cls, value: str, english: str = "") -> Self:
        word: Self = str.__new__(cls, value)
        word._value_ = value
        word.english = english
        return word

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    @property
    def label(self) -> Any:
        """Return the label in the reader's language."""
        from django.utils.translation import gettext_lazy

        return gettext_lazy(self.english)


class Confidence(Words):
    """How far a guess of the scan can be trusted."""

    SURE = "sure", _("Sure")
    LIKELY = "likely", _("Likely")
    UNSURE = "unsure", _("Unsure")


class ScriptLaunch(Words):
    """How a script starts its work."""

    MAIN_GUARD = "main_guard", _("Main guard")
    TOP_LEVEL = "top_level", _("Top-level body")
    PACKAGE_MAIN = "package_main", _("Package main")
    NOTEBOOK = "notebook", _("Notebook")
    SHELL = "shell", _("Shell launcher")
    BATCH = "batch", _("Batch launcher")
    CONSOLE_SCRIPT = "console_script", _("Console script")
    LIBRARY = "library", _("Library module")
