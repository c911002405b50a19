"""What a run was made of, against the run before."""

from __future__ import annotations

import json

import pytest

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.views.page.made_of import made_of
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


def recorded(files: dict[str, str], *packages: str) -> Run:
    run = make_run(make_experiment(f"site-{Run.objects.count()}"), RunStatus.SUCCEEDED)
    run.folder.mkdir(parents=True)
    (run.folder / "source.json").write_text(json.dumps({"format": 1, "files": files}))
    (run.folder / "requirements.txt").write_text("\n".join(packages))
    return run


def test_files_and_packages_that_differ_are_named(home: Home) -> None:
    before = recorded({"train.py": "a", "net.py": "c"}, "torch==2.1", "numpy==2.0")
    run = recorded({"train.py": "b", "net.py": "c"}, "torch==2.2", "numpy==2.0")
    found = made_of(run, before)
    assert found is not None
    [(name, address)] = found.source.names
    assert name == "train.py"
    assert address.endswith(f"/compare/source/?run={before.pk}&run={run.pk}&path=train.py")
    assert found.packages.names == (("torch 2.1 → 2.2", ""),)


def test_what_is_the_same_is_said_with_its_count(home: Home) -> None:
    before, run = (recorded({"a.py": "1", "b.py": "2"}, "torch==2.1") for _each in range(2))
    found = made_of(run, before)
    assert found is not None
    assert found.source.text == "the same in 2 files"
    assert found.packages.text == "the same 1 package"


def test_what_was_not_recorded_is_not_called_the_same(home: Home) -> None:
    run = recorded({"a.py": "1"}, "torch==2.1")
    found = made_of(run, make_run(make_experiment("other"), RunStatus.LOST))
    assert found is not None
    assert found.source.text == found.packages.text == "not recorded of both runs"


def test_first_run_is_compared_with_none(home: Home) -> None:
    assert made_of(make_run(make_experiment(), RunStatus.SUCCEEDED), None) is None


def test_only_some_files_are_named(home: Home) -> None:
    before = recorded({f"f{number}.py": "1" for number in range(20)})
    run = recorded({f"f{number}.py": "2" for number in range(20)})
    found = made_of(run, before)
    assert found is not None
    assert (len(found.source.names), found.source.more) == (8, 12)
