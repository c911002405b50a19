"""The command that brings a registry file into the database."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from registry_app.choices import ChangeOrigin
from registry_app.document.reader import MAX_BYTES
from registry_app.models import ChangeSet, Customer, Experiment
from tests.factories import make_experiment

pytestmark = pytest.mark.django_db


def a_file(folder: Path, text: str) -> str:
    path = folder / "experiments.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def bct(owner: str = "지우") -> str:
    path = settings.GUARDIANFLOW_ROOTS[0] / "bct"
    return f"experiments:\n  bct:\n    path: {path}\n    owner: {owner}\n"


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("import_registry", *args, stdout=out)
    return out.getvalue()


def refused(*args: str) -> tuple[str, str]:
    """Run the command; return what it wrote on standard error, and its last word."""
    errors = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_registry", *args, stderr=errors)
    assert caught.value.returncode == 1
    return errors.getvalue(), str(caught.value)


def test_a_file_comes_in_as_one_change_set(tmp_path: Path) -> None:
    text = run(a_file(tmp_path, bct()))
    assert text == "+ bct\n1 new, 0 changed, 0 unchanged, 0 not in the file\n"
    assert Experiment.objects.get().owner == "지우"
    made = ChangeSet.objects.get()
    assert (made.origin, str(made.summary)) == (ChangeOrigin.IMPORT, "experiments.yaml")


def test_what_changes_is_shown_with_its_old_value(tmp_path: Path) -> None:
    make_experiment("other")
    file = a_file(tmp_path, bct())
    run(file)
    text = run(a_file(tmp_path, f"customers: {{x: {{display_name: 엑스}}}}\n{bct('수민')}"))
    assert "~ bct\n    owner: 지우 → 수민\n" in text
    assert "~ x display_name: – → 엑스\n" in text
    assert "? other\n" in text
    assert "What is not in the file stays in the database." in text
    assert Experiment.objects.filter(name="other").exists()
    assert Customer.objects.get(name="x").display_name == "엑스"


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    file = a_file(tmp_path, bct())
    run(file)
    assert run(file).startswith("= bct\n0 new, 0 changed, 1 unchanged")
    assert ChangeSet.objects.count() == 1


def test_a_dry_run_shows_the_same_and_writes_nothing(tmp_path: Path) -> None:
    file = a_file(tmp_path, bct())
    shown = run(file, "--dry-run")
    assert "Nothing was written: this was a dry run." in shown
    assert not Experiment.objects.exists()
    assert not ChangeSet.objects.exists()
    assert shown.startswith(run(file))


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_program_reads_the_plan_as_json(tmp_path: Path, more: list[str]) -> None:
    text = run(a_file(tmp_path, bct()), "--json", *more)
    plan = json.loads(text)
    assert plan["counts"] == {"create": 1, "update": 0, "unchanged": 0, "missing": 0}
    assert plan["experiments"][0]["name"] == "bct"
    assert "지우" in text
    assert Experiment.objects.exists() is not bool(more)


def test_every_mistake_is_named_with_file_and_line_and_nothing_is_changed(tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        f"{bct()}  ppe:\n    path: /etc\n    ownr: x\n    stage: 7\n",
    )
    errors, last = refused(file)
    assert [line.split(": ")[0] for line in errors.splitlines()] == [
        f"{file}:6", f"{file}:7", f"{file}:8"
    ]  # fmt: skip
    assert last == f"3 problems in {file}; nothing was changed."
    assert not Experiment.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "[]]", "a: &a [*a]", "experiments: {a: {path: ../x}}", "experiments: {a: 1, a: 2}"]
)
def test_hostile_files_are_refused(tmp_path: Path, text: str) -> None:
    file = a_file(tmp_path, text)
    errors, _last = refused(file, "--dry-run")
    assert errors.startswith(f"{file}:1: ")


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(50 * 2**20)
    errors, _last = refused(str(file))
    assert f"at most {MAX_BYTES // 2**20} MiB" in errors


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    _errors, last = refused(str(tmp_path / "no.yaml"))
    assert "no.yaml cannot be read: No such file or directory" in last


def test_a_file_comes_in_through_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bct().encode())))
    run("-")
    assert Experiment.objects.get().name == "bct"
    assert ChangeSet.objects.get().summary is None
