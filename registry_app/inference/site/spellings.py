"""Find known customers under any spelling in a name or a note.

동화엔텍, Donghwa-Entec, DONGHWA ENTECH and (주)동화엔텍 are the same. Names are equal if their
Revised Romanisation is equal. They sound alike if a coarse form of it is equal, which unifies
sounds with several common romanisations (k and c, eo and u).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from registry_app.inference.site.hangul import romanised

# How Koreans write Latin letters in Hangul: 에스케이 is SK. Longer ones first.
_LETTERS = {
    "더블유": "w", "에이치": "h", "에이": "a", "에프": "f", "아이": "i", "제이": "j",
    "케이": "k", "에스": "s", "브이": "v", "엑스": "x", "와이": "y", "제트": "z",
    "비": "b", "씨": "c", "시": "c", "디": "d", "이": "e", "지": "g", "엘": "l", "엠": "m",
    "엔": "n", "오": "o", "피": "p", "큐": "q", "알": "r", "티": "t", "유": "u",
}  # fmt: skip
_SPELLED = re.compile("(?:" + "|".join(_LETTERS) + "){2,4}")
_LEGAL_FORM = re.compile(
    r"주식회사|유한회사|\(주\)|㈜|\(유\)|\b(?:co\.?,?\s*ltd\.?|ltd\.?|inc\.?|corp\.?|gmbh|llc)(?!\w)",
    re.IGNORECASE,
)
_PARTICLE = re.compile(r"(?<=[가-힣]{2})(?:에서|으로|은|는|이|가|의|에|와|과|을|를|로|용|향|측)$")
# Sounds that only some writers distinguish; applied in this order.
_COARSE = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ch$", "k"), (r"tch|ch|z", "j"), (r"sh", "s"), (r"ph", "p"), (r"th", "t"),
        (r"kh|ck|q", "k"), (r"y(?![aeiou])", "i"),
        (r"x", "ks"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"eu", ""), (r"oo|eo|u", "o"),
        (r"ae|ai|oe|ee|e|ui", "i"), (r"f|b|v", "p"), (r"g", "k"), (r"d", "t"), (r"l", "r"),
        (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
SHORTEST_COARSE = 5
MAX_WORDS = 5
LONGEST = 100


@dataclass(frozen=True, kw_only=True)
class KnownCustomer:
    """A customer of the registry: its short name, other spellings, and its watched sites.

    `is_certain` is false for one that was guessed from a single directory's name and that no
    person confirmed: its name may be no customer at all.
    """

    name: str
    spellings: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    plants: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    is_certain: bool = True


@dataclass(frozen=True, kw_only=True)
class Match:
    """The customer named by the words from `begin` to before `end`, and whether exactly."""

    customer: KnownCustomer
    begin: int
    end: int
    is_exact: bool
    spelling: str


class Spellings:
    """Customers by the forms of their names, so that the cost of a lookup does not depend on the
    number of customers.
    """

    def __init__(self, customers: Sequence[KnownCustomer]) -> None:
        self._plain: dict[str, list[KnownCustomer]] = {}
        self._coarse: dict[str, list[tuple[KnownCustomer, str]]] = {}
        self._most_words = 1
        for customer in customers:
            for spelling in filter(None, (customer.name, *customer.spellings)):
                plain, coarse = forms(spelling)
                for form in plain:
                    self._plain.setdefault(form, []).append(customer)
                for form in coarse:
                    self._coarse.setdefault(form, []).append((customer, spelling))
                count = len(re.findall(r"[^\W_]+", spelling))
                self._most_words = max(self._most_words, min(count + 1, MAX_WORDS))

    def find(self, words: Sequence[str]) -> Match | None:
        """Return the customer with the longest match; None if it is ambiguous."""
        found = [
            match for begin, end in self._spans(len(words)) for match in self._of(words, begin, end)
        ]
        if not found:
            return None
        best = max(found, key=_rank)
        rivals = {hit.customer.name for hit in found if _rank(hit) == _rank(best)}
        return best if len(rivals) == 1 else None

    def _spans(self, count: int) -> Iterator[tuple[int, int]]:
        for begin in range(count):
            for end in range(begin + 1, min(begin + self._most_words, count) + 1):
                yield begin, end

    def _of(self, words: Sequence[str], begin: int, end: int) -> Iterator[Match]:
        written = " ".join(words[begin:end])
        if len(written) > LONGEST:
            return
        plain, coarse = forms(written)
        exact = [customer for form in plain for customer in self._plain.get(form, ())]
        alike = [
            customer
            for form in coarse
            for customer, spelling in self._coarse.get(form, ())
            if _may_sound(written, spelling)
        ]
        for customer in exact or alike:
            yield Match(
                customer=customer,
                begin=begin,
                end=end,
                is_exact=bool(exact),
                spelling=written,
            )


def same_name(written: str, name: str) -> bool:
    """Whether two spellings are the same name."""
    return bool(forms(written)[0] & forms(name)[0])


def words_of_line(line: str) -> list[str]:
    """Return the words of a line of text, without the particles of Korean words."""
    words = re.findall(r"[\w&]+", _LEGAL_FORM.sub(" ", line))
    return [_PARTICLE.sub("", word) for word in words]


def _rank(match: Match) -> tuple[int, bool]:
    return (len(match.spelling), match.is_exact)


def _may_sound(one: str, other: str) -> bool:
    """Whether two spellings may sound alike; in the same script, they must begin alike."""
    return one.isascii() != other.isascii() or one[:1].lower() == other[:1].lower()


@lru_cache(maxsize=4096)
def forms(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the exact forms of a name, and the coarse forms for names that sound alike."""
    own = _LEGAL_FORM.sub(" ", text).lower()
    latin = _SPELLED.sub(lambda match: _as_letters(match[0]), own)
    variants = {
        _plain(romanised(spelling, by_sound=by_sound))
        for spelling, by_sound in itertools.product({own, latin}, (True, False))
    } - {""}
    coarse = {_coarse(variant) for variant in variants}
    return frozenset(variants), frozenset(form for form in coarse if len(form) >= SHORTEST_COARSE)


def _as_letters(text: str) -> str:
    return re.sub("|".join(_LETTERS), lambda match: _LETTERS[match[0]], text)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text)


def _coarse(plain: str) -> str:
    for pattern, sound in _COARSE:
        plain = pattern.sub(sound, plain)
    return plain
