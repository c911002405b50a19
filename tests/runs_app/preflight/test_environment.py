"""An experiment's interpreter is asked which modules its scripts would not find."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from registry_app.findings.store import store
from registry_app.models import EntryPoint, EnvironmentCheck, Experiment
from registry_app.scan.run import scan
from runs_app.exceptions import RefusedError
from runs_app.preflight.environment import check_environment

pytestmark = pytest.mark.django_db

TRAIN = """\
import json
import no_such_framework
try:
    import no_such_logger
except ImportError:
    no_such_logger = None
import lib
if __name__ == "__main__":
    lib.train()
"""


@pytest.fixture
def experiment(tmp_path: Path, settings: Any) -> Experiment:
    """Return a scanned experiment with an empty environment of its own."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    directory = tmp_path / "roots/donghwa-entec-ppe"
    directory.mkdir(parents=True)
    (directory / "train.py").write_text(TRAIN)
    (directory / "lib.py").write_text("import django\nopen('imported', 'w')\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory / ".venv"], check=True)
    store(scan([tmp_path / "roots"]))
    return Experiment.objects.get()


def test_what_the_environment_lacks_is_kept_with_the_line_that_needs_it(
    experiment: Experiment,
) -> None:
    check = check_environment(experiment)
    assert [(row["name"], row["source"], row["is_certain"]) for row in check.missing] == [
        ("django", "lib.py:1", True),
        ("no_such_framework", "train.py:2", True),
        ("no_such_logger", "train.py:4", False),
    ]
    assert check.interpreter.endswith("donghwa-entec-ppe/.venv/bin/python")
    assert check.python_version == ".".join(map(str, sys.version_info[:3]))


def test_nothing_is_imported_and_nothing_is_written(experiment: Experiment, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    check_environment(experiment)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_interpreter_that_a_person_chose_is_asked(experiment: Experiment) -> None:
    EntryPoint.objects.filter(experiment=experiment).update(interpreter=sys.executable)
    check = check_environment(experiment)
    assert [row["name"] for row in check.missing] == ["no_such_framework", "no_such_logger"]


def test_one_that_does_not_answer_is_the_answer_until_it_is_repaired(
    experiment: Experiment,
) -> None:
    entry = EntryPoint.objects.get(experiment=experiment)
    entry.interpreter = "/nowhere/python"
    entry.save()
    assert "does not exist" in str(check_environment(experiment).error)
    entry.interpreter = ""
    entry.save()
    assert check_environment(experiment).error is None
    assert EnvironmentCheck.objects.count() == 1


def test_without_a_scan_there_is_nothing_to_ask() -> None:
    experiment = Experiment.objects.create(name="hanil", path="hanil")
    with pytest.raises(RefusedError, match="Scan first"):
        check_environment(experiment)


def test_the_command_tells_it_and_fails_where_nothing_would_start(
    experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    output = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_environment", "donghwa-entec-ppe", stdout=output)
    assert ended.value.code == 1
    assert "no_such_framework  missing" in output.getvalue()


def test_the_command_tells_machines(experiment: Experiment) -> None:
    EntryPoint.objects.filter(experiment=experiment).update(interpreter=sys.executable)
    experiment.facts.needed = [row for row in experiment.facts.needed if row["name"] == "django"]
    experiment.facts.save()
    output = StringIO()
    call_command("check_environment", "donghwa-entec-ppe", "--json", stdout=output)
    text = json.loads(output.getvalue())
    assert (text["asked"], text["missing"], text["error"]) == (1, [], "")


def test_the_command_refuses_what_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("check_environment", "nobody")


def test_the_button_asks_and_leads_back(experiment: Experiment, admin_client: Client) -> None:
    page = reverse("admin:registry_app_experiment_detail", args=[experiment.pk])
    address = reverse("admin:runs_app_check_environment", args=[experiment.pk])
    assert f'action="{address}"' in admin_client.get(page).content.decode()
    answer = admin_client.post(address, follow=True)
    assert "3 modules are missing" in answer.content.decode()
    assert EnvironmentCheck.objects.get().by == User.objects.get(username="admin")


def test_looking_at_an_address_asks_no_interpreter(
    experiment: Experiment, admin_client: Client
) -> None:
    address = reverse("admin:runs_app_check_environment", args=[experiment.pk])
    assert admin_client.get(address).status_code == 405
    assert not EnvironmentCheck.objects.exists()


def test_who_may_not_start_scripts_may_not_ask_and_sees_no_button(
    experiment: Experiment, client: Client
) -> None:
    viewer = User.objects.create_user("soyeon", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_experiment"))
    client.force_login(viewer)
    address = reverse("admin:runs_app_check_environment", args=[experiment.pk])
    page = reverse("admin:registry_app_experiment_detail", args=[experiment.pk])
    assert address not in client.get(page).content.decode()
    assert client.post(address).status_code == 403
    assert not EnvironmentCheck.objects.exists()
