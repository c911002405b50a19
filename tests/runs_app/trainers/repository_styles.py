"""Scripts in ten ways in which public vision repositories start theirs; written for these tests.

`LIBRARIES` are stubs of the packages that such scripts import; `WORDS` has the command lines of
each script, `KINDS` the kind of its adapter.
"""

from __future__ import annotations

# The script finds its own folder and puts it on the path; the guard hands options to main().
ROOT_AND_OPTIONS = """\
import argparse, os, sys
from pathlib import Path

FILE = Path(__file__).resolve()
ROOT = FILE.parents[0]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))
ROOT = Path(os.path.relpath(ROOT, Path.cwd()))
from detector import Detector

def parse_opt(known=False):
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=str, default=ROOT / "tiny.pt")
    parser.add_argument("--imgsz", "--img", "--img-size", type=int, default=640)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rect", action="store_true")
    return parser.parse_known_args()[0] if known else parser.parse_args()

def main(opt, callbacks=()):
    print(vars(opt), ROOT)
    Detector(opt.weights).train(epochs=opt.epochs, imgsz=opt.imgsz, rect=opt.rect)

def run(**kwargs):
    opt = parse_opt(True)
    main(opt)

if __name__ == "__main__":
    opt = parse_opt()
    main(opt)
"""
# The guard holds the whole command line, and changes what it parsed.
GUARD_PARSES = """\
import argparse
from detector import Detector

def main(args, config):
    Detector(config["weights"]).train(epochs=args.epochs, lr=config["lr"])

if __name__ == "__main__":
    parser = argparse.ArgumentParser("Count vehicles")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--config", type=str, default="fast")
    args = parser.parse_args()
    config = {"fast": {"weights": "n.pt", "lr": 0.1}, "best": {"weights": "x.pt", "lr": 0.01}}[args.config]
    if args.epochs > 2:
        config["lr"] /= 10
    main(args, config)
"""  # noqa: E501
# Nothing but assignments: the constants are the parameters.
CONSTANTS_ONLY = """\
from detector import Detector

model = Detector("yolo-seg.pt")

results = model.train(
    epochs=2,
    imgsz=320,
)
"""
# main() returns the status of the process.
EXIT_MAIN = """\
import argparse, logging

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--opset", type=int, default=12)
    parser.add_argument("--output", default="model.onnx")
    args = parser.parse_args()
    try:
        if args.opset > 17:
            raise ValueError("opset")
        with open(args.output, "w") as file:
            file.write(str(args.opset))
        return 0
    except ValueError as error:
        print("failed:", error)
        return 3

if __name__ == "__main__":
    exit(main())
"""
# A pipeline of steps in a class, under a try.
PIPELINE_CLASS = """\
import sys
from detector import Detector

class Failed(Exception):
    def __init__(self, cause, module):
        super().__init__(f"{cause} in {module.__name__}")

class Pipeline:
    def __init__(self, steps=("ingest", "train", "push")):
        self.steps = steps
    def run(self):
        for step in self.steps:
            print("step", step)
        Detector("s.pt").train(epochs=1)

if __name__ == "__main__":
    try:
        pipeline = Pipeline()
        pipeline.run()
        if len(sys.argv) > 1:
            raise RuntimeError(sys.argv[1])
    except Exception as ex:
        print("Error running the pipeline:", ex)
        raise Failed(ex, sys)
"""
# The command line is read when the file is imported, and functions use it.
READS_AT_TOP = """\
import argparse
from detector import Detector

parser = argparse.ArgumentParser(description="Re-identification")
parser.add_argument("--lr", default=0.1, type=float)
parser.add_argument("--interval", "-i", default=20, type=int)
args = parser.parse_args()
net = Detector("reid.pt")

def train(epoch):
    net.train(epochs=epoch, lr=args.lr)

def main():
    for epoch in range(1, 3):
        train(epoch)

if __name__ == "__main__":
    main()
"""
# Settings come from a file, options win over it.
FILE_AND_OPTIONS = """\
import argparse, json
from pathlib import Path
from detector import Detector

def load_config(path):
    with open(path) as file:
        return json.load(file)

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=str, default="settings.json")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--name", type=str, default=None)
    args = parser.parse_args()
    config = load_config(args.config)
    for key in ("epochs", "name"):
        if getattr(args, key) is not None:
            config[key] = getattr(args, key)
    model = Detector(config.pop("model"))
    model.train(**config)
    print(f"Results saved to: {Path(config.get('project', 'runs'))}/{config.get('name', 'train')}")

if __name__ == "__main__":
    main()
"""
# Launched with a function and its arguments, as multi-GPU trainers do.
LAUNCHED = """\
from argparse import ArgumentParser
from detector import Detector

def launch(function, count, args=()):
    return [function(*args, rank) for rank in range(count)]

def default_parser():
    parser = ArgumentParser(epilog="Examples: ...")
    parser.add_argument("--num-gpus", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("opts", nargs="*", default=[])
    return parser

def main(args, rank):
    print("rank", rank, args.opts, args.resume)
    Detector("r50").train(epochs=1, rank=rank)

if __name__ == "__main__":
    args = default_parser().parse_args()
    print("Command Line Args:", args)
    launch(main, args.num_gpus, args=(args,))
"""
# One tool with sub-commands.
SUB_COMMANDS = """\
import argparse
from detector import Detector

def cmd_train(args):
    Detector(args.model).train(epochs=args.epochs)

def cmd_export(args):
    print("export", args.model, args.half)

def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train")
    train.add_argument("--epochs", type=int, default=1)
    train.set_defaults(call=cmd_train)
    export = commands.add_parser("export")
    export.add_argument("--half", action="store_true")
    export.set_defaults(call=cmd_export)
    for each in (train, export):
        each.add_argument("--model", default="n.pt")
    args = parser.parse_args()
    args.call(args)

if __name__ == "__main__":
    main()
"""
# A shell file with the command that was used.
SHELL_COMMAND = """\
# train models
python fit.py --epochs 3 --weights '' --imgsz 320
"""

SCRIPTS = {
    "fit.py": ROOT_AND_OPTIONS,
    "count.py": GUARD_PARSES,
    "constants.py": CONSTANTS_ONLY,
    "convert.py": EXIT_MAIN,
    "pipeline.py": PIPELINE_CLASS,
    "reid.py": READS_AT_TOP,
    "from_file.py": FILE_AND_OPTIONS,
    "launched.py": LAUNCHED,
    "tool.py": SUB_COMMANDS,
    "fit.sh": SHELL_COMMAND,
}
LIBRARIES = {
    "detector.py": """\
import csv, os

class Detector:
    def __init__(self, weights):
        self.weights = str(weights)
    def train(self, epochs, **settings):
        os.makedirs("runs", exist_ok=True)
        with open("runs/results.csv", "a", newline="") as file:
            rows = csv.writer(file)
            for epoch in range(epochs):
                rows.writerow([epoch, 1 / (epoch + 2)])
        with open("runs/best.pt", "w") as file:
            file.write(repr((self.weights, epochs, sorted(settings.items()))))
        print("trained", self.weights, epochs, sorted(settings.items()))
""",
    "settings.json": '{"model": "m.pt", "epochs": 1, "lr": 0.5, "project": "out"}\n',
}
WORDS: dict[str, list[list[str]]] = {
    "fit.py": [[], ["--img", "320", "--epochs", "1", "--rect"], ["--epochs", "x"]],
    "count.py": [["--epochs", "3", "--config", "best"], ["--config", "none"]],
    "constants.py": [[]],
    "convert.py": [["--opset", "13"], ["--opset", "18"]],
    "pipeline.py": [[], ["broken"]],
    "reid.py": [["--lr", "0.2"]],
    "from_file.py": [["--name", "안전모", "--epochs", "2"]],
    "launched.py": [["--num-gpus", "2", "SOLVER.LR", "0.1"]],
    "tool.py": [["train", "--epochs", "2"], ["export", "--half"], []],
    "fit.sh": [[]],
}
KINDS = {
    "fit.py": "lifted",
    "count.py": "lifted",
    "constants.py": "script",
    "convert.py": "lifted",
    "pipeline.py": "lifted",
    "reid.py": "script",
    "from_file.py": "native",
    "launched.py": "lifted",
    "tool.py": "native",
    "fit.sh": "script",
}
