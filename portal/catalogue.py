"""The Korean catalogues: find the texts in code and templates, and check the translations.

Django's own `makemessages` needs the gettext programs; this does the same with Babel, so that a
machine without them can build, check and update the catalogues. There are two:

- CATALOGUE: the texts of the portal's own code and templates;
- LIBRARY_CATALOGUE: texts of libraries whose pages the portal shows and which have no Korean, and
  texts of Django with a better Korean than Django's. The latter are added to the file by hand; it
  comes first in LOCALE_PATHS. A text that the portal's own code has too is in CATALOGUE alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import NullTranslations, translation
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation import templatize

LOCALE = "ko"
CATALOGUE = Path("portal/locale/ko/LC_MESSAGES/django.po")
LIBRARY_CATALOGUE = Path("portal/library_locale/ko/LC_MESSAGES/django.po")
# Where user-visible texts are; tests and samples have none.
SOURCES = ("portal", "registry_app", "runs_app", "templates")
# Their pages are part of the portal.
LIBRARIES = frozenset({"unfold", "import_export", "simple_history"})
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Names and units that read the same in Korean.
SAME_IN_KOREAN = frozenset(
    {"GPU", "GPUs", "GuardianFlow", "MLflow", "SHA-256", "YAML", "CSV", "XLSX", "stdout", "stderr"}
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}")
# The particle after a value depends on how the value ends. Users would read both forms, so
# # such a sentence is built in another way.
_BOTH_PARTICLES = re.compile(r"을\(를\)|이\(가\)|은\(는\)|와\(과\)|\(으\)로")

MessageId = str | tuple[str, ...] | list[str]


@dataclass(frozen=True, kw_only=True)
class CatalogueProblem:
    """One text whose translation is missing or wrong."""

    text: str
    problem: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.text!r}"


def extract(base: Path) -> Catalog:
    """Return a catalogue of every text in the project under `base`, without translations."""
    catalog = Catalog(locale=LOCALE, project="GuardianFlow portal", fuzzy=False)
    for source in SOURCES:
        _extract_folder(catalog, base / source, base)
    return catalog


def extract_libraries(base: Path) -> Catalog:
    """Return a catalogue of the texts of libraries that need a Korean of the portal's.

    These are the untranslated ones, and those of `base`'s catalogue that a library still has.
    """
    own = extract(base)
    catalog = Catalog(locale=LOCALE, project="GuardianFlow portal", fuzzy=False)
    for message in library_texts():
        catalog.add(message.id, context=message.context)
    known = _translatable_ids()
    for message in load(base / LIBRARY_CATALOGUE):
        if (_key(message.id), message.context) in known:
            catalog.add(message.id, context=message.context)
    for message in own:
        if message.id and catalog.get(_key(message.id), message.context) is not None:
            catalog.delete(_key(message.id), message.context)
    return catalog


def _extract_folder(catalog: Catalog, folder: Path, base: Path) -> None:
    for path in [folder, *sorted(folder.rglob("*"))]:
        if (
            path.is_file()
            and path.suffix in {".py", ".html", ".txt"}
            and "migrations" not in path.parts
        ):
            _extract_file(catalog, path, path.relative_to(base).as_posix())


def _extract_file(catalog: Catalog, path: Path, name: str) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # The rest of the markup keeps its indentation, which Python would not accept.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=name).splitlines())
    options = {"encoding": "utf-8"}
    for line, function, ids, comments in extract_python(
        BytesIO(text.encode()), list(KEYWORDS), ["Translators:"], options
    ):
        message_id, context = _message_id(function, ids)
        if message_id:
            catalog.add(message_id, None, [(name, line)], auto_comments=comments, context=context)


def _message_id(function: str | None, ids: object) -> tuple[MessageId | None, str | None]:
    """Return the id and context of an extracted call; None if an argument is not a literal."""
    parts = [part for part in ids if part] if isinstance(ids, (tuple, list)) else [ids]
    if not all(isinstance(part, str) for part in parts) or not parts:
        return None, None
    texts = [str(part) for part in parts]
    if function in {"pgettext", "pgettext_lazy"} and len(texts) >= 2:
        return texts[1], texts[0]
    if function == "npgettext" and len(texts) >= 3:
        return (texts[1], texts[2]), texts[0]
    if function in {"ngettext", "ngettext_lazy"} and len(texts) >= 2:
        return (texts[0], texts[1]), None
    return texts[0], None


def library_texts() -> Iterator[Message]:
    """Yield the texts of the libraries in LIBRARIES that none of the installed apps translates."""
    catalog = Catalog(locale=LOCALE)
    for app in apps.get_app_configs():
        if app.name.split(".")[0] in LIBRARIES:
            base = Path(app.path)
            for part in sorted(base.iterdir()):
                if part.name != "contrib":  # each part in use is an app of its own
                    _extract_folder(catalog, part, base)
    known = _installed_translations()
    for message in catalog:
        if message.id and not any(_is_translated(message, catalogue) for catalogue in known):
            yield message


def _installed_translations() -> list[NullTranslations]:
    folders = [Path(django.__file__).parent / "conf" / "locale"]
    folders += [Path(app.path) / "locale" for app in apps.get_app_configs() if app.name != "portal"]
    return [translation("django", folder, [LOCALE], fallback=True) for folder in folders]


def _translatable_ids() -> set[tuple[str, str | None]]:
    """Return id and context of every text that Django and the installed apps can translate.

    Their English catalogues list the texts that have no Korean as well.
    """
    folders = [Path(django.__file__).parent / "conf" / "locale"]
    folders += [Path(app.path) / "locale" for app in apps.get_app_configs() if app.name != "portal"]
    files = [folder / "en" / "LC_MESSAGES" / "django.po" for folder in folders]
    return {
        (_key(message.id), message.context)
        for file in files
        for message in load(file)
        if message.id
    }


def _is_translated(message: Message, known: NullTranslations) -> bool:
    text = _key(message.id)
    if message.context:
        return known.pgettext(message.context, text) != text
    if isinstance(message.id, str):
        return known.gettext(text) != text
    singular, plural = _ids(message.id)
    return known.ngettext(singular, plural, 1) != text


def load(path: Path) -> Catalog:
    """Read the catalogue at `path`; an absent file is an empty catalogue."""
    if not path.exists():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def update(base: Path) -> None:
    """Update the catalogues of `base`: add new texts, remove those that are gone."""
    _update(base / CATALOGUE, extract(base), "# Korean texts of GuardianFlow portal.")
    if base == base_directory():
        _update(
            base / LIBRARY_CATALOGUE,
            extract_libraries(base),
            "# Korean texts of libraries: what they do not translate, and what reads better so.",
        )


def _update(path: Path, wanted: Catalog, title: str) -> None:
    catalog = load(path)
    catalog.update(wanted, no_fuzzy_matching=True, keep_user_comments=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = title
    catalog.project, catalog.version = "GuardianFlow portal", "1"
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = "GuardianFlow"
    with BytesIO() as buffer:
        write_po(buffer, catalog, width=100, omit_header=False, sort_output=True, no_location=True)
        written = _without_dates(buffer.getvalue().decode())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written, encoding="utf-8")


def _without_dates(text: str) -> str:
    """Drop the lines that would differ on every run."""
    return re.sub(
        r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By): .*\n', "", text, flags=re.MULTILINE
    )


def hidden_texts(text: str) -> Iterator[str]:
    """Yield the texts inside f-strings of Python code, where extraction does not find them."""
    for outer in ast.walk(ast.parse(text)):
        if isinstance(outer, ast.JoinedStr):
            for node in ast.walk(outer):
                match node:
                    case ast.Call(
                        func=ast.Name(id=name), args=[ast.Constant(value=str() as inner), *_]
                    ):
                        if name in KEYWORDS:
                            yield inner


def _hidden(base: Path) -> Iterator[CatalogueProblem]:
    for source in SOURCES:
        for path in sorted((base / source).rglob("*.py")):
            for text in hidden_texts(path.read_text(encoding="utf-8")):
                yield CatalogueProblem(text=text, problem=f"hidden in an f-string of {path.name}")


def check(base: Path) -> Iterator[CatalogueProblem]:
    """Yield every text of the project that has no Korean, or an invalid one."""
    yield from _hidden(base)
    yield from _check(load(base / CATALOGUE), extract(base))
    if base == base_directory():
        yield from _check(load(base / LIBRARY_CATALOGUE), extract_libraries(base))


def _check(catalog: Catalog, wanted: Catalog) -> Iterator[CatalogueProblem]:
    for message in wanted:
        if message.id:
            yield from _check_message(message, catalog.get(_key(message.id), message.context))
    for message in catalog:
        if message.id and wanted.get(_key(message.id), message.context) is None:
            yield CatalogueProblem(text=_key(message.id), problem="no longer used")


def _check_message(message: Message, translated: Message | None) -> Iterator[CatalogueProblem]:
    text = _key(message.id)
    strings = _strings(translated.string) if translated else []
    if translated is None or not strings or not all(strings):
        yield CatalogueProblem(text=text, problem="no translation")
        return
    if translated.fuzzy:
        yield CatalogueProblem(text=text, problem="fuzzy translation")
    for string in strings:
        if string == text and text not in SAME_IN_KOREAN and re.search(r"[A-Za-z]{2}", text):
            yield CatalogueProblem(text=text, problem="same as the original")
        if _BOTH_PARTICLES.search(string):
            yield CatalogueProblem(text=text, problem="two particles for one")
        if set(_PLACEHOLDER.findall(string)) - set(
            _PLACEHOLDER.findall(" ".join(_ids(message.id)))
        ):
            yield CatalogueProblem(text=text, problem="a placeholder that the original has not")
        elif set(_PLACEHOLDER.findall(_ids(message.id)[-1])) != set(_PLACEHOLDER.findall(string)):
            yield CatalogueProblem(text=text, problem="a placeholder is missing")


def _ids(message_id: MessageId) -> list[str]:
    return [message_id] if isinstance(message_id, str) else list(message_id)


def _key(message_id: MessageId) -> str:
    return _ids(message_id)[0]


def _strings(string: object) -> list[str]:
    return [string] if isinstance(string, str) else [str(part) for part in (string or ())]  # type: ignore[attr-defined]


def base_directory() -> Path:
    """Return the folder that holds manage.py."""
    return Path(settings.BASE_DIR)
