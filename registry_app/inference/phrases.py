"""Sentences that are kept as written in the code and shown in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from django.utils.translation import gettext


class Phrases:
    """Templates such as `read as {encoding}`, recognised again after they were filled in.

    `words` says how the present language calls what some of the places hold.
    """

    def __init__(
        self, templates: Iterable[str], *, words: Mapping[str, Callable[[str], str]] | None = None
    ) -> None:
        self._patterns = tuple((template, _pattern(template)) for template in templates)
        self._words = words or {}

    def shown(self, text: str) -> str | None:
        """Return a filled-in template in the present language, None if it is none of ours."""
        for template, pattern in self._patterns:
            found = pattern.fullmatch(text)
            if found:
                held = {
                    place: self._words[place](text) if place in self._words else text
                    for place, text in found.groupdict().items()
                }
                return gettext(template).format(**held)
        return None


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(
            f"(?P<{part}>.+)" if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
    )
