"""The `guardianflow` program: short verbs, and one clear line where something is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django import get_version
from django.core.management import CommandError, get_commands

from portal.cli import VERBS, execute

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "GUARDIANFLOW_HOME": str(tmp_path / "home"),
        "GUARDIANFLOW_ROOTS": str(tmp_path / "experiments"),
    }


@pytest.fixture
def settled(environment: dict[str, str], empty_database: Path) -> dict[str, str]:
    """The environment of a home whose database is set up."""
    home = Path(environment["GUARDIANFLOW_HOME"])
    home.mkdir()
    shutil.copy(empty_database, home / "portal.sqlite3")
    return environment


def guardianflow(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from portal.cli import main; main()", *arguments],
        env={**environment, "PYTHONPATH": str(PROJECT)},
        cwd=environment["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.processes
@pytest.mark.proof
class TestForReal:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("GUARDIANFLOW_HOME", "var"),
            ("GUARDIANFLOW_ROOTS", "experiments"),
            ("GUARDIANFLOW_REGISTRY", "experiments.yaml"),
            ("GUARDIANFLOW_PYTHON", "/no/such/python"),
            ("GUARDIANFLOW_URL", "portal.example"),
            ("GUARDIANFLOW_MLFLOW_UI", "ftp://mlflow.example"),
            ("GUARDIANFLOW_SLOTS", "many"),
            ("DATABASE_URL", "mysql://kim:secret@db/portal"),
        ],
    )
    def test_a_bad_setting_is_one_line_and_status_2(
        self, environment: dict[str, str], name: str, value: str
    ) -> None:
        done = guardianflow({**environment, name: value}, "list")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("guardianflow: ")
        assert name in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "secret" not in done.stderr

    def test_verbs_and_long_names_are_the_same_commands(self, settled: dict[str, str]) -> None:
        environment = settled
        short, long = (
            guardianflow(environment, name, "--json") for name in ("list", "list_experiments")
        )
        assert (short.returncode, short.stdout, short.stderr) == (0, "[]\n", "")
        assert (long.returncode, long.stdout, long.stderr) == (0, "[]\n", "")

    def test_an_unknown_command_is_refused(self, environment: dict[str, str]) -> None:
        done = guardianflow(environment, "lists")
        assert done.returncode == 2
        assert done.stderr == "guardianflow: Unknown command: 'lists'. Did you mean list?\n"
        assert not (Path(environment["GUARDIANFLOW_HOME"]) / "portal.sqlite3").exists()

    def test_an_unknown_option_is_refused(self, settled: dict[str, str]) -> None:
        done = guardianflow(settled, "list", "--colour")
        assert done.returncode == 2
        assert "--colour" in done.stderr

    @pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]])
    def test_without_a_verb_it_says_what_there_is(
        self, environment: dict[str, str], arguments: list[str]
    ) -> None:
        done = guardianflow(environment, *arguments)
        assert done.returncode == 0
        listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
        assert listed == list(VERBS)

    def test_help_of_a_verb_calls_it_as_people_do(self, environment: dict[str, str]) -> None:
        assert "usage: guardianflow scan [" in guardianflow(environment, "scan", "--help").stdout

    def test_the_demo_does_not_read_the_settings_of_the_real_portal(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        real = {**environment, "DATABASE_URL": "mysql://db/portal", "GUARDIANFLOW_ROOTS": "x"}
        done = guardianflow(real, "demo", "--home", str(tmp_path / "demo"), "--help")
        assert done.returncode == 0, done.stderr
        assert "--no-serve" in done.stdout
        assert not Path(environment["GUARDIANFLOW_HOME"]).exists()


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal whose language no command takes over into the other tests."""
    monkeypatch.setenv("LC_ALL", "C")


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("lst", "Did you mean list?"),
        ("run_logs2", "Did you mean run_logs?"),
        ("chekc-environment", "Did you mean check-environment?"),
        ("qqq", "`guardianflow` alone lists them."),
    ],
)
def test_the_nearest_command_is_named(
    capsys: pytest.CaptureFixture[str], word: str, message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        execute(["guardianflow", word])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"guardianflow: Unknown command: '{word}'. {message}\n"


@pytest.mark.usefixtures("english")
def test_what_a_command_refuses_begins_like_every_refusal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        execute(["guardianflow", "backup", str(tmp_path / "no" / "folder.tar")])
    assert ended.value.code == 1
    assert re.fullmatch(r"guardianflow: .*No such file.*\n", capsys.readouterr().err)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("arguments", [["help", "backup"], ["backup", "--help"]])
def test_help_of_a_verb_may_be_asked_for_either_way(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit):
        execute(["guardianflow", *arguments])
    assert capsys.readouterr().out.startswith("usage: guardianflow backup [-h]")


@pytest.mark.usefixtures("english")
def test_the_version_may_be_asked_for_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    execute(["manage.py", "version"])
    assert capsys.readouterr().out.strip() == get_version()


def test_the_names_of_all_commands_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    execute(["manage.py", "help", "--commands"])
    assert "backup" in capsys.readouterr().out.split()


@pytest.mark.usefixtures("english")
def test_an_interrupt_ends_a_command_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("portal.management.commands.backup.backup", interrupted)
    with pytest.raises(SystemExit) as ended:
        execute(["guardianflow", "backup", "b.tar.gz"])
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("english")
def test_a_trace_is_shown_on_request(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        execute(["manage.py", "backup", str(tmp_path / "no" / "folder.tar"), "--traceback"])


def test_every_verb_leads_to_a_command() -> None:
    assert set(VERBS.values()) <= set(get_commands())
