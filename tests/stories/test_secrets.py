"""Minsu uploads a model with a token and a password, and nothing of the portal shows them.

Through the form, the command line and Python: the script gets the values, one file holds them
while it runs, and afterwards no file of the home and no page does.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.browser import Browser, Page
from tests.stories.people import employ, experiment_listed
from tests.stories.served import ServedPortal
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.first,
    pytest.mark.proof,
    pytest.mark.mlflow,
    pytest.mark.timeout(400),
]

UPLOAD = """\
import argparse, hashlib, os, time
parser = argparse.ArgumentParser()
parser.add_argument("--hf-token", required=True)
parser.add_argument("--password")
parser.add_argument("--gate", required=True)
if __name__ == "__main__":
    options = parser.parse_args()
    while not os.path.exists(options.gate):
        time.sleep(0.02)
    said = f"{options.hf_token} {options.password}".encode()
    print("got", hashlib.sha256(said).hexdigest(), flush=True)
"""
TOKEN, PASSWORD = "tok3n-Zebra-77", "pw-Okapi 한글 88"
FROM_PYTHON = """
import sys
import portal.cli, django, os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()
from runs_app.generic_runner import GenericRunner
gate, token, password = sys.stdin.read().split("\\n")
run = GenericRunner().run(
    "hub-upload", type="train",
    extra_params={"hf_token": token, "password": password, "gate": gate},
)
print(run.pk, run.status)
"""


def test_a_secret_is_nowhere_but_in_the_script(portal: ServedPortal) -> None:
    directory = portal.roots / "hub-upload"
    directory.mkdir()
    (directory / "train.py").write_text(UPLOAD)
    gate = portal.home.parent / "gate"
    portal.guardianflow("scan", str(portal.roots), "--import")
    admin = portal.browser("admin", portal.password)
    minsu = employ(portal, admin, "minsu", "Engineer")

    first = queue_by_form(minsu, gate)
    while_it_runs(portal, minsu, first)
    gate.touch()
    ended = [
        first,
        run_in_terminal(portal, gate),
        run_in_python(portal, gate),
        run_again(minsu, first),
    ]
    for number in ended:
        the_script_got_it(portal, number)
    nothing_holds_it(portal, minsu, ended)


def queue_by_form(minsu: Browser, gate: Path) -> int:
    """The form asks without showing what is typed, and the preview masks it."""
    number = experiment_listed(minsu, "hub-upload")
    page = minsu.get(f"/admin/runs_app/run/new/?type=train&experiment={number}")
    assert page.text.count('autocomplete="new-password"') == 2
    filled = values(page, gate)
    preview = minsu.send(page, page.form("token", "preview"), press="preview", **filled)
    assert "--hf-token '***'" in preview.words
    assert "--password '***'" in preview.words
    assert TOKEN not in preview.text
    page = minsu.send(page, page.form("token", "queue"), press="queue", **filled)
    return number_of(page)


def values(page: Page, gate: Path) -> dict[str, str]:
    names = page.form("token", "queue").names

    def named(end: str) -> str:
        return next(name for name in names if name.endswith(end))

    return {
        named("hf_token"): TOKEN,
        named("password"): PASSWORD,
        named("p.gate"): str(gate),
    }


def number_of(page: Page) -> int:
    found = re.search(r"/run/(\d+)/", page.url)
    assert found, page.words
    return int(found[1])


def while_it_runs(portal: ServedPortal, minsu: Browser, number: int) -> None:
    state = f"/admin/runs_app/run/{number}/state/"
    wait_until(lambda: minsu.get(state).json()["status"] == "running", what="it runs")
    [only] = files_with(portal.home, TOKEN)
    assert files_with(portal.home, PASSWORD) == [only]
    assert only.parent == portal.home / "secrets"
    assert only.stat().st_mode & 0o777 == 0o600
    assert only.parent.stat().st_mode & 0o777 == 0o700
    page = minsu.get(f"/admin/runs_app/run/{number}/change/")
    assert TOKEN not in page.text
    assert "--hf-token '***'" in page.words


def run_in_terminal(portal: ServedPortal, gate: Path) -> int:
    """The values come line by line; one more stands in an extra argument."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from portal.cli import main; main()", "run", "hub-upload"),
            *(
                "--type",
                "train",
                "--param",
                f"gate={gate}",
                "--secret",
                "hf_token",
                "--wait-mlflow",
                "--json",
            ),
            *("--", f"--password={PASSWORD}"),
        ],
        env=portal.environment,
        input=f"{TOKEN}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    shown = json.loads(done.stdout)
    assert shown["params"] == {"hf_token": "***", "gate": str(gate)}
    assert "--password=***" in shown["argv"]
    return int(shown["id"])


def run_in_python(portal: ServedPortal, gate: Path) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FROM_PYTHON],
        env=portal.environment,
        input=f"{gate}\n{TOKEN}\n{PASSWORD}",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    number, status = done.stdout.split()
    assert status == "succeeded"
    return int(number)


def run_again(minsu: Browser, first: int) -> int:
    """The values are not kept, so that the form asks for them and refuses without."""
    page = minsu.get(f"/admin/runs_app/run/new/?again={first}")
    assert "give it again" in page.words
    form = page.form("token", "queue")
    refused = minsu.send(page, form, press="queue")
    assert refused.status == 422
    assert "hf_token" in refused.words
    password = next(name for name in form.names if name.endswith("password"))
    token = next(name for name in form.names if name.endswith("hf_token"))
    again = minsu.send(page, form, press="queue", **{password: PASSWORD, token: TOKEN})
    number = number_of(again)
    state = f"/admin/runs_app/run/{number}/state/"
    wait_until(lambda: not minsu.get(state).json()["is_active"], what="the run ends")
    return number


def the_script_got_it(portal: ServedPortal, number: int) -> None:
    got = hashlib.sha256(f"{TOKEN} {PASSWORD}".encode()).hexdigest()
    assert portal.guardianflow("logs", str(number)) == f"got {got}\n"


def nothing_holds_it(portal: ServedPortal, minsu: Browser, ended: list[int]) -> None:
    def are_sent() -> bool:
        runs = json.loads(portal.guardianflow("runs", "--json"))
        return {run["mlflow_state"] for run in runs if run["id"] in ended} == {"sent"}

    wait_until(are_sent, what="MLflow has them")
    for number in ended:
        pages = [
            f"/admin/runs_app/run/{number}/change/",
            f"/admin/runs_app/run/new/?again={number}",
            "/admin/runs_app/run/",
        ]
        reported = [minsu.get(page).text for page in pages]
        reported.append(portal.guardianflow("show", str(number), "--json"))
        if number == ended[0]:
            reported.append(portal.guardianflow("show", str(number)))
        for text in reported:
            assert TOKEN not in text
            assert PASSWORD not in text
            assert "Okapi" not in text
    assert list((portal.home / "secrets").iterdir()) == []
    assert files_with(portal.home, TOKEN) == []
    assert files_with(portal.home, "Okapi") == []
    assert "***" in (portal.home / "runs" / run_uuid(portal, ended[0]) / "spec.json").read_text()


def run_uuid(portal: ServedPortal, number: int) -> str:
    shown = json.loads(portal.guardianflow("show", str(number), "--json"))
    return Path(shown["run_dir"]).name


def files_with(folder: Path, text: str) -> list[Path]:
    """Return the files that hold a text: as it is, and as JSON writes it with escapes."""
    wanted = {text.encode(), json.dumps(text)[1:-1].encode()}
    return [
        path
        for place, _folders, names in os.walk(folder)
        for path in (Path(place, name) for name in names)
        if path.is_file() and any(item in path.read_bytes() for item in wanted)
    ]
