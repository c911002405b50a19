"""What commands about runs say in a Korean terminal."""

from __future__ import annotations

import json
import re

import pytest
from django.utils import timezone

from runs_app.models import Run
from tests.factories import make_directory, make_experiment, make_script
from tests.runs_app.conftest import Home, Portal
from tests.waiting import LIMIT_S

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

OUT_OF_MEMORY = """\
import sys
print("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", file=sys.stderr)
sys.exit(1)
"""


@pytest.fixture(autouse=True)
def korean_terminal(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal with a Korean locale; nothing here is about MLflow."""
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")


def number() -> str:
    """The number of the only run."""
    return str(Run.objects.get().pk)


def guardianflow(portal: Portal, *argv: str) -> tuple[str, str]:
    """Run the program with its short verbs; return what it wrote to stdout and to stderr."""
    process = portal.start_program("-c", "from portal.cli import main; main()", *argv)
    stdout, stderr = process.communicate(timeout=LIMIT_S)
    return stdout.decode(), stderr.decode()


def test_a_failed_run_names_its_cause_and_so_does_the_list(home: Home, portal: Portal) -> None:
    home.experiment(script=OUT_OF_MEMORY)
    _out, err = guardianflow(portal, "run", "sampyo-gimhae-bct")
    [last] = [
        line for line in err.splitlines() if f"{number()}번 실행" in line and "train.py" not in line
    ]
    assert "GPU 메모리가 부족했습니다(CUDA out of memory)." in last
    assert "종료 상태 1" in last
    out, _err = guardianflow(portal, "runs")
    header, row = out.splitlines()
    assert header.split()[-1] == "이유"
    assert row.endswith("GPU 메모리가 부족했습니다(CUDA out of memory).")


def test_states_and_types_are_korean_for_people_and_english_for_programs(
    home: Home, portal: Portal
) -> None:
    home.experiment(script=OUT_OF_MEMORY)
    _out, err = guardianflow(portal, "run", "sampyo-gimhae-bct")
    assert f"{number()}번 실행 실패: " in err
    out, _err = guardianflow(portal, "runs", "--status", "failed")
    assert {"학습", "실패"} <= set(out.splitlines()[1].split())
    assert "failed" not in out
    assert re.search(r"^상태 +실패: ", guardianflow(portal, "show", number())[0], re.MULTILINE)
    assert f"#{number()} 학습 실패" in guardianflow(portal, "list")[0]
    [run] = json.loads(guardianflow(portal, "runs", "--json")[0])
    assert (run["type"], run["status"]) == ("train", "failed")


@pytest.mark.parametrize(
    ("scripts", "refusal"),
    [
        ([], "시작할 수 있는 스크립트가 없습니다"),
        (["train.py", "tools/split.py"], "디렉터리에 있는 스크립트: tools/split.py, train.py."),
    ],
)
def test_a_start_without_a_default_says_what_there_is(
    home: Home, portal: Portal, scripts: list[str], refusal: str
) -> None:
    directory = make_directory(home.roots, "ppe-edge-cpp", {"main.cpp": "int main() {}"})
    edge = make_experiment("ppe-edge-cpp", path=str(directory), scanned_at=timezone.now())
    for path in scripts:
        make_script(edge, path)
    _out, err = guardianflow(portal, "run", "ppe-edge-cpp", "--type", "infer")
    assert refusal in err
    assert ("--script" in err) is bool(scripts)
    assert ("다시 스캔" in err) is not bool(scripts)


def test_show_names_the_file_of_each_metric(home: Home, portal: Portal) -> None:
    home.experiment()
    guardianflow(portal, "run", "sampyo-gimhae-bct")
    out, _err = guardianflow(portal, "show", number())
    assert "읽은 곳" in out
    assert "시작일" not in out


def test_show_tells_what_was_passed_from_what_was_left_to_the_script(
    home: Home, portal: Portal
) -> None:
    home.experiment(
        parameters=[
            {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3},
            {"name": "batch", "flag": "--batch", "type": "int", "default": 16},
        ]
    )
    guardianflow(portal, "run", "sampyo-gimhae-bct", "--queue", "--param", "epochs=5")
    out, _err = guardianflow(portal, "show", number())
    facts = dict(re.split(r"  +", line, maxsplit=1) for line in out.splitlines() if "  " in line)
    assert facts["명령"].endswith("train.py --epochs 5")
    assert facts["매개변수"] == '{"epochs": 5}'
    assert facts["스크립트에 맡김"] == '{"batch": 16}'
