"""Collecting static files: fonts of the theme are served reduced, under a name with their hash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from portal import assets
from portal.frame import fonts

FONT = "unfold/fonts/inter/Inter-Regular.woff2"
BACKEND = "portal.frame.static_files.PortalStaticFiles"


def collect(settings: Settings, folder: Path, font: bytes) -> Path:
    """Collect one font and one other file; return where they are served from."""
    source = folder / "source" / FONT
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(font)
    (source.parent / "styles.css").write_text('@font-face { src: url("Inter-Regular.woff2") }')
    settings.STATICFILES_DIRS = [folder / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = folder / "build" / "static"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": BACKEND}}
    settings.LOCALE_PATHS = []
    assert assets.build()
    return folder / "build" / "static"


def served(root: Path, name: str) -> Path:
    names = json.loads((root / "staticfiles.json").read_text())["paths"]
    return root / str(names[name])


def test_a_font_is_served_reduced_and_styles_name_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "reduce", lambda name, font: font[:3])
    root = collect(settings, tmp_path, b"a whole font")
    font = served(root, FONT)
    assert font.read_bytes() == b"a w"
    assert font.name in served(root, "unfold/fonts/inter/styles.css").read_text()
    # A second build, of a changed font, begins with the font and not with what was made of it.
    root = collect(settings, tmp_path, b"the font of the next version")
    assert served(root, FONT).read_bytes() == b"the"
