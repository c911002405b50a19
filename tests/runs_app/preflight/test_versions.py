"""A version is a label; a script that carries it is named before another one starts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from html import unescape
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from registry_app.models import Experiment
from runs_app.lifecycle.prepare import RunRequest, prepare
from runs_app.models import Run
from runs_app.preflight.versions import carries
from tests.factories import change_entry_points, make_member, make_script
from tests.runs_app.conftest import Home


@pytest.mark.parametrize(
    ("script", "version", "expected"),
    [
        ("train_yolov11_v3.py", "v3", True),
        ("train_yolov11_v3.py", "V3", True),
        ("train_v3.1.py", "v3.1", True),
        ("train_yolov11_v3.py", "v11", False),
        ("train_v30.py", "v3", False),
        ("train.py", "", False),
        ("v3/train.py", "v3", False),
    ],
)
def test_a_version_is_a_word_of_the_name(script: str, version: str, expected: bool) -> None:
    assert carries(script, version) is expected


SAID = "train_v3.py carries the version v3, but train.py is started. A version is a label; "


@pytest.fixture
def two_scripts(home: Home) -> Experiment:
    """An experiment whose trainings are train.py, by default, and train_v3.py."""
    bct = home.experiment()
    change_entry_points(bct, patterns=["train*.py"])
    (Path(bct.path) / "train_v3.py").write_text("print(1)")
    make_script(bct, "train_v3.py")
    return bct


@pytest.mark.django_db
def test_a_script_with_the_version_that_is_not_started_is_said_before(
    two_scripts: Experiment,
) -> None:
    asked = RunRequest(experiment=two_scripts, type="train", version="v3")
    (warning,) = prepare(asked).warnings
    assert "train_v3.py carries the version v3, but train.py is started." in str(warning)
    assert prepare(replace(asked, script="train_v3.py")).warnings == ()
    assert prepare(replace(asked, version="v4")).warnings == ()


@pytest.mark.django_db
def test_the_form_says_it_beside_the_command(two_scripts: Experiment, client: Client) -> None:
    client.force_login(make_member("Engineer", "minsu"))
    sent = {
        "type": "train",
        "experiment": two_scripts.pk,
        "token": str(uuid4()),
        f"{two_scripts.pk}-script": "train.py",
        f"{two_scripts.pk}-shown": "train.py",
        f"{two_scripts.pk}-version": "v3",
    }
    page = client.post("/admin/runs_app/run/new/", sent).text
    assert f"{SAID}choose the script above." in unescape(page)
    assert not Run.objects.exists()


@pytest.mark.django_db
@pytest.mark.processes
@pytest.mark.parametrize("queue", [["--queue"], []])
def test_a_terminal_says_it_before_the_script_starts(
    two_scripts: Experiment, queue: list[str]
) -> None:
    said = StringIO()
    with suppress(SystemExit):
        call_command(
            "run_experiment",
            two_scripts.name,
            "--type",
            "train",
            "--version",
            "v3",
            *queue,
            stdout=StringIO(),
            stderr=said,
        )
    first, *_others = said.getvalue().splitlines()
    assert f"{SAID}choose the script with --script train_v3.py." in first
