"""The served fonts: everything that pages show, and little else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import unfold
from django.conf import settings
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

from portal.frame import fonts
from portal.frame.icons import ICONS
from portal.unfold import NAVIGATION

ICON_FONT = "unfold/fonts/material-symbols/Material-Symbols-Outlined.woff2"
TEXT_FONT = "unfold/fonts/inter/Inter-Regular.woff2"
# An icon as text of its element, and as the argument of an action.
IN_TEMPLATE = re.compile(r"material-symbols-outlined[^<>]*>\s*([a-z0-9_]+)\s*<")
IN_CODE = re.compile(r"""icon"?\s*[:=]\s*"([a-z0-9_]+)\"""")
# The theme's editor of formatted text, which no form has.
UNUSED = "unfold/forms/helpers/toolbar.html"


def original(name: str) -> bytes:
    found = finders.find(name)
    assert isinstance(found, str)
    return Path(found).read_bytes()


def texts() -> Iterator[str]:
    """Our code and templates, and those of the theme."""
    own = [Path(settings.BASE_DIR, name) for name in ("portal", "registry_app", "runs_app")]
    for folder in (*own, Path(settings.BASE_DIR, "templates"), Path(unfold.__file__).parent):
        for file in folder.rglob("*"):
            if file.suffix in {".html", ".py"} and UNUSED not in str(file):
                yield file.read_text(encoding="utf-8")


def named_in_code() -> set[str]:
    found = {name for text in texts() for name in IN_TEMPLATE.findall(text) + IN_CODE.findall(text)}
    return found | {item["icon"] for group in NAVIGATION for item in group["items"]}


def test_every_icon_of_a_page_is_in_the_served_font() -> None:
    known = fonts.icons_of(original(ICON_FONT))
    missing = {name for name in named_in_code() if name in known} - ICONS
    assert not missing, f"add to portal/frame/icons.py: {sorted(missing)}"


@pytest.mark.proof
def test_the_icon_font_has_the_listed_icons_alone_and_is_always_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its hash is part of its name, which browsers keep."""
    before = original(ICON_FONT)
    glyphs = fonts.icons_of(before)
    kept = {glyphs[name] for name in ICONS}
    after = fonts.reduce(ICON_FONT, before)
    names = set(fonts.icons_of(after))
    assert set(ICONS) <= names <= {name for name in glyphs if glyphs[name] in kept}
    assert len(after) < len(before) / 30
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert fonts.reduce(ICON_FONT, before) == after


@pytest.mark.proof
def test_a_text_font_has_figures_of_one_width_and_our_signs() -> None:
    after = fonts.reduce(TEXT_FONT, original(TEXT_FONT))
    with TTFont(io.BytesIO(after)) as font:
        characters = set(font.getBestCmap())
        features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert set(map(ord, "aZ09é·…→≠")) <= characters
    assert ord("Ж") not in characters
    assert "tnum" in features
    assert len(after) < 20_000


def test_another_list_of_icons_is_another_build(monkeypatch: pytest.MonkeyPatch) -> None:
    before: Any = fonts.recipe()
    monkeypatch.setattr(fonts, "ICONS", ICONS | {"rocket"})
    assert fonts.recipe() != before
