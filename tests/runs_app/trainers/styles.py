"""Training scripts in the styles of the field, written for these tests.

`WORDS` are a command line for each, `KINDS` what its adapter is.
"""

from __future__ import annotations

# main() without arguments that reads the command line itself, and a switch.
PARSES_IN_MAIN = """\
import argparse, csv

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--img-size", nargs="+", type=int, default=[640])
    parser.add_argument("--nosave", action="store_true")
    parser.add_argument("--no-aug", dest="aug", action="store_false")
    parser.add_argument("--tag", action="append")
    opt = parser.parse_args()
    with open("results.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["epoch", "loss"])
        for epoch in range(opt.epochs):
            rows.writerow([epoch, opt.lr / (epoch + 1)])
    print(vars(opt))

if __name__ == "__main__":
    main()
"""
# The guard parses, and functions read its `args` as a global; modules beside the script.
GUARD_SETS_GLOBALS = """\
import argparse
import numpy_like as np
from helpers import loss_of

def train():
    total = 0.0
    for epoch in range(args.epochs):
        total += loss_of(epoch, args.lr)
    print("total", round(total, 6), args.name, [n for n in range(args.epochs)], seed)

def parse_opt():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--lr", type=float, default=0.5)
    parser.add_argument("--name", default="run-{}".format(np.VERSION))
    return parser.parse_args()

if __name__ == "__main__":
    import random
    args = parse_opt()
    random.seed(7)
    seed = [random.random() for args_free in range(2)]
    with open("args.txt", "w") as out:
        out.write(repr(vars(args)))
    if args.epochs > 0:
        train()
    else:
        raise SystemExit(3)
"""
# A function with keyword defaults and no command line.
KEYWORDS = """\
import json

def train(epochs=2, lr=0.1, amp=True):
    losses = [lr / (epoch + 1) for epoch in range(epochs)]
    with open("log.json", "w") as file:
        json.dump({"loss": losses[-1], "amp": amp}, file)
    print(losses, amp)
    return {"final_loss": losses[-1]}

if __name__ == "__main__":
    train(epochs=4)
"""
# Everything at the top of the file.
TOP_LEVEL = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=2)
args = parser.parse_args()
model = list(range(args.epochs))
for step in model:
    print("epoch", step, "loss", 1 / (step + 1))
open("best.pt", "w").write("weights")
"""
# Workers of its own, which import the main file again.
SPAWNS = """\
import multiprocessing, sys

def square(number):
    return number * number

def run(count):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        print(pool.map(square, range(count)))

if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    run(count)
"""
# A launcher: positional words, and a variable.
SHELL = """\
#!/bin/bash
set -e
EPOCHS=${1:-2}
echo "epochs $EPOCHS of ${PPE_DATA:-nothing}"
for i in $(seq "$EPOCHS"); do echo "$i,0.$i" >> table.csv; done
exit 0
"""
# The adapter's own names are used by the script: a module called trainer, and one called config.
OWN_TRAINER = """\
from trainer import fit
import config

def main():
    print(fit(config.EPOCHS))

if __name__ == "__main__":
    main()
"""
MATCHES = """\
import sys
if __name__ == "__main__":
    match len(sys.argv):
        case 1:
            print("one")
        case count:
            print(count)
"""
BROKEN = """\
import sys
print "loss", 0.1, sys.argv[1:]
"""

SCRIPTS = {
    "parses_in_main.py": PARSES_IN_MAIN,
    "guard_sets_globals.py": GUARD_SETS_GLOBALS,
    "keywords.py": KEYWORDS,
    "top_level.py": TOP_LEVEL,
    "spawns.py": SPAWNS,
    "launch.sh": SHELL,
    "own_trainer.py": OWN_TRAINER,
    "matches.py": MATCHES,
    "broken.py": BROKEN,
}
BESIDE = {
    "numpy_like.py": "VERSION = 3\n",
    "helpers.py": "def loss_of(epoch, lr):\n    return lr / (epoch + 1)\n",
    "trainer.py": "def fit(epochs):\n    return ['own trainer', epochs]\n",
    "config.py": "EPOCHS = 5\n",
}
WORDS: dict[str, list[list[str]]] = {
    "parses_in_main.py": [
        [],
        ["--epochs", "4", "--lr", "0.2", "--img-size", "320", "640", "--nosave"],
        ["--no-aug", "--tag", "a", "--tag", "b c"],
        ["--epochs", "many"],
    ],
    "guard_sets_globals.py": [
        ["ppe.yaml"],
        ["ppe.yaml", "--name", "-x y"],
        ["a", "--epochs", "0"],
        [],
    ],
    "keywords.py": [[]],
    "top_level.py": [[], ["--epochs", "3"], ["--unknown"]],
    "spawns.py": [[], ["4"]],
    "launch.sh": [[], ["3"]],
    "own_trainer.py": [[]],
    "matches.py": [[], ["a", "b"]],
    "broken.py": [[]],
}
KINDS = {
    "parses_in_main.py": "native",
    "guard_sets_globals.py": "lifted",
    "keywords.py": "native",
    "top_level.py": "script",
    "spawns.py": "lifted",
    "launch.sh": "script",
    "own_trainer.py": "native",
    "matches.py": "script",
    "broken.py": "script",
}
