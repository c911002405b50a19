"""A source file of one run beside that of another, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.records import source
from runs_app.runner.outputs.snapshot import take
from runs_app.runner.source.archive import ARCHIVE
from runs_app.views.compare.source import MAX_LINES
from tests.factories import make_directory, make_experiment, make_member, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

SOURCE = "/admin/runs_app/run/compare/source/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def browser(client: Client, home: Home) -> Client:
    client.force_login(make_member("Viewer", "hyejin"))
    return client


@pytest.fixture
def runs(home: Home, tmp_path: Path) -> list[Run]:
    """Two runs of a script whose rate was changed in between."""
    experiment = make_experiment()
    made = []
    for number, rate in enumerate(("0.01", "0.02")):
        files = {
            "train.py": f"import torch\nlr = {rate}  # <b>학습률</b>\nprint(lr)\n",
            "same.py": "x = 1\n",
            "long.py": f"x = {rate}\n" * (MAX_LINES + 1),
        }
        if number:
            files["new.py"] = "first\nsecond\n"
        directory = make_directory(tmp_path, f"version{number}", files)
        run = make_run(experiment, RunStatus.SUCCEEDED)
        run.folder.mkdir(parents=True)
        source.write(directory, take(directory), run.folder)
        made.append(run)
    return made


def text_of(browser: Client, runs: list[Run], path: str) -> str:
    query = "&".join(f"run={run.pk}" for run in runs)
    page = browser.get(f"{SOURCE}?{query}&path={path}", headers=ENGLISH)
    assert page.status_code == 200
    return page.content.decode()


def test_the_lines_that_differ(browser: Client, runs: list[Run]) -> None:
    page = text_of(browser, runs, "train.py")
    assert '<div class="gfx-old">-lr = 0.01  # &lt;b&gt;학습률&lt;/b&gt;</div>' in page
    assert '<div class="gfx-new">+lr = 0.02' in page
    assert '<div class="gfx-as"> import torch</div>' in page


def test_a_file_that_only_one_of_them_had(browser: Client, runs: list[Run]) -> None:
    assert '<div class="gfx-new">+second</div>' in text_of(browser, runs, "new.py")


def test_a_file_that_is_too_long_or_was_not_kept_is_said(browser: Client, runs: list[Run]) -> None:
    assert "too long to be compared" in text_of(browser, runs, "long.py")
    (runs[0].folder / ARCHIVE).unlink()
    assert "was not kept with both runs" in text_of(browser, runs, "train.py")


def test_only_recorded_files_of_two_runs(browser: Client, runs: list[Run]) -> None:
    both = f"run={runs[0].pk}&run={runs[1].pk}"
    for query in (
        f"{both}&path=/etc/passwd",
        f"{both}&path=../version0/train.py",
        f"{both}&path=",
        both,
        f"run={runs[0].pk}&path=train.py",
        f"{both}&run=999999&path=nothing.py",
    ):
        assert browser.get(f"{SOURCE}?{query}").status_code == 404, query


def test_the_comparison_leads_there(browser: Client, runs: list[Run]) -> None:
    query = f"run={runs[0].pk}&run={runs[1].pk}"
    page = browser.get(f"/admin/runs_app/run/compare/?{query}", headers=ENGLISH)
    (found,) = [one for one in page.context["compared"].sections if one.key == "source"]
    assert {row.name for row in found.rows} == {"train.py", "long.py", "new.py"}
    assert f"{SOURCE}?{query}&path=train.py".replace("&", "&amp;") in page.content.decode()
