"""The comparison of runs: what differs, whether it counts, and what an address may ask for."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.comparing.classes import classes_key
from runs_app.models import Run, RunFile, RunMetric
from tests.factories import make_experiment, make_member, make_run, make_user
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

COMPARE = "/admin/runs_app/run/compare/"
UP, LOSS = "metrics/mAP50(B)", "val/loss"
ENGLISH = {"accept-language": "en"}
DAY, NIGHT = "data.yaml@0123456789abcdef", "night.yaml@fedcba9876543210"
HELMETS = ("helmet", "head")
MAX_QUERIES = 12


@pytest.fixture
def experiment(home: Home) -> Experiment:
    return make_experiment("sampyo-gimhae-helmet", task_type="ppe", classes=list(HELMETS))


@pytest.fixture
def browser(client: Client, home: Home) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


def measured(experiment: Experiment, value: float | None = 0.9, **fields: Any) -> Run:
    """A good run with this value, known data and classes; losses fall as the value rises."""
    metrics = fields.pop("metrics", {})
    if value is not None:
        metrics = {UP: value, LOSS: 1 - value, **metrics}
    values: dict[str, Any] = {
        "data_key": DAY,
        "classes_key": classes_key(HELMETS),
        "main_metric": UP if value is not None else "",
        "main_value": value,
        "params": {"epochs": 40, "lr": 0.01},
    }
    run = make_run(experiment, fields.pop("status", RunStatus.SUCCEEDED), **(values | fields))
    for name, best in metrics.items():
        RunMetric.objects.create(run=run, name=name, last=best, best=best)
    return run


def asked(*runs: Run) -> str:
    return "&".join(f"run={run.pk}" for run in runs)


def page_of(browser: Client, query: str) -> Any:
    page = browser.get(f"{COMPARE}?{query}", headers=ENGLISH)
    assert page.status_code == 200, (query, page.status_code)
    return page


def compared(browser: Client, *runs: Run) -> Any:
    return page_of(browser, asked(*runs)).context["compared"]


def section(found: Any, key: str) -> dict[str, list[str]]:
    """What the rows of a section that differ say, by their name."""
    if key == "metrics":
        rows = found.measures.section.rows
    else:
        (rows,) = [one.rows for one in found.sections if one.key == key]
    return {row.name: [cell.text for cell in row.cells] for row in rows}


@pytest.mark.parametrize(
    ("other", "tone", "reasons"),
    [
        ({}, "good", []),
        ({"data_key": "copy.yaml@0123456789abcdef"}, "good", []),
        ({"data_key": NIGHT}, "bad", ["Data differ: #1 data.yaml · 0123; #2 night.yaml · fedc."]),
        ({"data_key": ""}, "warn", ["Data not known: #2."]),
        ({"data_key": "data.yaml"}, "warn", ["The data have the same name, but"]),
        ({"classes_key": ""}, "warn", ["Classes not known: #2."]),
        ({"classes_key": "another"}, "bad", ["Classes differ."]),
        ({"value": None}, "warn", ["No main metric: #2."]),
        ({"main_metric": "accuracy"}, "bad", ["Main metrics differ: #1 mAP50(B); #2 accuracy."]),
        ({"summarised": 0}, "warn", []),
        (
            {"data_key": NIGHT, "classes_key": ""},
            "bad",
            ["Data differ", "Classes not known: #2."],
        ),
    ],
)
def test_whether_runs_are_comparable_is_said_and_unknown_is_never_the_same(
    browser: Client, experiment: Experiment, other: dict[str, Any], tone: str, reasons: list[str]
) -> None:
    first, second = measured(experiment), measured(experiment, **other)
    assessment = compared(browser, first, second).assessment
    said = [reason.replace(f"#{first.pk} ", "#1 ") for reason in assessment.reasons]
    said = [reason.replace(f"#{second.pk}", "#2") for reason in said]
    assert assessment.tone == tone
    assert assessment.marks == ("", {"good": "", "warn": "?", "bad": "≠"}[tone])
    for told, expected in zip(said, reasons, strict=bool(reasons)):
        assert told.startswith(expected)


def test_data_that_are_not_known_are_never_folded_as_the_same(
    browser: Client, experiment: Experiment
) -> None:
    runs = [measured(experiment, data_key="", classes_key="") for _ in range(2)]
    found = compared(browser, *runs)
    assert section(found, "data") == {
        "data": ["data not known"] * 2,
        "classes": ["classes not known"] * 2,
    }
    page = browser.get(f"{COMPARE}?{asked(*runs)}", headers=ENGLISH).content.decode()
    assert "Whether they are comparable is not known." in page
    known = [measured(experiment) for _ in range(2)]
    assert section(compared(browser, *known), "data") == {}


def test_what_differs_first_and_the_rest_folded(browser: Client, experiment: Experiment) -> None:
    first = measured(experiment, params={"epochs": 40, "lr": 0.01, "seed": 1})
    second = measured(experiment, params={"epochs": 40, "lr": "1e-2", "batch": 8})
    found = compared(browser, first, second)
    assert section(found, "parameters") == {"seed": ["1", "–"], "batch": ["–", "8"]}
    (parameters,) = [one for one in found.sections if one.key == "parameters"]
    assert [row.name for row in parameters.same] == ["epochs", "lr"]
    assert section(found, "source") == {"source files": ["not known", "not known"]}


def test_secret_parameters_are_not_shown(browser: Client, experiment: Experiment) -> None:
    first = measured(experiment, params={"token": "hf_abcdef"}, secrets=["token"])
    second = measured(experiment, params={"token": "hf_ghijkl"})
    page = browser.get(f"{COMPARE}?{asked(first, second)}").content.decode()
    assert "hf_" not in page


def test_the_best_of_each_metric_in_its_direction(browser: Client, experiment: Experiment) -> None:
    runs = [measured(experiment, value) for value in (0.90, 0.95, 0.85)]
    metrics = compared(browser, *runs).measures
    main, loss = metrics.section.rows
    assert [cell.is_best for cell in main.cells] == [False, True, False]
    assert [cell.small for cell in main.cells] == ["", "+5.0%p", "−5.0%p"]
    assert [cell.tone for cell in main.cells] == ["", "good", "bad"]
    assert [cell.is_best for cell in loss.cells] == [False, True, False]
    assert [cell.tone for cell in loss.cells] == ["", "good", "bad"]


def test_a_better_number_on_other_data_is_not_the_best(
    browser: Client, experiment: Experiment
) -> None:
    base, beside = measured(experiment, 0.80), measured(experiment, 0.85)
    elsewhere = measured(experiment, 0.99, data_key=NIGHT)
    found = compared(browser, base, beside, elsewhere)
    main = found.measures.section.rows[0]
    assert [cell.is_best for cell in main.cells] == [False, True, False]
    assert main.cells[2].small == ""
    assert found.assessment.marks == ("", "", "≠")
    alone = compared(browser, elsewhere, base, beside)
    assert not alone.measures.has_company
    assert not any(cell.is_best for row in alone.measures.section.rows for cell in row.cells)


def test_metrics_per_class_and_a_class_that_a_run_does_not_have(
    browser: Client, experiment: Experiment
) -> None:
    per_class = {"helmet/mAP50": 0.9, "helmet/P": 0.8, "head/mAP50": 0.7}
    first = measured(experiment, metrics=per_class)
    night = make_experiment("night", classes=["helmet", "vest"], task_type="ppe")
    second = measured(
        night,
        classes_key=classes_key(("helmet", "vest")),
        metrics={"helmet/mAP50": 0.95, "vest/mAP50": 0.6},
    )
    found = compared(browser, first, second)
    rows = {row.name: [cell.text for cell in row.cells] for row in found.measures.classes.rows}
    assert rows == {
        "helmet": ["0.900", "0.950"],
        "head": ["0.700", "no such class"],
        "vest": ["no such class", "0.600"],
    }
    assert found.assessment.reasons[0].endswith("+ vest − head.")
    assert "helmet/mAP50" not in str(section(found, "metrics"))


def test_addresses_that_name_too_few_too_many_or_strange_runs(
    browser: Client, experiment: Experiment
) -> None:
    runs = [measured(experiment, 0.5 + number / 100) for number in range(11)]
    gone = runs[-1].pk + 1000
    for query, notices, text in (
        ("", 0, "Tick 2 to 10 runs"),
        (f"run={gone}", 1, "Tick 2 to 10 runs"),
        ("run=abc&run=-1", 1, "Tick 2 to 10 runs"),
        ("run=99999999999999999999", 1, "Tick 2 to 10 runs"),
        (f"run={runs[3].pk}", 0, "is the only run here"),
        (f"run={runs[3].pk}&run=%23{runs[3].pk}", 0, "is the only run here"),
        (f"{asked(*runs[:2])}&run={gone}", 1, "Compare 2 runs"),
        (f"run={runs[0].pk},{runs[1].pk}", 0, "Compare 2 runs"),
        (asked(*runs), 0, "More than 10 runs are a table"),
        ("&".join(f"run={number}" for number in range(1, 140)), 2, "At most 100 runs"),
    ):
        page = page_of(browser, query)
        assert len(page.context["notices"]) == notices, query
        assert text in page.content.decode(), query


def test_one_run_is_offered_others_to_compare_it_with(
    browser: Client, experiment: Experiment
) -> None:
    best = measured(experiment, 0.99, is_best=True)
    previous = measured(experiment, 0.7)
    run = measured(experiment, 0.8)
    good = measured(experiment, 0.6)
    page = page_of(browser, asked(run))
    assert [other for _label, other, _address in page.context["suggested"]] == [
        previous,
        best,
        good,
    ]
    assert f"run={run.pk}&amp;run={best.pk}" in page.content.decode()


def test_one_run_is_compared_with_the_best_or_the_previous_one_by_a_link(
    browser: Client, experiment: Experiment
) -> None:
    best = measured(experiment, 0.99, is_best=True)
    previous, run = measured(experiment, 0.7), measured(experiment, 0.8)
    for word, other in (("best", best), ("previous", previous)):
        answer = browser.get(f"{COMPARE}?run={run.pk}&with={word}")
        assert answer.status_code == 302
        assert answer["Location"] == f"{COMPARE}?{asked(other, run)}"
    failed = measured(experiment, None, status=RunStatus.FAILED)
    answer = browser.get(f"{COMPARE}?run={failed.pk}&with=best")
    assert answer["Location"] == f"{COMPARE}?{asked(best, failed)}"
    answer = browser.get(f"{COMPARE}?run={best.pk}&with=best")
    assert "compared" not in answer.context  # it is the best and the first of all
    for query in (f"run={run.pk}&with=x", "with=best"):
        assert "compared" not in page_of(browser, query).context


def test_the_first_run_may_be_changed_and_others_taken_away(
    browser: Client, experiment: Experiment
) -> None:
    one, two, three = (measured(experiment) for _ in range(3))
    heads = compared(browser, one, two, three).heads
    assert heads[1].first == f"{COMPARE}?{asked(two, one, three)}"
    assert heads[1].without == f"{COMPARE}?{asked(one, three)}"


def test_only_runs_that_the_list_of_runs_shows(client: Client, experiment: Experiment) -> None:
    run = measured(experiment)
    stranger = make_user("stranger", is_staff=True)
    client.force_login(stranger)
    for page in ("", "csv/", "source/"):
        assert client.get(f"{COMPARE}{page}?{asked(run, run)}").status_code == 403
    stranger.user_permissions.add(Permission.objects.get(codename="view_run"))
    assert client.get(f"{COMPARE}?{asked(run)}").status_code == 200
    assert client.post(f"{COMPARE}?{asked(run)}").status_code == 405


@pytest.mark.parametrize("count", [2, 10, 60])
def test_at_most_twelve_queries_however_many_runs(
    browser: Client, experiment: Experiment, count: int
) -> None:
    names = {f"class{number}/mAP50": 0.5 for number in range(5)}
    runs = [measured(experiment, 0.5 + at / 1000, metrics=names) for at in range(count)]
    for run in runs:
        RunFile.objects.create(run=run, path="exp/pred.png", kept="a", size_bytes=1)
    browser.get(f"{COMPARE}?{asked(*runs)}")  # the first visit of a session has queries of its own
    for page in (COMPARE, f"{COMPARE}csv/"):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(f"{page}?{asked(*runs)}").status_code == 200
        assert len(seen) <= MAX_QUERIES, [query["sql"] for query in seen]


def test_pictures_of_the_same_name_wherever_they_are(
    browser: Client, experiment: Experiment
) -> None:
    first, second, third = (measured(experiment) for _ in range(3))
    for run, path in (
        (first, "runs/exp/pred.png"),
        (second, "runs/exp2/pred.png"),
        (first, "runs/exp/curve.jpg"),
        (second, "runs/exp2/curve.jpg"),
        (third, "runs/exp3/curve.jpg"),
        (third, "runs/exp3/only here.png"),
        (third, "runs/exp3/pred.txt"),
    ):
        RunFile.objects.create(run=run, path=path, kept="a", size_bytes=1)
    RunFile.objects.create(run=third, path="not kept/pred.png", size_bytes=1)
    pictures = page_of(browser, asked(first, second, third)).context["pictures"]
    assert [label for label, _address, _shown in pictures["names"]] == ["curve", "pred"]
    assert [file.path for _run, file in pictures["shown"] if file] == [
        "runs/exp/curve.jpg",
        "runs/exp2/curve.jpg",
        "runs/exp3/curve.jpg",
    ]
    page = page_of(browser, f"{asked(first, second, third)}&picture=pred.png")
    assert [bool(file) for _run, file in page.context["pictures"]["shown"]] == [True, True, False]
    assert "no such picture" in page.content.decode()


def test_the_file_holds_all_rows_and_no_formula(browser: Client, experiment: Experiment) -> None:
    first = measured(experiment, 0.123456789, params={"lr": "=cmd()"}, note="+1")
    second = measured(experiment, 0.9, params={"lr": "@x", "epochs": 4})
    answer = browser.get(f"{COMPARE}csv/?{asked(first, second)}", headers=ENGLISH)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith(
        f'attachment; filename="compare-{first.pk}-{second.pk}-'
    )
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {5}
    found = {row[1]: row for row in rows}
    assert found["lr"] == ["Parameters", "lr", "", "'=cmd()", "'@x"]
    assert found["note"][3] == "'+1"
    assert found["epochs"] == ["Parameters", "epochs", "", "–", "4"]
    assert found["classes"][2:] == ["same", "helmet, head", "helmet, head"]
    assert found["mAP50(B) ↑"][3:] == ["0.123456789", "0.9"]
    assert browser.get(f"{COMPARE}csv/").status_code == 400


def test_more_than_ten_runs_are_a_table_with_a_line_for_each(
    browser: Client, experiment: Experiment
) -> None:
    runs = [
        measured(experiment, 0.5 + at / 100, params={"lr": at, "epochs": 3}) for at in range(12)
    ]
    page = page_of(browser, asked(*runs))
    assert [row.name for row in page.context["table"]["columns"]] == ["mAP50(B) ↑", "lr", "loss ↓"]
    assert len(page.context["table"]["lines"]) == 12
    assert "pictures" not in page.context


def test_hostile_names_are_escaped_and_shown(browser: Client, experiment: Experiment) -> None:
    odd = "<script>alert(1)</script>\u202egnp"
    runs = [
        measured(experiment, params={odd: at}, note=odd, metrics={odd: 0.1}, script=odd + str(at))
        for at in range(2)
    ]
    page = page_of(browser, asked(*runs)).content.decode()
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_a_run_that_has_not_ended_is_read_from_its_folder(
    browser: Client, experiment: Experiment
) -> None:
    done = measured(experiment)
    going = make_run(experiment, RunStatus.RUNNING, params={"epochs": 40})
    going.folder.mkdir(parents=True)
    lines = [
        {"key": UP, "value": value, "step": step, "timestamp_ms": 1, "name": UP, "is_sent": True}
        for step, value in enumerate((0.5, 0.8, 0.7))
    ]
    (going.folder / "live.jsonl").write_text("\n".join(map(json.dumps, lines)))
    page = page_of(browser, asked(done, going))
    found = page.context["compared"]
    assert [cell.text for cell in found.measures.main.cells] == ["0.900", "0.800"]
    assert found.assessment.marks == ("", "?")
    assert page.context["active_notice"].startswith(f"Not ended yet: #{going.pk}; what is shown")


def test_a_comparison_follows_the_runs_that_go_on(browser: Client, experiment: Experiment) -> None:
    done, ended = measured(experiment), measured(experiment)
    going = make_run(experiment, RunStatus.RUNNING)
    page = page_of(browser, asked(done, going, ended))
    assert f'data-active="{going.pk}"' in page.text
    assert page.context["curves"]["data"]["isLive"]
    assert "data-active" not in page_of(browser, asked(done, ended)).text
    assert "data-active" not in page_of(browser, asked(going)).text
