"""Missing modules of a script are reported before it is queued; nothing is imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.test import Client
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.exceptions import DiskFullError, MissingModulesError
from runs_app.lifecycle import launch
from runs_app.lifecycle.prepare import RunRequest, prepare
from runs_app.lifecycle.submit import submit
from runs_app.models import Run
from runs_app.preflight import directory as preflight
from runs_app.preflight import modules
from runs_app.runner.exceptions import InterpreterError
from runs_app.texts import reasons
from tests.factories import make_directory, make_member
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, start

pytestmark = pytest.mark.django_db
HERE = Path(sys.executable)


def check(home: Home, files: dict[str, str], *, forced: bool = False) -> list[str]:
    directory = make_directory(home.roots, "sampyo", files)
    return list(map(str, modules.check(directory, "train.py", HERE, forced=forced)))


@pytest.mark.parametrize(
    "text",
    [
        "import os, json, django",  # there
        "import datas",  # of the directory
        "from lib import deep",  # a folder of the directory
        "import sys; sys.path.append('src'); import inner",
        "import sys, os; sys.path.insert(0, os.path.join('x', 'src')); from inner import train",
        "print('no import at all')",
        "this is no Python",
    ],
)
def test_what_is_there_or_belongs_to_the_directory_passes(home: Home, text: str) -> None:
    others = {"datas.py": "", "lib/deep.py": "", "src/inner.py": ""}
    assert check(home, {"train.py": text, **others}) == []


@pytest.mark.parametrize(
    "text",
    [
        "import nowhere_to_be_found",
        "import nowhere_to_be_found.models as models",
        "from nowhere_to_be_found import YOLO",
        "if __name__ == '__main__':\n    import nowhere_to_be_found",
        "import common",  # a module of the directory imports it
    ],
)
def test_what_the_script_cannot_start_without_is_refused_with_the_fix(
    home: Home, text: str
) -> None:
    files = {"train.py": text, "common.py": "import nowhere_to_be_found"}
    with pytest.raises(MissingModulesError) as refused:
        check(home, files)
    output = str(refused.value)
    assert "train.py imports nowhere_to_be_found, which" in output
    assert f"{HERE} -m pip install nowhere_to_be_found" in output
    [warning] = check(home, files, forced=True)
    assert warning.startswith("train.py imports nowhere_to_be_found")


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import nowhere_to_be_found\nexcept ImportError:\n    nowhere_to_be_found = None",
        "def export():\n    import nowhere_to_be_found",
        "import sys\nif len(sys.argv) > 9:\n    import nowhere_to_be_found",
        "import os\nos.system('pip install -q nowhere_to_be_found')\nimport nowhere_to_be_found",
    ],
)
def test_what_it_may_do_without_is_only_a_warning(home: Home, text: str) -> None:
    [warning] = check(home, {"train.py": text})
    assert warning.startswith("Parts of train.py import nowhere_to_be_found")


def test_the_name_to_install_is_the_one_that_pip_knows(home: Home) -> None:
    with pytest.raises(MissingModulesError, match="pip install opencv-python"):
        check(home, {"train.py": "import cv2"})


def test_nothing_is_imported(home: Home) -> None:
    mark = home.path / "mark"
    files = {
        "train.py": "import loud\nimport nowhere_to_be_found",
        "loud.py": f"open({str(mark)!r}, 'w')",
    }
    with pytest.raises(MissingModulesError):
        check(home, files)
    assert not mark.exists()


def test_other_kinds_of_scripts_are_not_read(home: Home) -> None:
    directory = make_directory(home.roots, "shell", {"run.sh": "python -c 'import nowhere'"})
    assert modules.check(directory, "run.sh", HERE, forced=False) == []


def test_an_interpreter_that_does_not_answer_is_a_warning(home: Home) -> None:
    odd = home.roots / "python"
    odd.write_text("#!/bin/sh\nexit 3\n")
    odd.chmod(0o755)
    directory = make_directory(home.roots, "odd", {"train.py": "import json"})
    [warning] = modules.check(directory, "train.py", odd, forced=False)
    assert "did not respond" in str(warning)


def test_the_interpreter_is_asked_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(home, {"train.py": "import json"}) == []

    def fail(*args: object, **options: object) -> None:
        raise InterpreterError("asked again")

    monkeypatch.setattr(modules, "ask", fail)
    assert check(home, {"train.py": "import json"}) == []
    later = make_directory(home.roots, "other", {"train.py": "import json, nowhere_else"})
    assert "asked again" in str(modules.check(later, "train.py", HERE, forced=False))


def test_what_was_installed_meanwhile_is_seen(home: Home) -> None:
    site = home.roots / "site"
    site.mkdir()
    python = home.roots / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nPYTHONPATH={site} exec {HERE} "$@"\n')
    python.chmod(0o755)
    directory = make_directory(home.roots, "late", {"train.py": "import installed_later"})
    with pytest.raises(MissingModulesError):
        modules.check(directory, "train.py", python, forced=False)
    (site / "installed_later.py").write_text("")
    assert modules.check(directory, "train.py", python, forced=False) == []


def test_a_script_that_was_changed_is_read_again(home: Home) -> None:
    assert check(home, {"train.py": "import json"}) == []
    with pytest.raises(MissingModulesError):
        check(home, {"train.py": "import nowhere_to_be_found"})


@pytest.mark.processes
def test_it_is_asked_before_queueing_and_again_before_the_start(home: Home) -> None:
    experiment = home.experiment(script="import helper\nprint('done')\n")
    helper = Path(experiment.path) / "helper.py"
    request = RunRequest(experiment=experiment, type="train")
    with pytest.raises(MissingModulesError):
        prepare(request)
    helper.write_text("")
    run = queue(experiment)
    helper.unlink()
    assert not start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.ERRORED, reasons.REFUSED.code)
    assert "helper" in run.status_reason


@pytest.mark.processes
def test_force_queues_and_starts_it_all_the_same(home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_MIN_FREE_MIB = 2**40
    experiment = home.experiment(script="import nowhere_to_be_found\n")
    run = submit(RunRequest(experiment=experiment, type="train", force=True), user=None)
    assert "nowhere_to_be_found" in str(run.warnings)
    assert start(run)
    end(run)
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 1)


def test_a_full_disk_is_refused_before_queueing(home: Home, settings: Settings) -> None:
    experiment = home.experiment()
    settings.GUARDIANFLOW_MIN_FREE_MIB = 2**40
    with pytest.raises(DiskFullError, match=r"runs has .* MiB free"):
        queue(experiment)
    settings.GUARDIANFLOW_MIN_FREE_MIB = 0
    assert queue(experiment).status == RunStatus.QUEUED


@pytest.mark.processes
def test_a_disk_that_fills_later_is_waited_for(home: Home, settings: Settings) -> None:
    run = queue(home.experiment())
    settings.GUARDIANFLOW_MIN_FREE_MIB = 2**40
    host = portal_settings.GUARDIANFLOW_HOST
    for _number in range(2):
        assert launch.start_next(host) == []
        run.refresh_from_db()
        assert (run.status, run.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_DISK.code)
    assert str(settings.RUNS_DIR) in run.status_reason
    settings.GUARDIANFLOW_MIN_FREE_MIB = 0
    assert launch.start_next(host) == [run.pk]
    end(run)


def test_room_is_that_of_the_nearest_folder_that_is_there(home: Home) -> None:
    there = os.statvfs(home.path)
    assert preflight.free_mib_at(home.path / "not" / "yet") == pytest.approx(
        there.f_bavail * there.f_frsize // 2**20, abs=1024
    )


def test_the_form_shows_it_and_lets_a_user_queue_it_all_the_same(home: Home) -> None:
    experiment = home.experiment(script="import nowhere_to_be_found\n")
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_member("Engineer"))
    prefix = f"{experiment.pk}-"
    form = {
        "type": "train",
        "experiment": str(experiment.pk),
        f"{prefix}script": "train.py",
        f"{prefix}shown": "train.py",
    }
    seen = client.post("/admin/runs_app/run/new/preview/", form).json()
    assert (seen["can_force"], "nowhere_to_be_found" in seen["error"]) == (True, True)
    # A page that is opened starts no interpreter; it tells what an earlier question found out.
    page = client.get(f"/admin/runs_app/run/new/?type=train&experiment={experiment.pk}")
    assert "imports nowhere_to_be_found" in page.content.decode()
    assert client.post("/admin/runs_app/run/new/", {**form, "queue": "1"}).status_code == 422
    forced = {**form, f"{prefix}force": "1"}
    seen = client.post("/admin/runs_app/run/new/preview/", forced).json()
    assert (seen["error"], len(seen["warnings"])) == ("", 1)
    client.post("/admin/runs_app/run/new/", {**forced, "queue": "1"})
    assert Run.objects.get().forced
