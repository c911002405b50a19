"""Transcribe Hangul to Latin letters by South Korea's Revised Romanisation of 2000.

Sound changes between syllables are applied, as the system requires (독립 is dongnip), or not, as
many people write.
"""

from __future__ import annotations

_FIRST = 0xAC00
_LAST = 0xD7A3
_INITIALS = ("g kk n d tt r m b pp s ss  j jj ch k t p h").split(" ")
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
# Romanised finals: before a vowel, and alone or before a consonant.
_BEFORE_VOWEL = (
    ",g,kk,ks,n,nj,n,d,r,lg,lm,lb,ls,lt,lp,r,m,b,ps,s,ss,ng,j,ch,k,t,p,".split(",")
)  # fmt: skip
_CLOSED = ",k,k,k,n,n,n,t,l,k,m,l,l,l,p,l,m,p,p,t,t,ng,t,t,k,t,p,t".split(",")
_BORDERS = {
    ("k", "n"): "ngn", ("k", "m"): "ngm", ("k", "r"): "ngn",
    ("t", "n"): "nn", ("t", "m"): "nm", ("t", "r"): "nn",
    ("p", "n"): "mn", ("p", "m"): "mm", ("p", "r"): "mn",
    ("n", "r"): "ll", ("l", "n"): "ll", ("l", "r"): "ll",
    ("m", "r"): "mn", ("ng", "r"): "ngn",
}  # fmt: skip
_H_FINALS = frozenset({6, 15, 27})
_AFTER_H = {"g": "k", "d": "t", "j": "ch"}
_PALATAL = {"d": "j", "t": "ch", "lt": "lch"}
_I = _VOWELS.index("i")


def romanised(text: str, *, by_sound: bool = True) -> str:
    """Return a text with its Hangul in Latin letters; everything else is unchanged."""
    syllables = [_split(sign) for sign in text]
    written: list[str] = []
    for place, sign in enumerate(text):
        parts = syllables[place]
        if parts is None:
            written.append(sign)
            continue
        before = syllables[place - 1] if place else None
        after = syllables[place + 1] if place + 1 < len(text) else None
        if before is None or not by_sound:
            written.append(_INITIALS[parts[0]])
        written.append(_VOWELS[parts[1]])
        if after is None or not by_sound:
            written.append(_CLOSED[parts[2]])
        else:
            written.append(_border(parts[2], after))
    return "".join(written)


def _split(sign: str) -> tuple[int, int, int] | None:
    """Return the indexes of a syllable's initial, vowel and final."""
    if not _FIRST <= ord(sign) <= _LAST:
        return None
    number = ord(sign) - _FIRST
    return number // 588, number % 588 // 28, number % 28


def _border(final: int, after: tuple[int, int, int]) -> str:
    """Return a final and the following initial with sound changes applied."""
    initial = _INITIALS[after[0]]
    if not initial:
        moved = _BEFORE_VOWEL[final]
        return _PALATAL.get(moved, moved) if after[1] == _I else moved
    if final in _H_FINALS and initial in _AFTER_H:
        closed = {6: "n", 15: "l"}.get(final, "")
        return closed + _AFTER_H[initial]
    closed = _CLOSED[final]
    return _BORDERS.get((closed, initial), closed + initial)
