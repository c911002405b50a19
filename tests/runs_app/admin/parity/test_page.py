"""The page that compares a script with the trainer that replaces it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import Parity, Run
from tests.factories import make_member, make_run, make_script
from tests.runs_app.conftest import Home
from tests.runs_app.parity.examples import CONSTANT, begin, carry_out, experiment_of

pytestmark = pytest.mark.django_db
PLAN = "?type=train&plan=1&old=train.py&new=train_new.py&params=epochs%3D4"


def address(experiment: Experiment, query: str = "") -> str:
    return f"/admin/runs_app/run/parity/{experiment.pk}/{query}"


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def log_in(client: Client, group: str = "Engineer") -> None:
    client.force_login(make_member(group))


def digest_in(answer: Any) -> str:
    found = re.search(r'name="plan" value="([0-9a-f]{64})"', answer.content.decode())
    assert found is not None
    return found[1]


def test_an_engineer_sees_the_plan_and_starts_it(home: Home, client: Client) -> None:
    experiment = experiment_of(home)
    log_in(client)
    answer = client.get(address(experiment, PLAN))
    shown = text_of(answer)
    assert "a control with half the epochs (epochs=2)" in shown
    assert "4 runs if old and new are equal under one seed, at most 14." in shown
    assert not Run.objects.exists()
    assert 'src="train' not in answer.content.decode()  # a name of the frame's own scripts
    data = {"type": "train", "old": "train.py", "new": "train_new.py", "params": "epochs=4"}
    sent = {**data, "plan": digest_in(answer)}
    answer = client.post(address(experiment, "start/"), sent, follow=True)
    assert "is queued" in text_of(answer)
    assert Run.objects.filter(is_marked=True).count() == 3
    # Sent twice, it is refused.
    answer = client.post(address(experiment, "start/"), sent, follow=True)
    assert "already being compared" in text_of(answer)
    assert Run.objects.count() == 3


def test_the_next_step_of_stage_3_leads_here(home: Home, client: Client) -> None:
    """A PM, who runs nothing, reads the step; an engineer has its button and what to draft."""
    experiment = home.experiment("sampyo 안전모")
    Experiment.objects.update(completeness=100, confirmed=100)
    make_run(experiment, RunStatus.SUCCEEDED)
    button = f'class="gf-button" href="{address(experiment)}"'
    page = f"/admin/registry_app/experiment/{experiment.pk}/"
    log_in(client, "PM")
    shown = client.get(page)
    assert button not in shown.content.decode()
    assert "Make it a trainer and compare" in text_of(shown)
    log_in(client)
    assert button in client.get(page).content.decode()
    assert "guardianflow adapter &#x27;sampyo 안전모&#x27; --type train" in text_of(
        client.get(address(experiment))
    )
    Path(experiment.path, "trainer.py").write_text(
        'class A(BaseTrainer):\n    experiment = "sampyo 안전모"\n'
    )
    make_script(experiment, "trainer.py")
    assert "guardianflow adapter" not in text_of(client.get(address(experiment)))


def test_a_plan_that_is_not_the_shown_one_is_shown_again(home: Home, client: Client) -> None:
    experiment = experiment_of(home)
    log_in(client)
    data = {"type": "train", "old": "train.py", "new": "train_new.py", "params": "epochs=400"}
    digest = digest_in(client.get(address(experiment, PLAN)))
    answer = client.post(address(experiment, "start/"), {**data, "plan": digest}, follow=True)
    assert "here is the new plan" in text_of(answer)
    assert "--epochs 400" in text_of(answer)
    assert not Run.objects.exists()


def test_a_refused_plan_says_why(home: Home, client: Client) -> None:
    experiment = experiment_of(home)
    log_in(client)
    answer = client.get(address(experiment, "?plan=1&old=train.py"))
    assert "There is no script for the new side" in text_of(answer)
    answer = client.get(address(experiment, "?plan=1&old=train.py&new=train_new.py&params=epochs"))
    assert answer.status_code == 200
    assert 'id="plan"' not in answer.content.decode()


@pytest.mark.processes
def test_the_table_has_every_value(
    home: Home, client: Client, django_assert_max_num_queries: Any
) -> None:
    experiment = experiment_of(home, old=CONSTANT, new=CONSTANT, parameters=[])
    carry_out(begin(experiment))
    log_in(client, "Viewer")
    with django_assert_max_num_queries(12):
        answer = client.get(address(experiment))
    shown = text_of(answer)
    assert "equal" in shown
    assert "loss 0.5 0.5 0.5 0 0 within" in shown
    assert "no control" in shown
    assert "train.py" in shown
    assert "Show the plan" not in shown


def test_a_comparison_is_cancelled(home: Home, client: Client) -> None:
    experiment = experiment_of(home)
    begin(experiment)
    log_in(client)
    assert "Cancel the comparison" in text_of(client.get(address(experiment)))
    answer = client.post(address(experiment, "cancel/"), {"type": "train"}, follow=True)
    assert "The comparison was cancelled." in text_of(answer)
    assert Parity.objects.get().state == "cancelled"
    answer = client.post(address(experiment, "cancel/"), {"type": "train"}, follow=True)
    assert "No comparison is running." in text_of(answer)


def test_odd_addresses(home: Home, client: Client) -> None:
    experiment = experiment_of(home)
    log_in(client)
    assert client.get(address(experiment, "?type=nonsense")).status_code == 400
    assert client.get("/admin/runs_app/run/parity/999/").status_code == 404
    assert client.get(address(experiment, "?record=x&type=infer")).status_code == 200
    assert client.get(address(experiment, "start/")).status_code == 405
