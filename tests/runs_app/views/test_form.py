"""The form in which people ask for runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from registry_app.models import Experiment
from runs_app.models import Run, RunSet
from tests.factories import make_entry_point, make_member, make_run, make_script
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

NEW = "/admin/runs_app/run/new/"
EPOCHS: dict[str, object] = {
    "name": "epochs",
    "flag": "--epochs",
    "type": "int",
    "default": 3,
    "help": "how <long>",
}
WEIGHTS: dict[str, object] = {
    "name": "weights",
    "flag": "--weights",
    "default_expr": "ROOT / 'weights'",
}
AMP: dict[str, object] = {"name": "amp", "flag": "--amp", "action": "store_true", "default": False}
CLASSES: dict[str, object] = {
    "name": "classes",
    "flag": "--classes",
    "nargs": "+",
    "default": ["hat", "hook"],
}


@pytest.fixture
def gimhae(home: Home) -> Experiment:
    """Sampyo Gimhae, with a script of four parameters of which the template names one."""
    return home.experiment(parameters=[EPOCHS, WEIGHTS, AMP, CLASSES], template="--epochs {epochs}")


@pytest.fixture
def minsu() -> User:
    return make_member("Engineer", "minsu")


@pytest.fixture
def browser(client: Client, minsu: User) -> Client:
    client.force_login(minsu)
    return client


def form_of(experiment: Experiment, **fields: str) -> dict[str, Any]:
    """What a browser sends of the untouched form, with `fields` filled in."""
    prefix = f"{experiment.pk}-"
    values = {
        "script": "train.py",
        "shown": "train.py",
        "version": "",
        "extra": "",
        "note": "",
        "priority": "0",
        "p.epochs": "",
        "p.weights": "",
        "p.classes": "",
        **{name.replace("__", "."): value for name, value in fields.items()},
    }
    return {
        "type": "train",
        "experiment": [experiment.pk],
        "token": str(uuid4()),
        **{prefix + name: value for name, value in values.items()},
    }


def address_of(*experiments: Experiment) -> str:
    return f"{NEW}?type=train" + "".join(f"&experiment={one.pk}" for one in experiments)


def command_in(page: Any) -> list[str]:
    return re.findall(r'<pre class="gfr-command"[^>]*>(.*?)</pre>', page.content.decode())


def test_form_shows_the_exact_command_before_anything_is_queued(
    browser: Client, gimhae: Experiment
) -> None:
    page = browser.get(address_of(gimhae))
    assert command_in(page)[0].endswith("python train.py")
    assert not Run.objects.exists()


def test_what_the_script_takes_by_itself_is_the_hint_of_an_empty_field(
    browser: Client, gimhae: Experiment
) -> None:
    page = browser.get(address_of(gimhae)).content.decode()
    assert f'name="{gimhae.pk}-p.epochs" value="" placeholder="3"' in page
    assert "<code>ROOT / &#x27;weights&#x27;</code>" in page
    assert f'name="{gimhae.pk}-p.weights" value=""' in page
    assert "how &lt;long&gt;" in page


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"p__epochs": "10"}, ["--epochs", "10"]),
        ({"p__epochs": "3"}, ["--epochs", "3"]),
        ({"p__amp": "on"}, ["--amp"]),
        ({"p__weights": "best.pt"}, ["--weights", "best.pt"]),
        ({"p__classes": "hard hat\r\nvest"}, ["--classes", "hard hat", "vest"]),
        ({"extra": "--name 'a b'"}, ["--name", "a b"]),
    ],
)
def test_preview_is_what_is_stored(
    browser: Client, gimhae: Experiment, fields: dict[str, str], expected: list[str]
) -> None:
    sent = form_of(gimhae, **fields)
    preview = browser.post(f"{NEW}preview/", sent).json()
    assert preview["error"] == ""
    assert preview["argv"][1:] == ["train.py", *expected]
    assert browser.post(NEW, {**sent, "queue": "1"}).status_code == 302
    assert Run.objects.get().argv == preview["argv"]


def test_queueing_records_who_asked_for_what(
    browser: Client, minsu: User, gimhae: Experiment
) -> None:
    sent = form_of(gimhae, version="v3", note="밤 교대", priority="5")
    answer = browser.post(NEW, {**sent, "queue": "1"})
    run = Run.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    assert (run.queued_by, run.version, run.note, run.priority) == (minsu, "v3", "밤 교대", 5)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"p__epochs": "many"}, "epochs: give a whole number"),
        ({"extra": "'open"}, "open quote"),
        ({"priority": "9999"}, "whole number from -100 to 100"),
        ({"version": "v" * 101}, "longer than 100"),
        ({"script": "../other.py", "shown": "../other.py"}, "../other.py"),
    ],
)
def test_refusal_names_the_cure_beside_the_form_and_queues_nothing(
    browser: Client, gimhae: Experiment, fields: dict[str, str], reason: str
) -> None:
    sent = form_of(gimhae, **fields)
    assert reason in browser.post(f"{NEW}preview/", sent).json()["error"]
    page = browser.post(NEW, {**sent, "queue": "1"})
    assert page.status_code == 422
    assert reason in page.content.decode()
    assert not Run.objects.exists()


def test_one_refused_run_keeps_all_others_from_being_queued(
    browser: Client, home: Home, gimhae: Experiment
) -> None:
    fall = home.experiment("donghwa-entec-fall", parameters=[EPOCHS])
    sent = {
        **form_of(gimhae),
        **form_of(fall, p__epochs="many"),
        "experiment": [gimhae.pk, fall.pk],
        "queue": "1",
    }
    assert browser.post(NEW, sent).status_code == 422
    assert not Run.objects.exists()


def test_the_refused_are_left_out_with_one_click_and_the_others_keep_what_was_typed(
    browser: Client, gimhae: Experiment, home: Home
) -> None:
    busan, ulsan = (home.experiment(name) for name in ("sampyo-busan-bct", "sampyo-ulsan-bct"))
    sent = form_of(gimhae, p__epochs="7", note="overnight")
    for bad in (busan, ulsan):
        sent |= form_of(bad, script="../outside.py")
    sent["experiment"] = [gimhae.pk, busan.pk, ulsan.pk]
    refused = browser.post(NEW, sent | {"queue": "1"}, headers={"accept-language": "en"})
    assert "Skip the 2 refused" in refused.text
    page = browser.post(NEW, sent | {"leave_out": "1"}, headers={"accept-language": "en"})
    assert "Skipped: sampyo-busan-bct, sampyo-ulsan-bct." in page.text
    assert [one.pk for one in page.context["selection"].experiments] == [gimhae.pk]
    assert 'value="7"' in page.text
    assert 'value="overnight"' in page.text
    assert not Run.objects.exists()
    page = browser.post(NEW, {**sent, "experiment": [gimhae.pk, busan.pk], "without": busan.pk})
    assert [one.pk for one in page.context["selection"].experiments] == [gimhae.pk]
    browser.post(NEW, {**sent, "experiment": [gimhae.pk], "queue": "1"})
    assert Run.objects.get().params["epochs"] == 7


def test_nothing_is_left_out_where_all_are_refused(
    browser: Client, gimhae: Experiment, home: Home
) -> None:
    busan = home.experiment("sampyo-busan-bct")
    sent = form_of(gimhae, script="../a.py") | form_of(busan, script="../b.py")
    sent |= {"experiment": [gimhae.pk, busan.pk], "leave_out": "1"}
    page = browser.post(NEW, sent, headers={"accept-language": "en"})
    assert "all of them are refused" in page.text
    assert len(page.context["shown"]) == 2


def test_the_form_offers_the_types_that_are_there(browser: Client, gimhae: Experiment) -> None:
    make_script(gimhae, "bench.py", types=["eval"])
    page = browser.get(address_of(gimhae))
    assert [value for value, _label in page.context["types"]] == ["train", "eval"]


def test_several_experiments_are_queued_together(
    browser: Client, home: Home, gimhae: Experiment
) -> None:
    fall = home.experiment("donghwa-entec-fall", parameters=[EPOCHS])
    sent = {**form_of(gimhae), **form_of(fall), "experiment": [gimhae.pk, fall.pk], "queue": "1"}
    answer = browser.post(NEW, sent)
    assert answer["Location"] == RunSet.objects.get().get_absolute_url()
    assert set(Run.objects.values_list("experiment", flat=True)) == {gimhae.pk, fall.pk}
    assert browser.get(answer["Location"]).status_code == 200


def test_form_that_is_sent_twice_queues_one_run(browser: Client, gimhae: Experiment) -> None:
    sent = {**form_of(gimhae), "queue": "1"}
    first, second = browser.post(NEW, sent), browser.post(NEW, sent)
    assert Run.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_form_that_is_opened_again_queues_another_run(browser: Client, gimhae: Experiment) -> None:
    for _time in range(2):
        browser.post(NEW, {**form_of(gimhae), "queue": "1"})
    assert Run.objects.count() == 2


def test_changed_script_shows_its_own_parameters_before_it_is_queued(
    browser: Client, gimhae: Experiment
) -> None:
    make_script(gimhae, "train_v1.py", parameters=[{**EPOCHS, "name": "rounds"}])
    (Path(gimhae.path) / "train_v1.py").write_text("print(1)\n", encoding="utf-8")
    sent = form_of(gimhae, script="train_v1.py")
    page = browser.post(NEW, {**sent, "queue": "1"})
    assert page.status_code == 200
    assert f'name="{gimhae.pk}-p.rounds"' in page.content.decode()
    assert not Run.objects.exists()
    piece = browser.post(f"{NEW}fields/", sent).content.decode()
    assert f'name="{gimhae.pk}-shown" value="train_v1.py"' in piece
    assert "p.rounds" in piece
    assert "p.epochs" not in piece


def test_script_whose_parameters_are_unknown_takes_names_and_values(
    browser: Client, home: Home
) -> None:
    experiment = home.experiment()
    experiment.scripts.update(parameters_known=False)
    sent = form_of(experiment, further="lr=0.1\r\nclasses=hat\r\nclasses=hook")
    preview = browser.post(f"{NEW}preview/", sent).json()
    assert preview["argv"][2:] == ["--lr", "0.1", "--classes", "hat", "hook"]
    english = preview["warnings"]
    browser.cookies["django_language"] = "ko"
    korean = browser.post(f"{NEW}preview/", sent).json()["warnings"]
    assert len(english) == len(korean) > 0
    assert english != korean
    assert korean[0] in browser.post(NEW, sent).content.decode()


def test_run_again_repeats_the_same_command(browser: Client, gimhae: Experiment) -> None:
    browser.post(NEW, {**form_of(gimhae, p__epochs="7", p__amp="on", version="v3"), "queue": "1"})
    first = Run.objects.get()
    page = browser.get(f"{NEW}?again={first.pk}")
    html = page.content.decode()
    assert f'name="{gimhae.pk}-p.epochs" value="7"' in html
    assert 'value="v3"' in html
    sent = form_of(gimhae, p__epochs="7", p__amp="on", version="v3")
    browser.post(NEW, {**sent, "again": first.pk, "queue": "1"})
    second = Run.objects.exclude(pk=first.pk).get()
    assert second.argv == first.argv
    assert second.rerun_of == first


def test_run_again_does_not_take_an_empty_default_for_the_secret_it_had(
    browser: Client, home: Home
) -> None:
    """The template writes the default out, so that the command has the option all the same."""
    key: dict[str, object] = {"name": "api_key", "flag": "--api-key", "default": ""}
    danyang = home.experiment(parameters=[key], template="--api-key {api_key}")
    browser.post(NEW, {**form_of(danyang, p__api_key="sk-first"), "queue": "1"})
    first = Run.objects.get()
    shown = browser.get(f"{NEW}?again={first.pk}").content.decode()
    assert "The value of the earlier run is not kept; give it again." in shown
    refused = browser.post(NEW, {**form_of(danyang), "again": first.pk, "queue": "1"})
    assert refused.status_code == 422
    assert "had the secret api_key" in refused.content.decode()
    given = form_of(danyang, p__api_key="sk-second")
    browser.post(NEW, {**given, "again": first.pk, "queue": "1"})
    assert Run.objects.filter(rerun_of=first).count() == 1


def test_run_again_asks_for_no_secret_where_there_was_none(browser: Client, home: Home) -> None:
    key: dict[str, object] = {"name": "api_key", "flag": "--api-key", "default": ""}
    danyang = home.experiment(parameters=[key], template="--api-key {api_key}")
    browser.post(NEW, {**form_of(danyang), "queue": "1"})
    first = Run.objects.get()
    browser.post(NEW, {**form_of(danyang), "again": first.pk, "queue": "1"})
    assert Run.objects.filter(rerun_of=first).count() == 1


@pytest.mark.parametrize(
    ("group", "expected"), [("Viewer", 403), ("PM", 403), ("Engineer", 200), ("Administrator", 200)]
)
def test_only_those_who_may_run_see_the_form(
    client: Client, gimhae: Experiment, group: str, expected: int
) -> None:
    client.force_login(make_member(group))
    assert client.get(address_of(gimhae)).status_code == expected
    assert client.post(f"{NEW}preview/", form_of(gimhae)).status_code == expected
    assert client.post(f"{NEW}fields/", form_of(gimhae)).status_code == expected
    client.post(NEW, {**form_of(gimhae), "queue": "1"})
    assert Run.objects.exists() == (expected == 200)


@pytest.mark.parametrize("address", ["", "preview/", "fields/"])
def test_posting_without_a_token_is_refused(minsu: User, gimhae: Experiment, address: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(minsu)
    answer = browser.post(NEW + address, {**form_of(gimhae), "queue": "1"})
    assert answer.status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize("address", ["preview/", "fields/"])
def test_preview_is_asked_for_with_post_alone(browser: Client, address: str) -> None:
    assert browser.get(NEW + address).status_code == 405


@pytest.mark.parametrize(
    "query", ["", "type=train", "type=nonsense&experiment=1", "type=train&experiment=x", "again=99"]
)
def test_address_that_names_nothing_is_not_found(browser: Client, query: str) -> None:
    assert browser.get(f"{NEW}?{query}").status_code == 404


@pytest.mark.parametrize("language", ["ko", "en"])
def test_form_speaks_both_languages(browser: Client, gimhae: Experiment, language: str) -> None:
    page = browser.get(address_of(gimhae), headers={"accept-language": language})
    assert page.status_code == 200
    assert f'lang="{language}"' in page.content.decode()


def test_hostile_names_are_text(browser: Client, home: Home) -> None:
    name = "<script>alert(1)</script>"
    experiment = home.experiment("evil")
    Experiment.objects.filter(pk=experiment.pk).update(name=name)
    make_script(experiment, f"{name}.py", parameters=[{**EPOCHS, "name": '"><img src=x>'}])
    sent = form_of(experiment, script=f"{name}.py")
    piece = browser.post(f"{NEW}fields/", sent).content.decode()
    page = browser.get(address_of(experiment)).content.decode()
    assert "<script>alert" not in page + piece
    assert "<img" not in piece


def test_queries_do_not_grow_with_the_experiments(
    browser: Client, home: Home, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    experiments = [home.experiment(f"site-{number}", parameters=[EPOCHS]) for number in range(20)]
    for experiment in experiments:
        make_entry_point(experiment, "infer")
    with django_assert_max_num_queries(12):
        page = browser.get(address_of(*experiments))
    assert len(command_in(page)) == 20


def test_run_of_a_script_that_went_away_says_so_when_repeated(
    browser: Client, gimhae: Experiment
) -> None:
    run = make_run(gimhae, script="gone.py", params={"lr": 0.1})
    page = browser.get(f"{NEW}?again={run.pk}").content.decode()
    assert "gone.py" in page
    assert "lr=0.1" in page
