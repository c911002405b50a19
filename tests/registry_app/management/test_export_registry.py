"""The command that writes the registry file for git, and checks it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from registry_app.document.reader import dump
from registry_app.fields.rows import document_from_rows
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def run(*args: str) -> tuple[str, str]:
    out, errors = io.StringIO(), io.StringIO()
    call_command("export_registry", *args, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def differs(*args: str) -> tuple[str, CommandError]:
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("export_registry", *args, "--check", stdout=out)
    return out.getvalue(), caught.value


def now() -> str:
    return dump(document_from_rows())


def test_the_file_holds_the_registry_and_says_so_on_standard_error(tmp_path: Path) -> None:
    make_experiment(owner="지우")
    file = tmp_path / "new" / "experiments.yaml"
    out, errors = run(str(file))
    assert file.read_bytes() == now().encode()
    assert "지우" in file.read_text(encoding="utf-8")
    assert out == ""
    assert str(file) in errors


def test_without_a_name_it_is_the_portal_s_own_file(tmp_path: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_REGISTRY = tmp_path / "own.yaml"
    run()
    assert (tmp_path / "own.yaml").read_text(encoding="utf-8") == "experiments: {}\n"


def test_standard_output_holds_the_registry_and_nothing_else() -> None:
    make_experiment()
    assert run("-") == (now(), "")


def test_an_old_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    make_experiment()
    file = tmp_path / "experiments.yaml"
    file.write_text("x" * 10_000, encoding="utf-8")
    run(str(file))
    assert file.read_text(encoding="utf-8") == now()
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_written_is_named_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "experiments.yaml"
    folder.mkdir()
    with pytest.raises(CommandError, match=r"experiments\.yaml cannot be written"):
        run(str(folder))
    assert list(tmp_path.iterdir()) == [folder]


def test_the_check_is_silent_where_nothing_differs(tmp_path: Path) -> None:
    experiment = make_experiment()
    file = str(tmp_path / "a.yaml")
    run(file)
    make_run(experiment)
    assert run(file, "--check") == ("", "")


def test_the_check_shows_what_differs_and_writes_nothing(tmp_path: Path) -> None:
    experiment = make_experiment(owner="지우")
    file = tmp_path / "a.yaml"
    run(str(file))
    before = file.read_bytes()
    experiment.owner = "수민"
    experiment.save()
    out, error = differs(str(file))
    assert "-    owner: 지우\n+    owner: 수민\n" in out
    assert error.returncode == 1
    assert "differs from the database" in str(error)
    assert file.read_bytes() == before


def test_the_check_sees_every_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(now().replace("\n", "\r\n").encode())
    differs(str(file))
    file.write_bytes(now().encode() + b"\xff")
    differs(str(file))


def test_the_check_of_a_file_that_is_not_there_names_it(tmp_path: Path) -> None:
    _out, error = differs(str(tmp_path / "no.yaml"))
    assert "no.yaml cannot be read" in str(error)


def test_the_check_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    make_experiment()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(now().encode())))
    assert run("-", "--check") == ("", "")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"experiments: {}\n")))
    differs("-")
