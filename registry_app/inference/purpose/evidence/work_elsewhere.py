"""Find work that a script leaves to others: to functions and modules that are named for it.

Their names count only with the code of their file, or where that file is not there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.purpose.call_graph import Reach, Unit
from registry_app.inference.purpose.evidence.behaviour import LOOKING
from registry_app.inference.purpose.evidence.weights import FIRM
from registry_app.inference.purpose.loaded_models import MODEL_NAMES
from registry_app.inference.purpose.own_code import OwnCode
from registry_app.inference.purpose.script_names import QUANT, TRAIN, name_words, type_of_function
from registry_app.inference.purpose.signs import STRONG, Sign, receiver
from registry_app.inference.purpose.surroundings import Surroundings, imported_tops

# Of what a function is named for, these are never a step on the way.
_NAMED = frozenset({TRAIN, QUANT})
# Scripts of frameworks, and the functions by which Python starts them.
_SCRIPTS = frozenset({"train", "detect", "predict", "export", "val"})
_RUNNING = frozenset({"run", "main"})
# `make_train_loader` prepares data.
OF_DATA = frozenset({"split", "test", "data", "dataset", "loader", "dataloader", "transforms"})
# Calls that fill a network, also with the numbers of Darknet.
_KERAS_LOADING = frozenset({"load_weights", "load_darknet_weights", "restore"})
_KEEPING = frozenset({"save_weights", "save"})
_KERAS_WORK = LOOKING - {"imread"} | frozenset(
    "fit fit_generator train_on_batch GradientTape apply_gradients evaluate".split()
)


def work_elsewhere(
    source: Source,
    reach: Reach,
    others: list[Sign],
    *,
    project: Project,
    around: Surroundings,
    own_code: OwnCode,
) -> Iterator[Sign]:
    """Yield the signs in a script's own calls; `others` are those of the files that it uses."""
    yield from _of_named_functions(reach, others, own_code)
    yield from _of_foreign_modules(source, project)
    yield from _of_whole_models(reach, around)


def _of_named_functions(reach: Reach, others: list[Sign], own_code: OwnCode) -> Iterator[Sign]:
    """Yield calls of functions of other files that are named for what their file does.

    `quantize_models(net)` is the work of a script, not a step, where that file quantizes.
    """
    shown = {(sign.path, sign.kind) for sign in others if sign.points >= STRONG}
    kinds = {kind for _path, kind in shown} & _NAMED
    for unit in reach.own if kinds else ():
        for name, call in unit.calls:
            kind = type_of_function(name)
            is_meant = kind in kinds and OF_DATA.isdisjoint(name_words(f"{name}.py"))
            if kind is not None and is_meant and (own_code.file_of(unit, call), kind) in shown:
                yield Sign(kind=kind, points=STRONG, name=name, path=unit.path, line=call.lineno)


def _of_foreign_modules(source: Source, project: Project) -> Iterator[Sign]:
    """Yield that a module that is not here does its work: `import training; training.training()`.

    So do the scripts of a framework beside which the file lies: `detect.run(source=folder)`.
    """
    foreign = {
        top: kind
        for top in imported_tops(source)
        if (kind := type_of_function(top)) is not None and not project.module(source.path, top)
    }
    for call in source.nodes(ast.Call) if foreign else ():
        match call.func:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in foreign:
                kind = foreign[module]
                is_run = name in _RUNNING and module in _SCRIPTS
                if is_run or (kind is TRAIN and type_of_function(name) is TRAIN):
                    yield Sign(
                        kind=kind, points=FIRM, name=name, path=source.path, line=call.lineno
                    )


def _of_whole_models(reach: Reach, around: Surroundings) -> Iterator[Sign]:
    """Yield that a network of Keras gets its weights and is saved whole, for other programs.

    It neither learns nor looks at pictures in between; the copy may be tried afterwards.
    """
    is_keras = bool(around.libraries & {"tensorflow", "keras", "tf_keras"})
    if not is_keras or not around.called & _KERAS_LOADING or around.called & _KERAS_WORK:
        return
    for unit in reach.own:
        for name, call in unit.calls:
            is_saved = name == "save" and receiver(call) in MODEL_NAMES
            is_saved = is_saved or (name in _KEEPING and "load_darknet_weights" in around.called)
            if is_saved and not _reads_before(reach, unit, call.lineno):
                yield Sign(kind=QUANT, points=STRONG, name=name, path=unit.path, line=call.lineno)


def _reads_before(reach: Reach, unit: Unit, line: int) -> bool:
    """Whether a picture is read elsewhere, or before a line of the unit."""
    return any(
        other is not unit or call.lineno < line
        for other in (*reach.own, *reach.others)
        if "imread" in other.called
        for name, call in other.calls
        if name == "imread"
    )
