"""A script that several directories share by a link, from the scan to the end of its run."""

from __future__ import annotations

import json
import tarfile

import pytest

from registry_app.admin.source_file import read_lines
from registry_app.changes.apply import apply_plan
from registry_app.changes.planning import make_plan
from registry_app.choices import ChangeOrigin, ConfirmedBy, FieldSource
from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import script_inside
from registry_app.models import Experiment
from registry_app.scan.run import scan
from runs_app.choices import RunStatus
from runs_app.records import capture
from tests.factories import make_directory
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, start

pytestmark = pytest.mark.django_db

TRAIN = """
from shared_helper import name

if __name__ == "__main__":
    print(name, open("own.txt").read())
"""


def shared(home: Home) -> Experiment:
    """Two directories of which one has its training script by a link alone."""
    files = {"train.py": TRAIN, "shared_helper.py": "name = 'shared'"}
    make_directory(home.roots, "common-scripts", files)
    make_directory(home.roots, "ppe", {"own.txt": "ppe"})
    (home.roots / "ppe/train.py").symlink_to("../common-scripts/train.py")
    found = scan([home.roots])
    document = found.document
    plan = make_plan(document, source=FieldSource.SCANNED)
    apply_plan(plan, origin=ChangeOrigin.SCAN, by=None, confirms=ConfirmedBy.SCAN)
    return Experiment.objects.get(name="ppe")


def test_a_shared_script_is_scanned_and_runs(home: Home) -> None:
    ppe = shared(home)
    assert ppe.entry_points.get(type="train").default_script == "train.py"
    reasons = ppe.provenance.get(field="entry_points.train.default").reasons
    assert ["linked", {"target": "../common-scripts/train.py"}] in reasons
    run = queue(ppe)
    assert start(run)
    capture.capture(run)
    run = end(run)
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    assert run.argv[1:] == ["train.py"]
    assert run.warnings == []
    assert (run.folder / "stdout.log").read_text() == "shared ppe\n"
    assert run.source_changed == []
    # What ran is kept, though the directory itself has only a link.
    assert "train.py" in json.loads((run.folder / "source.json").read_text())["files"]
    with tarfile.open(run.folder / "source.tar.gz") as archive:
        kept = archive.extractfile("train.py")
        assert kept is not None
        assert kept.read().decode() == TRAIN


def test_its_page_shows_the_shared_file(home: Home) -> None:
    shared(home)
    assert read_lines(home.roots / "ppe", "train.py").lines[1] == TRAIN.splitlines()[1]


def test_other_links_out_stay_refused(home: Home) -> None:
    shared(home)
    directory = home.roots / "ppe"
    (home.path / "inside.py").write_text("")
    (directory / "etc.py").symlink_to("/etc/passwd")
    (directory / "home.py").symlink_to(home.path / "inside.py")
    (directory / "folder").symlink_to("../common-scripts")
    for script in ("etc.py", "home.py", "folder/train.py"):
        with pytest.raises(PathRefusedError, match="leads out of"):
            script_inside(directory, script)
