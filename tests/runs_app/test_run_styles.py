"""Scripts with command lines of several makes: scanned, registered and really run."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from tests.factories import make_directory
from tests.runs_app.conftest import Home, Portal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

PLAIN = """\
import argparse, json, pathlib
ROOT = pathlib.Path(__file__).parent
def common(parser):
    parser.add_argument("--epochs", default=10)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--ema", type=bool, default=True)
    parser.add_argument("--out", default=ROOT / "runs")
    for name in ("sizes", "classes"):
        parser.add_argument(f"--{name}", type=int, nargs="+")
def main():
    parser = argparse.ArgumentParser()
    common(parser)
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--steps", type=int, default=5)
    either.add_argument("--hours", type=int, default=1)
    print(json.dumps(vars(parser.parse_args()), default=lambda path: path.name))
    model.fit()
if __name__ == "__main__":
    main()
"""
GROUPED = """\
import json
import click
@click.group()
@click.option("--device", default="cpu")
def cli(device):
    print(device)
@cli.command()
@click.option("--epochs", default=3)
@click.option("--amp/--no-amp", default=True)
@click.option("-v", "--verbose", count=True)
@click.option("--tag", multiple=True)
@click.argument("data")
def train(**options):
    print(json.dumps(options))
@cli.command()
@click.option("--half", is_flag=True)
def export(half): ...
if __name__ == "__main__":
    cli()
"""
PLACES = """\
import json, sys
video = sys.argv[1]
frames = int(sys.argv[2]) if len(sys.argv) > 2 else 9
print(json.dumps({"video": video, "frames": frames}))
cap = cv2.VideoCapture(video)
"""


def run(portal: Portal, script: str, *parameters: str) -> object:
    """Return what the script printed of its options."""
    asked = [word for pair in parameters for word in ("--param", pair)]
    done = portal.run(
        "run_experiment", "kcc-yeoju-smoke", "--type", "train", "--script", script, *asked
    )
    printed = [line for line in done.stdout.decode().splitlines() if line.startswith("{")]
    assert printed, done.stderr.decode()
    return json.loads(printed[0])


@pytest.mark.proof
def test_each_style_gets_its_parameters(
    home: Home, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    files = {"train_plain.py": PLAIN, "train_click.py": GROUPED, "detect.py": PLACES}
    make_directory(home.roots, "kcc-yeoju-smoke", files)
    call_command("scan_experiments", "--import", "--no-progress")

    own = run(portal, "train_plain.py", "ema=false", "hours=2", "sizes=1", "sizes=2")
    assert own == {
        "epochs": 10,
        "lr": 0.1,
        "ema": False,
        "out": "runs",
        "sizes": [1, 2],
        "classes": None,
        "steps": 5,
        "hours": 2,
    }
    given = ("data=-x y", "amp=no", "verbose=2", "tag=a", "tag=-b", "device=cuda", "epochs=7")
    assert run(portal, "train_click.py", *given) == {
        "epochs": 7,
        "amp": False,
        "verbose": 2,
        "tag": ["a", "-b"],
        "data": "-x y",
    }
    assert run(portal, "detect.py", "video=한글.mp4") == {"video": "한글.mp4", "frames": 9}
