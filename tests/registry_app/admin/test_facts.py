"""The section of an experiment's page that shows what a scan saw beside its scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from registry_app.findings.store import store
from registry_app.models import EnvironmentCheck, Experiment, FactSheet
from registry_app.scan.run import scan

pytestmark = pytest.mark.django_db

RESULTS = "epoch,metrics/mAP50(B)\n1,0.5\n2,0.61\n3,0.6\n"
FILES = {
    "train.py": "import torch, cv2\nif __name__ == '__main__':\n    train()\n",
    "requirements.txt": "torch==2.1.0\n",
    "runs/train/exp/results.csv": RESULTS,
    "runs/train/exp/args.yaml": "model: yolov8n.pt\nepochs: 3\n",
    ".git/HEAD": "ref: refs/heads/night-shift\n",
    ".venv/pyvenv.cfg": "version = 3.9.2\n",
}


@pytest.fixture
def root(tmp_path: Path, settings: object) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]  # type: ignore[attr-defined]
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = root / "sampyo-gimhae-ppe" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def scanned(root: Path) -> Experiment:
    store(scan([root]))
    return Experiment.objects.get(name="sampyo-gimhae-ppe")


def page(client: Client, experiment: Experiment) -> str:
    address = reverse("admin:registry_app_experiment_detail", args=[experiment.pk])
    return client.get(address).content.decode()


def test_the_page_shows_frameworks_environments_repository_and_past_runs(
    root: Path, admin_client: Client
) -> None:
    write(root, FILES)
    shown = page(admin_client, scanned(root))
    assert "<strong>PyTorch</strong> 2.1.0" in shown
    assert "<code>.venv</code> venv · Python 3.9.2" in shown
    assert "its Python cannot be started" in shown
    assert "<code>night-shift</code>" in shown
    assert "metrics/mAP50(B) <strong>0.61</strong> @ 2" in shown
    assert "epochs = 3" in shown


def test_facts_follow_the_directory(root: Path) -> None:
    write(root, FILES)
    scanned(root)
    (root / "sampyo-gimhae-ppe/requirements.txt").write_text("torch==2.4.1\n")
    (root / "sampyo-gimhae-ppe/.git/HEAD").write_text("ref: refs/heads/day-shift\n")
    sheet = FactSheet.objects.get(experiment=scanned(root))
    assert [framework["version"] for framework in sheet.frameworks] == ["2.4.1"]
    assert sheet.git["branch"] == "day-shift"
    assert FactSheet.objects.count() == 1


def test_what_an_environment_lacks_is_shown_where_it_is_needed(
    root: Path, admin_client: Client
) -> None:
    write(root, FILES)
    experiment = scanned(root)
    facts = FactSheet.objects.get(experiment=experiment)
    EnvironmentCheck.objects.create(
        experiment=experiment, interpreter="/env/bin/python", asked=2, missing=facts.needed[:1]
    )
    shown = page(admin_client, experiment)
    assert "1 module is missing" in shown
    assert "pip install opencv-python" in shown


def test_before_the_first_scan_the_page_says_so(admin_client: Client) -> None:
    experiment = Experiment.objects.create(name="hanil", path="hanil")
    assert "Nothing is known yet" in page(admin_client, experiment)


def test_a_scanned_directory_without_scripts_is_told_from_one_not_scanned(
    root: Path, admin_client: Client
) -> None:
    write(root, {"main.cpp": '#include "NvInfer.h"\nint main() {}\n'})
    shown = page(admin_client, scanned(root))
    assert "It found no script that can be started. Programs in other languages" in shown
    never = Experiment.objects.create(name="hanil", path="hanil")
    assert "No scripts are known yet; a scan finds them." in page(admin_client, never)


def test_names_from_files_are_no_markup(root: Path, admin_client: Client) -> None:
    write(root, FILES | {"<b>/results.csv": "epoch,<i>acc\n1,2\n"})
    shown = page(admin_client, scanned(root))
    assert "<i>acc" not in shown
    assert "&lt;i&gt;acc" in shown
