"""Every text that people see has a Korean translation that can be right."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from portal import catalogue

PO_HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one text in code and one in a template."""
    for source in catalogue.SOURCES:
        (tmp_path / source).mkdir()
    (tmp_path / "portal/words.py").write_text('label = _("Run {name} now")\n', encoding="utf-8")
    (tmp_path / "templates/page.html").write_text(
        "{% load i18n %}<b>{% translate 'Nothing here yet' %}</b>", encoding="utf-8"
    )
    return tmp_path


def write_catalogue(project: Path, entries: str) -> None:
    path = project / catalogue.CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PO_HEADER + entries, encoding="utf-8")


def problems(project: Path) -> list[str]:
    return [str(problem) for problem in catalogue.check(project)]


def test_texts_of_code_and_templates_are_found(project: Path) -> None:
    found = {message.id for message in catalogue.extract(project) if message.id}
    assert found == {"Run {name} now", "Nothing here yet"}


def test_texts_in_indented_blocks_of_a_template_are_found(project: Path) -> None:
    (project / "templates/page.html").write_text(
        "{% load i18n %}\n<ul>\n        {% if a %}\n    <li>{% translate 'First' %}\n"
        "            {% blocktranslate %}Second {{ name }}{% endblocktranslate %}\n{% endif %}",
        encoding="utf-8",
    )
    found = {message.id for message in catalogue.extract(project) if message.id}
    assert found == {"Run {name} now", "First", "Second %(name)s"}


def test_texts_of_libraries_are_translated_unless_they_know_korean() -> None:
    texts = {message.id for message in catalogue.library_texts()}
    assert "Apply Filters" in texts  # unfold has no Korean
    assert "Log in" not in texts  # Django's own Korean serves for unfold's page


@cache
def library_ids() -> set[object]:
    found = catalogue.extract_libraries(catalogue.base_directory())
    return {message.id for message in found if message.id}


@pytest.mark.proof
def test_a_better_korean_of_django_s_own_text_is_kept_while_django_has_the_text() -> None:
    written = catalogue.load(catalogue.base_directory() / catalogue.LIBRARY_CATALOGUE)
    assert written.get("Yes, I’m sure") is not None
    assert "Yes, I’m sure" in library_ids()


@pytest.mark.proof
def test_a_text_of_the_portal_s_own_code_is_in_its_own_catalogue_alone() -> None:
    own = {message.id for message in catalogue.extract(catalogue.base_directory()) if message.id}
    assert own & library_ids() == set()


def test_a_text_without_korean_is_named(project: Path) -> None:
    write_catalogue(project, 'msgid "Nothing here yet"\nmsgstr "아직 없습니다"\n')
    assert problems(project) == ["no translation: 'Run {name} now'"]


@pytest.mark.parametrize(
    ("translation", "problem"),
    [
        ("지금 실행", "a placeholder is missing"),
        ("{title} 지금 실행", "a placeholder that the original has not"),
        ("Run {name} now", "same as the original"),
        ("{name}을(를) 지금 실행", "two particles for one"),
    ],
)
def test_a_translation_that_cannot_be_right_is_named(
    project: Path, translation: str, problem: str
) -> None:
    write_catalogue(
        project,
        'msgid "Nothing here yet"\nmsgstr "아직 없습니다"\n\n'
        f'msgid "Run {{name}} now"\nmsgstr "{translation}"\n',
    )
    assert problems(project) == [f"{problem}: 'Run {{name}} now'"]


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(project: Path) -> None:
    write_catalogue(
        project,
        'msgid "Nothing here yet"\nmsgstr "아직 없습니다"\n\nmsgid "Old"\nmsgstr "옛것"\n',
    )
    catalogue.update(project)
    assert problems(project) == ["no translation: 'Run {name} now'"]
    first = (project / catalogue.CATALOGUE).read_bytes()
    catalogue.update(project)
    assert (project / catalogue.CATALOGUE).read_bytes() == first


def test_a_text_that_no_catalogue_can_find_is_named() -> None:
    code = "x = f'{path} ({_(\"default\")})'\ny = _('shown')\nz = f'{len(x)}'\n"
    assert list(catalogue.hidden_texts(code)) == ["default"]


@pytest.mark.proof  # as `make lint` says in less time
def test_the_portal_is_wholly_translated() -> None:
    assert list(catalogue.check(catalogue.base_directory())) == []


@pytest.mark.parametrize(
    ("word", "instead"),
    [
        ("추측", "추정"),
        ("십시오", "-세요"),
        ("사슬", "파이프라인"),
        ("나열 안 함", "목록에서 빼기"),
        ("추정값 페이지", "검토 페이지"),
        ("판단된", "사람이 결정한"),
    ],
)
def test_the_korean_has_one_word_for_one_thing(word: str, instead: str) -> None:
    base = catalogue.base_directory()
    written = [
        text
        for path in (catalogue.CATALOGUE, catalogue.LIBRARY_CATALOGUE)
        for text in catalogue_strings(base / path)
    ]
    assert [text for text in written if word in text] == [], f"write {instead}"


def catalogue_strings(path: Path) -> list[str]:
    strings = (message.string for message in catalogue.load(path) if message.id)
    return [text for found in strings for text in ([found] if isinstance(found, str) else found)]
