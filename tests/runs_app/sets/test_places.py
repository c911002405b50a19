"""Files of run sets from a core repository, as the last sync left it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from registry_app.sync.run import sync
from runs_app.exceptions import RefusedError
from runs_app.sets.definitions import read
from runs_app.sets.places import SCENARIO, source_file, source_files
from tests.registry_app.sync.git.remote import Remote, make_remote

pytestmark = pytest.mark.django_db

NIGHTLY = "runs:\n  - {experiment: bct, type: train}\n"


@pytest.fixture
def remote(settings: Settings, tmp_path: Path) -> Remote:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    (made.clone / SCENARIO).mkdir()
    (made.clone / SCENARIO / "nightly.yaml").write_text(NIGHTLY)
    (made.clone / SCENARIO / "README.md").write_text("no scenario")
    (made.clone / SCENARIO / "link.yaml").symlink_to("/etc/passwd")
    made.commit("experiments:\n  bct:\n    path: bct\n")
    made.push()
    return made


def test_files_are_those_of_the_synced_commit(remote: Remote) -> None:
    assert source_files(SCENARIO) == []
    sync()
    (file,) = source_files(SCENARIO)
    assert (file.path, file.name, len(file.commit)) == ("scenario/nightly.yaml", "nightly", 40)
    assert [member.label for member in read(file, SCENARIO).wanted()] == ["bct"]
    (remote.clone / SCENARIO / "nightly.yaml").write_text("runs: []\n")
    remote.commit_all()
    remote.push()
    assert source_file(SCENARIO, "nightly").data == NIGHTLY.encode()
    with pytest.raises(RefusedError, match="there are: nightly"):
        source_file(SCENARIO, "daily")
