"""Building static files and translations: what changed, and nothing else."""

from __future__ import annotations

import gettext
import os
import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from portal import assets

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: ko\\n"

msgid "Scan now"
msgstr "{translation}"
"""


@pytest.fixture(autouse=True)
def source(settings: Settings, tmp_path: Path) -> Path:
    """One static file and one catalogue, with every output below the test's folder."""
    static, locale = tmp_path / "static", tmp_path / "locale"
    static.mkdir()
    (static / "portal.css").write_text("body { color: black }")
    (locale / "ko" / "LC_MESSAGES").mkdir(parents=True)
    settings.STATICFILES_DIRS = [static]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path / "build" / "static"
    settings.LOCALE_PATHS = [locale]
    translate(tmp_path, "지금 검사")
    return tmp_path


def translate(source: Path, translation: str) -> Path:
    catalogue = source / "locale" / "ko" / "LC_MESSAGES" / "django.po"
    catalogue.write_text(CATALOGUE.format(translation=translation), encoding="utf-8")
    return catalogue


def built(source: Path) -> set[str]:
    return {path.name for path in (source / "build" / "static").iterdir()}


def test_a_first_build_collects_and_compiles(source: Path) -> None:
    assert assets.build()
    assert "staticfiles.json" in built(source)
    assert [name for name in built(source) if name.startswith("portal.") and name.count(".") == 2]
    compiled = source / "locale" / "ko" / "LC_MESSAGES" / "django.mo"
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Scan now") == "지금 검사"
    assert compiled.stat().st_mode & 0o777 == 0o644


def test_nothing_is_built_where_nothing_changed(source: Path) -> None:
    assets.build()
    manifest = source / "build" / "static" / "staticfiles.json"
    before = manifest.stat().st_mtime_ns
    assert not assets.build()
    assert manifest.stat().st_mtime_ns == before


def test_a_changed_file_is_built_and_the_old_one_stays_for_open_pages(source: Path) -> None:
    assets.build()
    before = built(source)
    (source / "static" / "portal.css").write_text("body { color: darkblue }")
    assert assets.build()
    assert before < built(source)


def test_a_changed_translation_is_compiled(source: Path) -> None:
    assets.build()
    catalogue = translate(source, "지금 스캔")
    later = catalogue.with_suffix(".mo").stat().st_mtime_ns + 1
    os.utime(catalogue, ns=(later, later))
    assert assets.compile_messages()
    with catalogue.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Scan now") == "지금 스캔"
    assert not assets.compile_messages()


def test_a_folder_that_may_not_be_written_is_named_with_what_to_do(
    source: Path, settings: Settings
) -> None:
    settings.STATIC_ROOT = Path("/proc/nothing-is-made-here/static")
    with pytest.raises(assets.NotBuiltError, match="`make setup` as the user that owns it"):
        assets.build()


def test_what_is_built_already_is_not_written_to(source: Path) -> None:
    """So a user who may not write into the checkout can serve it."""
    assets.build()
    (source / "build" / "assets.lock").unlink()
    assert not assets.build()
    assert not (source / "build" / "assets.lock").exists()


def test_a_build_that_was_removed_is_made_again(source: Path) -> None:
    assets.build()
    shutil.rmtree(source / "build" / "static")
    assert assets.build()
    assert "staticfiles.json" in built(source)
