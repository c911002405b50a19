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
from registry_app.models import Experiment
from tests.factories import make_experiment, make_run, make_zone

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


def test_a_file_that_exists_is_edited_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    make_experiment(owner="지우")
    file = tmp_path / "experiments.yaml"
    run(str(file))
    text = file.read_text(encoding="utf-8")
    written = "# by hand\n" + text.replace("지우", '"수민"  # since May')
    file.write_text(written, encoding="utf-8")
    file.chmod(0o640)
    run(str(file))
    assert file.read_text(encoding="utf-8") == written.replace("수민", "지우")
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mode & 0o777 == 0o640


def test_an_unchanged_file_of_a_person_keeps_its_bytes(tmp_path: Path) -> None:
    Experiment.objects.create(
        name="bct", path="~/bct", zone=make_zone(), owner="지우", stage_held=2
    )
    data = (
        "\ufeff# ours\r\nexperiments:\r\n"
        "  bct: {owner: '지우', stage: 2, path: ~/bct, notes: '',\r\n"
        "    site: {customer: SAMPYO, region: gimhae, plant: plant1, zone: mixer}}  # all\r\n"
    ).encode()
    file = tmp_path / "experiments.yaml"
    file.write_bytes(data)
    assert run(str(file), "--check") == ("", "")
    run(str(file))
    assert file.read_bytes() == data


def test_an_entry_of_a_renamed_experiment_is_renamed(tmp_path: Path) -> None:
    Experiment.objects.create(name="new-name", path="~/bct")
    file = tmp_path / "experiments.yaml"
    file.write_text("experiments:\n  bct:  # the first\n    path: ~/bct\n", encoding="utf-8")
    run(str(file))
    assert file.read_text(encoding="utf-8") == (
        "experiments:\n  new-name:  # the first\n    path: ~/bct\n"
    )


def test_an_entry_that_the_portal_never_had_stays_and_is_named(tmp_path: Path) -> None:
    make_experiment("bct", path="~/bct")
    file = tmp_path / "experiments.yaml"
    file.write_text("experiments:\n  theirs:\n    path: ~/theirs\n", encoding="utf-8")
    _out, errors = run(str(file))
    assert "theirs is not in the portal; its entry stays as it is." in errors
    assert "theirs" in file.read_text(encoding="utf-8")
    differs(str(file))


def test_an_edit_that_cannot_be_made_is_shown_for_copying(tmp_path: Path) -> None:
    Experiment.objects.create(name="bct", path="~/bct", aliases=["one"])
    file = tmp_path / "experiments.yaml"
    text = "experiments:\n  bct:\n    path: ~/bct\n    aliases: [x, y,  # why\n      z]\n"
    file.write_text(text, encoding="utf-8")
    errors = io.StringIO()
    with pytest.raises(CommandError, match="was left as it was; write the shown lines by hand"):
        call_command("export_registry", str(file), stderr=errors)
    assert f"{file}:4: experiments.bct.aliases: there are comments" in errors.getvalue()
    assert "aliases: [one]" in errors.getvalue()
    assert file.read_text(encoding="utf-8") == text


def test_customers_are_written_in_the_spelling_of_the_file(tmp_path: Path) -> None:
    zone = make_zone("Sampyo")
    zone.site.customer.display_name = "삼표"
    zone.site.customer.save()
    file = tmp_path / "experiments.yaml"
    file.write_text("customers:\n  sampyo: {display_name: x}\nexperiments: {}\n", encoding="utf-8")
    run(str(file))
    assert file.read_text(encoding="utf-8") == (
        "customers:\n  sampyo: {display_name: 삼표}\nexperiments: {}\n"
    )


def test_a_file_that_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    make_experiment()
    file = tmp_path / "experiments.yaml"
    file.write_text("experiments: {a: &x 1, b: *x}\n", encoding="utf-8")
    errors = io.StringIO()
    with pytest.raises(CommandError, match="nothing is written into it"):
        call_command("export_registry", str(file), stderr=errors)
    assert f"{file}:1: Anchors and aliases" in errors.getvalue()
    assert file.read_text(encoding="utf-8") == "experiments: {a: &x 1, b: *x}\n"


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


def test_the_check_compares_with_what_an_export_would_write(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(now().replace("\n", "\r\n").encode())
    assert run(str(file), "--check") == ("", "")
    file.write_bytes(now().encode() + b"\xff")
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(file), "--check")


def test_the_check_of_a_file_that_is_not_there_names_it(tmp_path: Path) -> None:
    _out, error = differs(str(tmp_path / "no.yaml"))
    assert "no.yaml cannot be read" in str(error)


def test_the_check_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    make_experiment()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(now().encode())))
    assert run("-", "--check") == ("", "")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"experiments: {}\n")))
    differs("-")
