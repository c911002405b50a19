"""Store messages for the next page, with unsafe characters of file names made visible."""

from __future__ import annotations

from typing import Any

from django.contrib.messages.storage.fallback import FallbackStorage
from django.utils.safestring import SafeData, mark_safe

from registry_app.files.visible import visible


class VisibleMessages(FallbackStorage):
    """Django's storage, with characters that hide or reorder text replaced."""

    def add(self, level: int, message: Any, extra_tags: str | None = "") -> None:
        """Queue a message; HTML stays HTML, because the replacements contain none."""
        text = visible(str(message), keep="\n\t")
        kept = mark_safe(text) if isinstance(message, SafeData) else text  # noqa: S308
        super().add(level, kept, extra_tags)
