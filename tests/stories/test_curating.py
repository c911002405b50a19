"""Jiwoo curates, the directories change, and the next scans take nothing away from her.

Everything is real: the web server, the worker that scans, and what a browser would send.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.stories.browser import Browser, Page
from tests.stories.people import employ, experiment_listed, scan_now
from tests.stories.served import ServedPortal

pytestmark = [pytest.mark.processes, pytest.mark.first, pytest.mark.proof]

EXPERIMENTS = "/admin/registry_app/experiment/"
PROPOSALS = "/admin/registry_app/proposal/"
NAMES = (
    "donghwa-entec-fall",
    "donghwa-entec-ppe",
    "hanil-danyang-fire",
    "kcc-yeoju-smoke",
    "lotte-ulsan-ppe+intrusion",
    "posco-pohang-crane",
    "sampyo-gimhae-bct",
    "sampyo-incheon-지게차",
)
# Two fields of each experiment, and four templates, in the order of the page: twenty in all.
TEMPLATES = {
    "donghwa-entec-ppe": ("train", "infer", "quant"),
    "sampyo-incheon-지게차": ("train",),
}


@pytest.fixture
def served_environment() -> dict[str, str]:
    """Nothing of this story is about MLflow, whose server takes long to start."""
    return {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}


def test_twenty_edited_fields_outlive_every_scan(portal: ServedPortal) -> None:
    jiwoo = employ(portal, portal.browser("admin", portal.password), "jiwoo", "PM")
    assert scan_now(jiwoo)["created"] == 8
    edited = edit_twenty_fields(jiwoo)
    assert len(edited) == 20

    summary = scan_now(jiwoo)
    assert (summary["kept"], summary["proposed"], summary["updated"]) == (20, 20, 0)
    assert values(jiwoo, edited) == edited
    page = jiwoo.get(PROPOSALS)
    assert len(open_proposals(page)) == 20
    assert "Open proposals 20" in jiwoo.get("/admin/").words

    reject_one_and_accept_one(jiwoo, edited)
    (portal.roots / "sampyo-gimhae-bct" / "classes.txt").write_text("truck\nhopper\n")
    (portal.roots / "hanil-danyang-fire").rename(portal.roots / "hanil-danyang-flame")
    summary = scan_now(jiwoo)
    # The other classes of the trucks take the place of the first guess; a new path is proposed.
    assert (summary["created"], summary["proposed"], summary["renamed"]) == (0, 2, 1)
    assert values(jiwoo, edited) == edited
    assert "posco-pohang-crane: Task type" not in open_proposals(jiwoo.get(PROPOSALS))
    assert "crane" in jiwoo.get(f"{PROPOSALS}?show=rejected").words
    accept_the_rename(jiwoo)
    assert scan_now(jiwoo)["missing"] == 0
    assert values(jiwoo, edited) == edited


def edit_twenty_fields(jiwoo: Browser) -> dict[tuple[str, str], Any]:
    """Jiwoo writes other values into the pages of all experiments; return what she wrote."""
    edited: dict[tuple[str, str], Any] = {}
    for name in NAMES:
        page = jiwoo.get(f"{EXPERIMENTS}{experiment_listed(jiwoo, name)}/change/")
        written: dict[str, Any] = {"task_type": f"{name[:5]}-task", "classes": f"{name}\n기타"}
        edited[name, "task.type"] = written["task_type"]
        edited[name, "task.classes"] = [name, "기타"]
        for number, kind in enumerate(TEMPLATES.get(name, ())):
            written[f"entry_points-{number}-args_template"] = "--fast"
            edited[name, f"entry_points.{kind}.args_template"] = "--fast"
        page = jiwoo.send(page, page.form("owner"), press="_continue", **written)
        assert "Curated" in page.words, page.words
    return edited


def values(jiwoo: Browser, fields: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """What the registry says in these fields now."""
    experiments = yaml.safe_load(jiwoo.get(f"{EXPERIMENTS}export-yaml/").text)["experiments"]
    found = {}
    for name, dotted in fields:
        value = experiments[name]
        for part in dotted.split("."):
            value = value[part]
        found[name, dotted] = value
    return found


def open_proposals(page: Page) -> dict[str, str]:
    """The open proposals of a page, `experiment: field` and the number of each."""
    boxes = re.findall(
        r'name="chosen" value="(\d+)"[^>]*aria-label="([^"]+)"', page.text.replace("&#x27;", "'")
    )
    return {label: number for number, label in boxes}


def reject_one_and_accept_one(jiwoo: Browser, edited: dict[tuple[str, str], Any]) -> None:
    page = jiwoo.get(PROPOSALS)
    numbers = open_proposals(page)
    page = jiwoo.send(page, page.form("accept"), reject=numbers["posco-pohang-crane: Task type"])
    assert "will not come again" in page.words
    page = jiwoo.send(page, page.form("accept"), accept=numbers["kcc-yeoju-smoke: Task type"])
    assert "1 value was accepted" in page.words
    edited["kcc-yeoju-smoke", "task.type"] = "smoke"
    assert values(jiwoo, edited) == edited
    change_set = jiwoo.get(page.link("/changeset/"))
    assert "Proposal" in change_set.words
    assert "jiwoo" in change_set.words
    # The evidence opens at its line.
    numbers = open_proposals(jiwoo.get(PROPOSALS))
    assert len(numbers) == 18
    source = jiwoo.get(jiwoo.get(f"{PROPOSALS}?q=gimhae&about=task").link("/source/"))
    assert source.status == 200
    assert "truck" in source.words


def accept_the_rename(jiwoo: Browser) -> None:
    page = jiwoo.get(f"{PROPOSALS}?about=path")
    assert "hanil-danyang-flame" in page.words
    assert "2 of 2 scripts" in page.words
    numbers = open_proposals(page)
    page = jiwoo.send(page, page.form("accept"), accept=numbers["hanil-danyang-fire: Path"])
    assert "1 value was accepted" in page.words
    assert not open_proposals(page)
    assert "hanil-danyang-flame" in jiwoo.get(f"{EXPERIMENTS}?q=hanil-danyang-fire").words
