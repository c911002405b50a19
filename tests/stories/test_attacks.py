"""What a malicious script reaches, as the table in SECURITY.md says; the table is measured here.

Minsu queues nothing by accident: his script tries everything of `attempts.py` on the portal, whose
worker runs, once for each kind of fence. Where the table is out of date, the failure prints it.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from portal.doctor.isolation import WORDS
from runs_app.runner.isolation import attempts
from runs_app.runner.isolation.fence import supported_level
from tests.ordinary_user import OrdinaryUser, ordinary_user
from tests.script_users import own, scripts_unit
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.first,
    pytest.mark.ordinary_user,
    pytest.mark.processes,
    pytest.mark.skipif(
        supported_level() < 6, reason="the table is of Landlock 6 (Linux 6.12) and newer"
    ),
]

MODES = ("off", "portal", "strict")
# By a helper of another user, without a fence and with the usual one.
OTHER_USER = {"user": "off", "user and fence": "portal"}
COLUMNS = (*MODES, *OTHER_USER)
REFUSED, DONE = "refused", "**YES**"
ATTACK = """\
import json, os, attempts
targets = json.load(open("targets.json"))
own_run = os.path.dirname(os.readlink("/proc/self/fd/1"))
attempts.main(dict(targets, own_run=own_run, supervisor=os.getppid()))
"""


@pytest.fixture(scope="module")
def minsu(empty_database: Path, empty_store: Path) -> Iterator[OrdinaryUser]:
    with ordinary_user(empty_database, empty_store) as user:
        user.experiment("donghwa-entec-spy", train_py=ATTACK)
        shutil.copy(attempts.__file__, user.experiments / "donghwa-entec-spy/attempts.py")
        user.experiment("sampyo-gimhae-bct", train_py="print('trained')\n")
        user.portal("scan_experiments", "--import")
        user.portal("run_experiment", "sampyo-gimhae-bct", "--type", "train")
        yield user


@pytest.fixture(scope="module")
def targets(minsu: OrdinaryUser) -> Iterator[dict[str, Any]]:
    """What there is to go for: a worker, another run, another experiment, listening sockets."""
    home = minsu.checkout / "var"
    [other_run] = (home / "runs").glob("*/stdout.log")
    worker = minsu.popen(*minsu.command("worker"))
    name = f"guardianflow-test-{uuid.uuid4()}"
    try:
        wait_until((home / "worker.sock").exists, what="the worker listens")
        with socket.socket(socket.AF_UNIX) as abstract, socket.create_server(("", 0)) as port:
            abstract.bind(f"\0{name}")
            abstract.listen()
            yield {
                "secret_key": str(home / "secret_key"),
                "database": str(home / "portal.sqlite3"),
                "home": str(home),
                "other_run": str(other_run),
                "process": worker.pid,
                "code": str(minsu.checkout),
                "packages": str(minsu.checkout / ".venv"),
                "other_experiment": str(minsu.experiments / "sampyo-gimhae-bct/train.py"),
                "worker_socket": str(home / "worker.sock"),
                "abstract_socket": name,
                "mlflow": ["127.0.0.1", port.getsockname()[1]],
            }
    finally:
        worker.kill()
        worker.communicate()


@pytest.fixture(scope="module")
def measured(minsu: OrdinaryUser, targets: dict[str, Any]) -> dict[str, dict[str, str]]:
    """By mode, what came of each attempt."""
    (minsu.experiments / "donghwa-entec-spy/targets.json").write_text(json.dumps(targets))
    reported = {mode: attack(minsu, mode) for mode in MODES}
    with scripts_unit() as unit:
        minsu.let_others_in()
        for directory in minsu.experiments.iterdir():  # as a site has it: they own what they write
            own(directory)
        minsu.environment |= {
            "GUARDIANFLOW_RUN_AS": unit.user.name,
            "GUARDIANFLOW_SCRIPTS_SOCKET": str(unit.socket),
        }
        return reported | {name: attack(minsu, mode) for name, mode in OTHER_USER.items()}


def attack(user: OrdinaryUser, mode: str) -> dict[str, str]:
    user.environment["GUARDIANFLOW_FENCE"] = mode
    done = user.portal("run_experiment", "donghwa-entec-spy", "--type", "train")
    [line] = [line for line in done.stdout.splitlines() if line.startswith(attempts.MARK)]
    reported = json.loads(line.removeprefix(attempts.MARK))
    return {name: REFUSED if error else DONE for name, error in reported.items()}


def test_the_table_of_attacks_is_what_was_measured(measured: dict[str, dict[str, str]]) -> None:
    assert all(set(reported) == set(WORDS) for reported in measured.values())
    rows = {
        str(words): [measured[column][name] for column in COLUMNS] for name, words in WORDS.items()
    }
    written = (Path(settings.BASE_DIR) / "SECURITY.md").read_text(encoding="utf-8")
    table = "\n".join(f"| {words} | {' | '.join(cells)} |" for words, cells in rows.items())
    assert columns_of(written) == rows, f"the table of SECURITY.md should begin with\n{table}"


def test_without_a_fence_everything_succeeds(measured: dict[str, dict[str, str]]) -> None:
    """Else an attempt would prove nothing where it is refused."""
    assert set(measured["off"].values()) == {DONE}


def columns_of(document: str) -> dict[str, list[str]]:
    """Return the first columns of the table of attacks by the words of the attempt."""
    found = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        if cells[0] in {str(words) for words in WORDS.values()}:
            found[cells[0]] = cells[1 : 1 + len(COLUMNS)]
    return found
