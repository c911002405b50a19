"""What a request that gives nothing starts, for every entry point of the sample tree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from registry_app.findings.store import store
from registry_app.models import EntryPoint, Experiment
from registry_app.scan.run import scan
from runs_app.choices import RunStatus
from runs_app.preflight.script_choices import script_choice
from runs_app.runner.command.build import BuiltCommand, build_command
from runs_app.runner.exceptions import MissingParameterError
from tests.factories import make_member, make_run

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parents[3] / "fixtures/experiments"
# A sub-command says what is done, and is passed; what a script cannot start without is asked for.
PASSED = {"kcc-yeoju-smoke train": ("train",)}
ASKED_FOR = {"donghwa-entec-fall data": "arg1", "sampyo-gimhae-bct eval": "weights"}


@pytest.fixture
def scanned(settings: Any) -> None:
    settings.GUARDIANFLOW_ROOTS = [SAMPLES]
    store(scan([SAMPLES]))


def command_of(entry: EntryPoint) -> BuiltCommand:
    choice = script_choice(entry.experiment, entry.type, entry.default_script)
    return build_command(
        launcher=(),
        template=choice.args_template,
        parameters=choice.parameters,
        parameters_known=choice.parameters_known,
        values={},
    )


@pytest.mark.usefixtures("scanned")
def test_nothing_is_passed_that_was_not_given() -> None:
    passed: dict[str, tuple[str, ...]] = {}
    asked_for: dict[str, str] = {}
    for entry in EntryPoint.objects.select_related("experiment").exclude(default_script=""):
        name = f"{entry.experiment} {entry.type}"
        try:
            words = command_of(entry).argv
        except MissingParameterError as error:
            asked_for[name] = error.name
        else:
            passed |= {name: words} if words else {}
    assert (passed, asked_for) == (PASSED, ASKED_FOR)


@pytest.mark.usefixtures("scanned")
def test_the_page_of_a_run_says_what_was_left_to_the_script() -> None:
    experiment = Experiment.objects.get(name="donghwa-entec-ppe")
    command = command_of(experiment.entry_points.get(type="train"))
    run = make_run(
        experiment,
        RunStatus.SUCCEEDED,
        params=command.params,
        given=command.given,
        left_to_script=command.left,
    )
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(make_member("Engineer"))
    page = re.sub(r"(?:\s|<[^>]+>)+", " ", browser.get(run.get_absolute_url()).text)
    for value in ("epochs 12", "batch_size 32", "lr 0.002", "optimizer adam", "seed 0"):
        assert f"{value} left to the script" in page
