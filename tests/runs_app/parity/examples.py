"""An experiment with a seeded script and its successor, and a comparison taken to its end."""

from __future__ import annotations

from pathlib import Path

from registry_app.models import Experiment
from runs_app.choices import ParityState
from runs_app.executors.chosen import executor
from runs_app.lifecycle import launch
from runs_app.models import Parity, Run
from runs_app.parity.advance import advance
from runs_app.parity.plan import plan
from runs_app.parity.start import start
from tests.factories import make_script
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end

# A line is fitted by gradient descent; the noise of the data comes from the seed.
OLD = """\
import argparse, random
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()
rng = random.Random(options.seed)
data = [(x / 20, 3 * x / 20 + rng.gauss(0, 0.1)) for x in range(20)]
slope = 0.0
with open("results.csv", "w") as file:
    file.write("epoch,loss,time\\n")
    for epoch in range(options.epochs):
        for x, y in rng.sample(data, len(data)):
            slope += options.lr * (y - slope * x) * x
        loss = sum((y - slope * x) ** 2 for x, y in data) / len(data)
        file.write(f"{epoch},{loss!r},{epoch * 0.1}\\n")
"""
PARAMETERS: list[dict[str, object]] = [
    {"name": "epochs", "flag": "--epochs", "type": "int", "default": 6},
    {"name": "lr", "flag": "--lr", "type": "float", "default": 0.05},
    {"name": "seed", "flag": "--seed", "type": "int", "default": 0},
]
# Draws the same numbers in another order.
REORDERED = OLD.replace("rng.gauss(0, 0.1)", "rng.gauss(0, 0.1) + 0 * rng.random()")
HALVED = OLD.replace("range(options.epochs)", "range(options.epochs // 2)")
UNSEEDED = OLD.replace("random.Random(options.seed)", "random.Random()")
CONSTANT = 'open("results.csv", "w").write("epoch,loss\\n0,0.5\\n")\n'


def experiment_of(
    home: Home,
    *,
    old: str = OLD,
    new: str = OLD,
    parameters: list[dict[str, object]] | None = None,
) -> Experiment:
    """Register an experiment whose train.py has a successor, train_new.py."""
    known = PARAMETERS if parameters is None else parameters
    experiment = home.experiment(script=old, parameters=known)
    (Path(experiment.path) / "train_new.py").write_text(new)
    make_script(experiment, path="train_new.py", parameters=known)
    return experiment


def begin(experiment: Experiment, **params: object) -> Parity:
    """Start a comparison of train.py and train_new.py."""
    return start(
        plan(experiment, type="train", old="train.py", new="train_new.py", params=params),
        user=None,
    )


def run_queued(parity: Parity) -> int:
    """Carry out all queued runs of a comparison; return how many."""
    runs = list(Run.objects.in_order().filter(parity_run__parity=parity))
    for run in runs:
        assert launch.start(run.pk, host=executor().place)
        end(run)
    return len(runs)


def carry_out(parity: Parity) -> Parity:
    """Take a comparison to its end, as a worker does."""
    while parity.state == ParityState.RUNNING:
        run_queued(parity)
        assert advance(parity.pk)
        parity.refresh_from_db()
    return parity
