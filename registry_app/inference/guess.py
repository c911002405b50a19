"""A value guessed by the scan, with its confidence and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from registry_app.document.model import Evidence
from registry_app.messages import Message
from registry_app.words import Confidence

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Guess(Generic[T]):
    """`source` is `file:line`, or the name of a file or directory."""

    value: T
    confidence: Confidence
    source: str
    reason: tuple[Message, ...]

    @property
    def evidence(self) -> Evidence:
        return Evidence(confidence=str(self.confidence), source=self.source, reason=self.reason)
