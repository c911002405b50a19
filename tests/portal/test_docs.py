"""What people may type or set is documented, and what is documented is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import get_resolver

from portal.cli import VERBS
from portal.metrics_page import text as metrics_text
from registry_app.choices import FieldSource
from registry_app.kinds import KINDS, EntryPointType
from registry_app.schema.fields import Field
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS
from runs_app.choices import RunStatus

BASE = Path(settings.BASE_DIR)
APPS = ("portal", "registry_app", "runs_app")
PAGES = [*sorted(BASE.glob("*.md")), *sorted((BASE / "docs").rglob("*.md"))]
SETTING = re.compile(r"GUARDIANFLOW_[A-Z_]+|DATABASE_URL|MLFLOW_TRACKING_URI")
# Given to scripts, not read by the portal.
GIVEN = {"GUARDIANFLOW_RUN_ID", "GUARDIANFLOW_RECORD_DIR", "GUARDIANFLOW_EXECUTED_NOTEBOOK"}
READERS = ("environ", "environment", "getenv")


def commands_of(page: str) -> set[str]:
    """What stands in code signs, word by word, without `guardianflow` in front."""
    return {word for code in re.findall(r"`([^`\n]+)`", page) for word in code.split()}


def all_pages() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def variables_read() -> set[str]:
    """Names that the code asks an environment for, or hands to a function together with one."""
    return {
        name
        for app in APPS
        for file in (BASE / app).rglob("*.py")
        if SETTING.search(code := file.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(code))
        for name in _names_asked_for(node)
        if SETTING.fullmatch(name)
    }


def _names_asked_for(node: ast.AST) -> Iterator[str]:
    parts: list[ast.expr] = []
    if isinstance(node, ast.Call):
        parts = [node.func, *node.args]
    elif isinstance(node, ast.Subscript):
        parts = [node.value, node.slice]
    elif isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
    if any(reader in ast.unparse(part) for part in parts for reader in READERS):
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def variables_documented() -> set[str]:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", _page("settings.md"), re.MULTILINE)
    assert len(rows) == len(set(rows)), "a variable has two rows"
    return set(rows)


def _page(name: str) -> str:
    return (BASE / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented(verb: str) -> None:
    assert verb in commands_of(all_pages())


def test_every_command_of_the_portal_is_documented() -> None:
    own = {name for name, app in get_commands().items() if app in APPS}
    assert set(VERBS.values()) & own
    assert own - commands_of(all_pages()) == set()


def test_every_verb_stands_beside_its_command() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)[^|`]*(?:\\\|[^|`]*)*` \| `(\w+)` \|", _page("commands.md"), re.MULTILINE
    )
    assert dict(rows) == VERBS


def test_every_variable_that_is_read_is_documented() -> None:
    read = variables_read()
    assert {"GUARDIANFLOW_HOME", "GUARDIANFLOW_SLOTS", "DATABASE_URL"} <= read
    assert {"GUARDIANFLOW_LOG_LEVEL", "GUARDIANFLOW_ALLOWED_HOSTS", "MLFLOW_TRACKING_URI"} <= read
    assert variables_documented() == read - GIVEN


def test_no_page_speaks_of_a_variable_that_is_not_read() -> None:
    units = [file.read_text(encoding="utf-8") for file in (BASE / "docs" / "systemd").iterdir()]
    spoken = set(SETTING.findall("\n".join([all_pages(), *units])))
    assert spoken - variables_read() - GIVEN == set()


def test_every_default_number_is_the_one_in_the_code() -> None:
    for name, default in re.findall(r"^\| `(\w+)` \| (\d+) \|", _page("settings.md"), re.MULTILINE):
        assert getattr(settings, name) == int(default), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _sign, heading = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), target
        if heading:
            assert heading in _headings(other), target


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [int(page.name[:4]) for page in (BASE / "docs/decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
    assert min(numbers) == 1


def _headings(page: Path) -> set[str]:
    """The addresses that a page's headings get on the web."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_state_and_origin_is_in_the_glossary() -> None:
    glossary = _page("glossary.md")
    for word in [*RunStatus.values, *FieldSource.values]:
        assert word.replace("_", " ") in glossary


def test_the_addresses_for_watchers_are_documented_and_there() -> None:
    patterns = {str(pattern.pattern) for pattern in get_resolver().url_patterns}
    assert {"healthz", "metrics"} <= patterns
    assert {"/healthz", "/metrics"} <= commands_of(_page("operations.md"))


@pytest.mark.django_db
def test_every_metric_is_documented() -> None:
    names = set(re.findall(r"^# TYPE (\w+) ", metrics_text(), re.MULTILINE))
    assert names == set(re.findall(r"`(guardianflow_\w+)", _page("operations.md")))


@pytest.mark.parametrize("name", ["guardianflow-web.service", "guardianflow-worker.service"])
def test_no_unit_ends_the_scripts_with_the_service(name: str) -> None:
    unit = (BASE / "docs" / "systemd" / name).read_text(encoding="utf-8")
    assert "\nKillMode=process\n" in unit


@pytest.mark.parametrize(
    "field", [*EXPERIMENT_FIELDS, *ENTRY_POINT_FIELDS], ids=lambda item: item.name
)
def test_every_field_has_its_key_in_the_page_of_the_registry_file(field: Field) -> None:
    page = _page("registry-file.md")
    assert re.search(rf"^\|.*`(?:{re.escape(field.name)}|\.{field.key})`.*\|", page, re.MULTILINE)


def test_pages_name_every_entry_point_type_in_its_order() -> None:
    listed = ", ".join(f"`{kind.type}`" for kind in KINDS)
    assert f"the types are {listed} |" in _page("registry-file.md")
    rows = re.findall(r"^\| [^|]+ \| (\w+) \|", _page("glossary.md"), re.MULTILINE)
    assert [row for row in rows if row in EntryPointType.values] == EntryPointType.values
