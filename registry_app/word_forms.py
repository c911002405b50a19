"""The form in which a word of the vocabulary is kept, and what cannot be such a word."""

from __future__ import annotations

import re
import unicodedata

from registry_app.messages import Message
from registry_app.texts import vocabulary as texts

MAX_WORD = 50
MIN_WORD = 2
# Latin words are looked for alone and in pairs.
MAX_PARTS = 2
KOREAN, ENGLISH = "ko", "en"
LATIN_PART = re.compile(r"[a-z]+[0-9]*")
_SEPARATORS = re.compile(r"[\s_\-]+")
_NO_SIGN = re.compile(r"[^a-z0-9가-힣]")


def joined_word(word: str) -> str:
    """Return a word as it is looked up: composed, in lower case, without blanks and hyphens."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFC", word).casefold())


def word_problem(written: str) -> Message | None:
    """Return why a word could never be found in a name or a text, None if it could."""
    word = joined_word(written)
    if not MIN_WORD <= len(word) <= MAX_WORD:
        return _problem_of_length(word)
    strange = list(dict.fromkeys(_NO_SIGN.findall(word)))
    if strange:
        return texts.WORD_SIGNS(signs=[_visible(sign) for sign in strange])
    if word[0].isdecimal():
        return texts.WORD_BEGINS(word=word)
    if word.isascii() and len(parts_of(written)) > MAX_PARTS:
        return texts.WORD_PARTS(word=word)
    return None


def _problem_of_length(word: str) -> Message:
    if not word:
        return texts.WORD_MISSING()
    if len(word) > MAX_WORD:
        return texts.WORD_TOO_LONG(most=MAX_WORD)
    return texts.WORD_TOO_SHORT(word=_visible(word))


def parts_of(written: str) -> list[str]:
    """Return the Latin words that a text is read as: `h2s sensor` as h2, s and sensor."""
    return LATIN_PART.findall(written.casefold())


def language_of(word: str) -> str:
    """Return the language that the letters of a word show."""
    return ENGLISH if word.isascii() else KOREAN


def is_plain_text(text: str) -> bool:
    """Whether a text has no control or formatting characters, such as right-to-left marks."""
    return text.isprintable()


def _visible(text: str) -> str:
    return "".join(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in text)
