"""One value that cannot be read hides no other, and is reported with its reason."""

from __future__ import annotations

import pytest

from registry_app.results.reading import read
from tests.registry_app.results.helpers import Points, file_points

HUGE = "9" * 420
LINES = f"""{{"epoch": "1", "loss": 0.5, "acc": {HUGE}, "f1": true}}
{{"step": null, "loss": 9}}
"""
BAD = {"f1": "true or false, not a number", "acc": "a number that is too large"}


@pytest.mark.parametrize(
    ("path", "text", "points", "skipped"),
    [
        ("eval.json", f'{{"acc": {HUGE}, "f1": true, "auc": "0.91"}}', {"auc": {0: 0.91}}, BAD),
        ("eval.json", '{"acc": 1e999, "f1": false, "auc": 0.5}', {"auc": {0: 0.5}}, BAD),
        (
            "eval.json",
            '{"mAP": "n/a", "recall": "91 %", "psnr": "007", "loss": "-1e-3", "iou": null}',
            {"loss": {0: -0.001}},
            {
                "mAP": "not a number: n/a",
                "recall": "not a number: 91 %",
                "psnr": "not a number: 007",
            },
        ),
        (
            "metrics.json",
            '{"mAP": 0.5, "lr": 0.1, "time": 3, "epochs": 9, "id": "7"}',
            {"mAP": {0: 0.5}},
            {"lr": "a setting", "time": "a time, an amount of memory or a count"},
        ),
        (
            "history.json",
            '{"loss": [0.5, "0.4", null, 1e999, true, 0.2], "test_acc": 0.9, "epochs": 6}',
            {"loss": {0: 0.5, 1: 0.4, 5: 0.2}, "test_acc": {0: 0.9}},
            {"loss": "a number that is too large"},
        ),
        (
            "log.jsonl",
            LINES,
            {"loss": {1: 0.5}},
            {**BAD, "loss": "in a row without a step"},
        ),
        (
            "results.csv",
            f"epoch,loss,acc,f1\n1,0.5,{HUGE},true\n2,oops,0.7,-\nbest,0.3,,\n3,0.2,0.9,0.8\n",
            {"loss": {1: 0.5, 3: 0.2}, "acc": {2: 0.7, 3: 0.9}, "f1": {3: 0.8}},
            {**BAD, "loss": "not a number: oops"},
        ),
        ("eval.csv", f"auc,acc,f1\n0.5,{HUGE},true\n", {"auc": {0: 0.5}}, BAD),
        ("summary.csv", f"metric,value\nauc,0.5\nacc,{HUGE}\nf1,true\n", {"auc": {0: 0.5}}, BAD),
        ("metrics.yaml", f"acc: {HUGE}\nf1: true\nauc: '0.91'\n", {"auc": {0: 0.91}}, BAD),
        (
            "results.yml",
            "loss: !!python/object:numpy.scalar [1, 2]\nauc: 1e-3\nlr: 0.1\n",
            {"loss": {0: 1.0, 1: 2.0}, "auc": {0: 0.001}},
            {"lr": "a setting"},
        ),
    ],
)
def test_a_bad_value_is_reported_and_hides_no_other(
    path: str, text: str, points: Points, skipped: dict[str, str]
) -> None:
    assert file_points(path, text) == points
    found = read(path, [text.encode()])
    told = {name: str(one.reason) for name, one in found.skipped.items()}
    assert told.items() >= skipped.items()


@pytest.mark.parametrize(
    ("path", "text", "note"),
    [
        (
            "eval.json",
            '{"a": "1", "acc": "0.5", "f1": "0.6"}',
            "2 numbers that were written as text were read",
        ),
        (
            "log.jsonl",
            '{"epoch": 1, "loss": 0.5}\nkilled\n[}\n',
            "2 lines were not readable, the first is line 2",
        ),
        (
            "results.csv",
            f"epoch,loss\n1,0.5\n2,{' ' * 300_000}0.4\n3,0.3\n",
            "1 lines were too long to be read",
        ),
    ],
)
def test_what_was_read_in_spite_of_its_form_is_said(path: str, text: str, note: str) -> None:
    assert [str(one) for one in read(path, [text.encode()]).notes] == [note]


def test_a_document_of_aliases_ends() -> None:
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n"
    bomb += "".join(f"{to}: &{to} [{','.join(f'*{of}' for _ in range(9))}]\n"
                    for of, to in zip("abcdefgh", "bcdefghi", strict=True))  # fmt: skip
    assert file_points("metrics.yaml", f"acc: 0.5\n{bomb}") == {"acc": {0: 0.5}}


@pytest.mark.parametrize("path", ["eval.yaml", "data.yaml", "train.yml", "results_config.yaml"])
def test_yaml_of_other_names_is_of_settings(path: str) -> None:
    assert file_points(path, "acc: 0.5\n") == {}
