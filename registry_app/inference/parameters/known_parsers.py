"""Parsers of well-known libraries, which no file of the directory defines."""

from __future__ import annotations

import dataclasses

from registry_app.arguments.parameters import Parameter
from registry_app.words import Confidence

# Parameters of detectron2's `default_argument_parser`, as of version 0.6.
_DETECTRON2 = (
    Parameter(name="config_file", flag="--config-file", default="", help="YAML file"),
    Parameter(name="resume", flag="--resume", action="store_true", default=False),
    Parameter(name="eval_only", flag="--eval-only", action="store_true", default=False),
    Parameter(name="num_gpus", flag="--num-gpus", type="int", default=1, help="GPUs per machine"),
    Parameter(name="num_machines", flag="--num-machines", type="int", default=1),
    Parameter(name="machine_rank", flag="--machine-rank", type="int", default=0),
    Parameter(name="dist_url", flag="--dist-url", default_expr="tcp://127.0.0.1:PORT"),
    Parameter(name="opts", positional=True, nargs="...", help="SOLVER.BASE_LR 0.001 ..."),
)
# The settings of Ultralytics 8.0 that users change; their defaults are in the library.
_ULTRALYTICS = (
    *("model", "data", "epochs", "batch", "imgsz", "device", "source", "conf", "iou"),
    *("classes", "save", "show", "project", "name"),
)


def ultralytics_overrides(source: str) -> list[Parameter]:
    """Return the overrides of a script that uses Ultralytics' own configuration with Hydra."""
    return [
        Parameter(name=name, flag=f"{name}=", confidence=str(Confidence.LIKELY), source=source)
        for name in _ULTRALYTICS
    ]


def detectron2_parameters(source: str) -> list[Parameter]:
    """Return the parameters of `default_argument_parser`; `source` is where the script calls it."""
    return [
        dataclasses.replace(parameter, confidence=str(Confidence.SURE), source=source)
        for parameter in _DETECTRON2
    ]
