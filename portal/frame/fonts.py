"""Reduce the theme's fonts to what pages show: 750 KB become some 75 KB.

Hangul is in none of them: it comes from the fonts of the reader's system.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable

from portal.frame.icons import ICONS

_ICON_FONT = "unfold/fonts/material-symbols/Material-Symbols-Outlined.woff2"
_TEXT_FONTS = frozenset(
    f"unfold/fonts/inter/Inter-{weight}.woff2"
    for weight in ("Regular", "Medium", "SemiBold", "Bold")
)
# The names, as static files, of the fonts that `reduce` knows.
REDUCED = _TEXT_FONTS | {_ICON_FONT}

# ASCII, Latin-1, and punctuation, arrows and signs of our texts.
_CHARACTERS = frozenset(
    [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2028), *range(0x2190, 0x2196)]
) | frozenset(map(ord, "‰′″‹›€₩™−≈≠≤≥★☆✓✕▲▼△▽●○■□"))
# Kerning, digits of one width, and marks at their letters.
_TEXT_FEATURES = ["kern", "tnum", "ccmp", "locl", "mark", "mkmk"]
# The theme writes the name of an icon; this feature of the font replaces it by the icon.
_ICON_FEATURES = ["rlig"]


def recipe() -> bytes:
    """Return what the reduced fonts depend on besides the theme's own, as a digest."""
    parts = [*sorted(ICONS), *map(chr, sorted(_CHARACTERS)), *_TEXT_FEATURES, *_ICON_FEATURES]
    return hashlib.sha256("\n".join(parts).encode()).digest()


def reduce(name: str, font: bytes) -> bytes:
    """Return the WOFF2 font `name` with only the glyphs that pages show.

    Raises KeyError for an icon that the font does not have.
    """
    return _icons(font, ICONS) if name == _ICON_FONT else _text(font)


def icons_of(font: bytes) -> dict[str, str]:
    """Return the glyph of each icon of an icon font, by the icon's name."""
    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(font)) as opened:
        letters = {glyph: chr(code) for code, glyph in opened.getBestCmap().items() if code < 128}
        return {
            "".join(letters[glyph] for glyph in (first, *ligature.Component)): ligature.LigGlyph
            for lookup in opened["GSUB"].table.LookupList.Lookup
            for table in lookup.SubTable
            for first, ligatures in table.ligatures.items()
            for ligature in ligatures
        }


def _icons(font: bytes, names: Iterable[str]) -> bytes:
    glyphs = icons_of(font)
    return _subset(
        font,
        _ICON_FEATURES,
        glyphs=[glyphs[name] for name in sorted(names)],
        text="".join(sorted(set("".join(names)))),
        # Else every icon that can be written with the kept letters would be kept.
        layout_closure=False,
    )


def _text(font: bytes) -> bytes:
    return _subset(font, _TEXT_FEATURES, unicodes=sorted(_CHARACTERS))


def _subset(
    font: bytes, features: list[str], *, layout_closure: bool = True, **kept: object
) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        flavor="woff2",
        layout_features=features,
        layout_closure=layout_closure,
        hinting=False,
        drop_tables=[*subset.Options._drop_tables_default, "FFTM"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(**kept)
    # The same font from the same input: its hash is part of its name.
    with TTFont(io.BytesIO(font), recalcTimestamp=False) as opened:
        subsetter.subset(opened)
        opened.flavor = "woff2"
        reduced = io.BytesIO()
        opened.save(reduced)
    return reduced.getvalue()
