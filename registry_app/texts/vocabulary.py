"""What is wrong with a word of the vocabulary."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

WORD_MISSING = TEXTS.add("word_missing", _("A word is missing."))
WORD_TOO_LONG = TEXTS.add("word_too_long", _("A word has at most {most} characters."))
WORD_TOO_SHORT = TEXTS.add(
    "word_too_short", _("“{word}” is too short: a word has at least two characters.")
)
WORD_SIGNS = TEXTS.add(
    "word_signs", _("A word consists of Hangul, Latin letters and digits, not of {signs}.")
)
WORD_BEGINS = TEXTS.add(
    "word_begins", _("“{word}” begins with a digit; a word begins with a letter.")
)
WORD_PARTS = TEXTS.add(
    "word_parts",
    _("“{word}” has more than two parts. Latin words are looked for alone and in pairs."),
)
WORD_TWICE = TEXTS.add("word_twice", _("{word} and {other} are the same word."))
WORD_NEEDS_TASK = TEXTS.add(
    "word_needs_task",
    _('{where} has no key task. Write "" for a word that says nothing.'),
)
NO_LANGUAGE = TEXTS.add("word_no_language", _("{where} must be ko or en."))
TEXT_SIGNS = TEXTS.add("word_text_signs", _("A task or note holds no invisible characters."))
