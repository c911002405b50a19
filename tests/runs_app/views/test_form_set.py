"""Grids and chains of two in the form of a run, and the page of a set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from registry_app.models import Experiment, Script
from runs_app.choices import SetKind
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import Run, RunSet
from tests.factories import make_entry_point, make_member, make_script
from tests.runs_app.conftest import Home
from tests.runs_app.views.test_form import EPOCHS, NEW, address_of, form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def gimhae(home: Home) -> Experiment:
    experiment = home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")
    (Path(experiment.path) / "export.py").write_text("print('exported')")
    make_entry_point(experiment, "quant", "export.py")
    weights: dict[str, object] = {"name": "weights", "flag": "--weights"}
    make_script(experiment, "export.py", types=["quant"], parameters=[weights])
    return experiment


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


def test_a_grid_shows_every_command_and_its_number_before_it_is_queued_once(
    browser: Client, gimhae: Experiment
) -> None:
    assert "Grid of values" in browser.get(address_of(gimhae)).text
    sent = form_of(gimhae, grid="epochs = 1, 2, 3")
    preview = browser.post(f"{NEW}preview/", sent).json()
    assert preview["together_count"] == "3 runs of at most 50"
    assert [command.split()[-1] for command in preview["together"]] == ["1", "2", "3"]
    assert not Run.objects.exists()
    first = browser.post(NEW, {**sent, "queue": "1"})
    again = browser.post(NEW, {**sent, "queue": "1"})
    made = RunSet.objects.get()
    assert first["Location"] == again["Location"] == made.get_absolute_url()
    assert (made.kind, made.made_by.username) == (SetKind.GRID, "minsu")  # type: ignore[union-attr]
    assert sorted(run.argv[-1] for run in Run.objects.all()) == ["1", "2", "3"]
    page = browser.get(first["Location"]).text
    assert page.count("--epochs") == 3


def test_a_grid_of_secret_values_names_none_of_them(browser: Client, gimhae: Experiment) -> None:
    token: dict[str, object] = {"name": "api_token", "flag": "--api-token"}
    Script.objects.filter(experiment=gimhae, path="train.py").update(parameters=[EPOCHS, token])
    sent = form_of(gimhae, grid="api_token = hunter2, hunter3")
    answer = browser.post(NEW, {**sent, "queue": "1"})
    made = RunSet.objects.get()
    assert list(made.steps.values_list("name", flat=True)) == ["api_token=***"] * 2
    assert "hunter" not in browser.get(answer["Location"]).text


@pytest.mark.parametrize(
    "fields", [{"then": "quant"}, {"grid": "epochs = 1, 2"}, {"grid": "code = hunter3, hunter4"}]
)
def test_what_was_secret_in_the_run_before_is_secret_in_a_set(
    browser: Client, gimhae: Experiment, fields: dict[str, str]
) -> None:
    code: dict[str, object] = {"name": "code", "flag": "--code"}
    Script.objects.filter(experiment=gimhae, path="train.py").update(parameters=[EPOCHS, code])
    first = submit(
        RunRequest(experiment=gimhae, type="train", params={"code": "hunter1"}, secrets=("code",)),
        user=None,
    )
    sent = {**form_of(gimhae, p__code="hunter2", **fields), "again": str(first.pk)}
    preview = browser.post(f"{NEW}preview/", sent).json()
    assert "hunter" not in str(preview["together"])
    browser.post(NEW, {**sent, "queue": "1"})
    if "then" in fields:
        assert "A step cannot take a secret value" in preview["error"]
        assert not RunSet.objects.exists()
        return
    made = RunSet.objects.get()
    assert "hunter" not in browser.get(made.get_absolute_url()).text
    assert "hunter" not in str(list(made.steps.values_list("name", "spec")))


@pytest.mark.parametrize(
    ("grid", "refusal"),
    [
        ("epochs", "is no line of a grid"),
        ("epochs = " + ",".join(map(str, range(51))), "51 runs are more than the 50"),
        ("epoch = 1, 2", "epochs"),
    ],
)
def test_a_grid_that_cannot_be_queued_says_why(
    browser: Client, gimhae: Experiment, grid: str, refusal: str
) -> None:
    sent = form_of(gimhae, grid=grid)
    assert refusal in browser.post(f"{NEW}preview/", sent).json()["error"]
    assert browser.post(NEW, {**sent, "queue": "1"}).status_code == 422
    assert not RunSet.objects.exists()


def test_then_also_run_makes_a_chain_of_two(browser: Client, gimhae: Experiment) -> None:
    then = {"then": "quant", "then_param": "weights", "then_file": "*best.pt"}
    sent = form_of(gimhae, **then)
    preview = browser.post(f"{NEW}preview/", sent).json()
    assert preview["together"][1].endswith("export.py --weights '{run}/inputs/quant/*best.pt'")
    answer = browser.post(NEW, {**sent, "queue": "1"})
    chain = RunSet.objects.get()
    assert (chain.kind, answer["Location"]) == (SetKind.CHAIN, chain.get_absolute_url())
    assert list(chain.steps.values_list("name", "state")) == [
        ("train", "queued"),
        ("quant", "waiting"),
    ]
    run = Run.objects.get()
    assert chain.get_absolute_url() in browser.get(run.get_absolute_url()).text


def test_half_of_a_file_is_refused(browser: Client, gimhae: Experiment) -> None:
    sent = form_of(gimhae, then="quant", then_param="weights")
    assert "or neither" in browser.post(f"{NEW}preview/", sent).json()["error"]


def test_one_cancel_for_a_set(browser: Client, gimhae: Experiment) -> None:
    browser.post(NEW, {**form_of(gimhae, grid="epochs = 1, 2"), "queue": "1"})
    made = RunSet.objects.get()
    browser.post(f"/admin/runs_app/runset/{made.pk}/cancel/")
    assert set(Run.objects.values_list("status", flat=True)) == {"cancelled"}
    page = browser.get("/admin/runs_app/runset/").text
    assert "Cancelled" in page
    assert made.get_absolute_url() in page


@pytest.mark.parametrize(
    ("fields", "waiting"),
    [({}, 1), ({"grid": "epochs = 1, 2"}, 2), ({"then": "quant"}, 1)],
    ids=["one run", "a grid", "the head of a chain"],
)
def test_what_the_form_queues_waits_for_its_time(
    browser: Client, gimhae: Experiment, fields: dict[str, str], waiting: int
) -> None:
    when = timezone.localtime().replace(second=0, microsecond=0) + timedelta(hours=3)
    sent = {**form_of(gimhae, **fields), "not_before": "gestern"}
    assert "is not a time" in browser.post(f"{NEW}preview/", sent).json()["error"]
    sent["not_before"] = f"{when:%Y-%m-%dT%H:%M}"
    made = browser.post(NEW, {**sent, "queue": "1"})
    assert [run.not_before for run in Run.objects.all()] == [when] * waiting
    if fields:
        page = browser.get(made["Location"]).text
        assert page.count(f"Waits until {when:%Y-%m-%d %H:%M}") == waiting
        cleared = browser.post(
            f"{made['Location'].removesuffix('change/')}not-before/", {"not_before": ""}
        )
        assert cleared["Location"] == made["Location"]
        assert {run.not_before for run in Run.objects.all()} == {None}
        if "then" in fields:
            later = RunSet.objects.get().steps.get(number=2)
            assert later.spec["not_before"] is None
