"""Recognise the calibration of a trained model: the number that its scores are divided by."""

from __future__ import annotations

import ast

from registry_app.inference.code.source import Source
from registry_app.inference.purpose.signs import dotted

_OPTIMIZERS = ("LBFGS", "Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adamax", "NAdam", "RAdam")
_LEARNING = ("fit", "train_one_epoch", "train_epoch", "train_model")
_TEMPERATURES = frozenset({"temperature", "temperatures", "temp", "tau", "t"})


def fits_temperature(source: Source) -> bool:
    """Whether every optimizer steps a temperature alone: `LBFGS([self.temperature], lr=0.01)`."""
    calls = source.calls(*_OPTIMIZERS)
    return all(map(_steps_temperature, calls)) and bool(calls) and not source.calls(*_LEARNING)


def _steps_temperature(call: ast.Call) -> bool:
    match call.args:
        case [ast.List(elts=[ast.Name() | ast.Attribute() as stepped]), *_]:
            name = dotted(stepped).rpartition(".")[2].lower()
            return not _TEMPERATURES.isdisjoint(name.removeprefix("log_").split("_"))
    return False
