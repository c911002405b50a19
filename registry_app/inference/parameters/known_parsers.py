"""Parsers of well-known libraries, which no file of the directory spells out."""

from __future__ import annotations

import dataclasses

from registry_app.arguments.parameters import Parameter
from registry_app.choices import Confidence

# What detectron2's `default_argument_parser` takes, as of its version 0.6.
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
# The settings of Ultralytics 8.0 that people change; their defaults stand in the library.
_ULTRALYTICS = (
    *("model", "data", "epochs", "batch", "imgsz", "device", "source", "conf", "iou"),
    *("classes", "save", "show", "project", "name"),
)


def ultralytics_overrides(source: str) -> list[Parameter]:
    """Return overrides of a script that Hydra gives Ultralytics' own configuration."""
    return [
        Parameter(name=name, flag=f"{name}=", confidence=str(Confidence.LIKELY), source=source)
        for name in _ULTRALYTICS
    ]


def detectron2_parameters(source: str) -> list[Parameter]:
    """Return what `default_argument_parser` takes; `source` is where the script calls it."""
    return [
        dataclasses.replace(one, confidence=str(Confidence.SURE), source=source)
        for one in _DETECTRON2
    ]
