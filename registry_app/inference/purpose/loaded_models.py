"""Find models that are loaded and then called: `results = model(image)` is inference.

In a pipeline of GStreamer, an element runs the model: `hailonet hef-path=...`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.call_graph import Unit
from registry_app.inference.purpose.script_names import (
    INFER,
    names_only_a_trial,
    type_of_function,
)
from registry_app.inference.purpose.sign_tables import MADE_UP, PIPELINE_ELEMENT
from registry_app.inference.purpose.signs import STRONG, Sign, receiver
from registry_app.inference.purpose.surroundings import Surroundings

# Calls that return a callable model.
_LOADERS = frozenset(
    "YOLO YOLOE YOLOWorld load load_model attempt_load DetectMultiBackend from_pretrained pipeline"
    " RTDETR SAM load_learner init_detector get_model create_predictor compile_model FastSAM NAS"
    " DefaultPredictor load_from_checkpoint".split()
)
# These load a trained model whatever their arguments are called.
_MAKING = frozenset(
    "YOLO YOLOE YOLOWorld RTDETR FastSAM attempt_load DetectMultiBackend InferenceSession".split()
)
MODEL_NAMES = frozenset({"model", "net", "detector", "predictor", "yolo", "network"})
_KEPT = frozenset(f"self.{name}" for name in MODEL_NAMES)
# Calls of such a name use loaded data, not random numbers.
_LOADING = _MAKING | frozenset(
    {"imread", "load_state_dict", "open", "load_weights", "load_checkpoint", "from_pretrained"}
    # A robot's node gets its pictures as messages.
    | {"imgmsg_to_cv2", "compressed_imgmsg_to_cv2"}
)
# Calls that fill a network with what it learned.
_FILLING = frozenset({"load_state_dict", "load_weights", "load_checkpoint"})
# Methods that switch or fill a network; an optimizer is filled too, but never called.
_OF_NETWORKS = ("eval", "load_state_dict", "load_weights", "load_checkpoint")
# Parts of names of classes whose objects are called as the model that they get.
_AROUND = ("Parallel", "Wrap", "Model", "TTA", "DDP")
# What a model sees beside zeros, which are then a canvas or a mask.
_SEEN = frozenset({"imread", "imdecode", "VideoCapture", "DataLoader"})
# A robot's node only starts what a class of its package does.
_ROBOTS = frozenset({"rospy", "rclpy"})
_REMEMBERED = "loaded models"


def calls_of_loaded_models(
    units: Iterable[Unit],
    project: Project,
    around: Surroundings,
    *,
    own: str,
    handed: frozenset[tuple[str, str]] = frozenset(),
) -> Iterator[Sign]:
    """Yield the calls of models, in variables and in attributes: `self.model = YOLO(path)`.

    In the file `own`, and in those of a robot's node, a variable named like a model counts as a
    model if images or weights are loaded; so it does in the functions `handed` a model, each with
    its file, and an object's own where the file itself fills a network with its weights.
    """
    if not around.has_model and not around.called & _LOADING:
        return
    units = list(units)
    is_made_up = around.called & MADE_UP and not (around.called & _SEEN or _opens_pictures(units))
    is_real = bool(around.called & _LOADING) and not is_made_up
    filling = {unit.path for unit in units if unit.called & _FILLING}
    for unit in units:
        loaded = _loaded(unit.path, project) if around.has_model else frozenset()
        is_near = unit.path == own or bool(around.libraries & _ROBOTS)
        is_near = is_near or (unit.path, unit.name) in handed
        plain = MODEL_NAMES if is_real and is_near else frozenset()
        kept = _KEPT if is_real and unit.path in filling else frozenset()
        is_filled = unit.path == own or unit.path in filling
        if is_real and around.has_model and around.called & _FILLING:
            of_file = _switched(unit.path, project, of_objects=unit.path != own)
            loaded |= _filled_in(unit) | (of_file if is_filled else frozenset())
        # The last names that such calls have; '' is that of `YOLO("ppe.pt")(image)`.
        names = (name.removeprefix("self.") for name in {*loaded, *kept})
        telling = {*names, *plain, "", "predict", "forward"}
        for method, call in unit.calls if not telling.isdisjoint(unit.called) else ():
            if method not in telling:
                continue
            name, made = _held_in(_called_model(method, call)), _made_in(call.func)
            is_called = made in _MAKING or name in loaded or name.removeprefix("self.") in plain
            is_called = is_called or name in kept
            # In the file itself, `predict` is a sign of its own.
            if is_called or (unit.path != own and _predicts(method, call)):
                yield Sign(
                    kind=INFER,
                    points=STRONG,
                    name=name or made or method,
                    path=unit.path,
                    line=call.lineno,
                )


def handed_models(
    units: Iterable[Unit],
    project: Project,
    file_of: Callable[[Unit, ast.Call], str],
    others: Iterable[Unit] = (),
) -> frozenset[tuple[str, str]]:
    """Return the functions of other files that get a loaded model, but for measuring or learning.

    `model = YOLO(path)` and `boxes = find(model, picture)`; `find`, among `others`, may only hand
    the model on to `infer(model, tile)`.
    """
    found = _handed(list(units), project, file_of)
    others = list(others) if found else []
    known: set[tuple[str, str]] = set()
    while found - known:
        fresh, known = found - known, known | found
        for unit in others:
            if (unit.path, unit.name) in fresh and not unit.owner:
                found |= {
                    (file_of(unit, call) or unit.path, name)
                    for name, call in unit.calls
                    if isinstance(call.func, ast.Name)
                    and not MODEL_NAMES.isdisjoint(map(_held_in, call.args))
                    and type_of_function(name) in {None, INFER}
                }
    return frozenset(found)


def _handed(
    units: list[Unit], project: Project, file_of: Callable[[Unit, ast.Call], str]
) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    filled = MODEL_NAMES if any(unit.called & _FILLING for unit in units) else frozenset()
    for unit in units:
        held = _loaded(unit.path, project) | filled
        is_used = not unit.names.isdisjoint(name.partition(".")[0] for name in held)
        for name, call in unit.calls if is_used else ():
            given = map(_held_in, call.args)
            if not held.isdisjoint(given) and type_of_function(name) in {None, INFER}:
                path = file_of(unit, call)
                found |= {(path, name)} if path else set()
    return found


def _called_model(method: str, call: ast.Call) -> ast.expr:
    """Return what a call calls, also by its other name: the model of `model.forward(image)`."""
    if method == "forward" and call.args and isinstance(call.func, ast.Attribute):
        return call.func.value
    return call.func


def _opens_pictures(units: Iterable[Unit]) -> bool:
    """Whether a picture is opened: `Image.open(path)`."""
    return any(
        name == "open" and isinstance(call.func, ast.Attribute) and receiver(call) == "Image"
        for unit in units
        if "open" in unit.called
        for name, call in unit.calls
    )


def _predicts(name: str, call: ast.Call) -> bool:
    """Whether a model answers through its method: `self.model.predict(batch)`."""
    if name != "predict" or not call.args:  # a filter of Kalman predicts without
        return False
    match call.func:
        case ast.Attribute(value=ast.Attribute(attr=held) | ast.Name(id=held)):
            return held.lstrip("_") in MODEL_NAMES
    return False


def models_in_pipelines(
    units: Iterable[Unit], project: Project, around: Surroundings
) -> Iterator[Sign]:
    """Yield the elements of pipelines that run a model, in the texts of these units."""
    running: dict[str, set[int]] = {}
    for unit in units if around.libraries & {"gi"} else ():
        running.setdefault(unit.path, set()).add(unit.line)
    for path, lines in running.items():
        source = project.source(path)
        aside = _aside(source, lines) if source is not None else set()
        for constant in source.nodes(ast.Constant) if source is not None else ():
            is_text = isinstance(constant.value, str) and constant.lineno not in aside
            found = PIPELINE_ELEMENT.search(str(constant.value)) if is_text else None
            if found is not None:
                yield Sign(
                    kind=INFER, points=STRONG, name=found[1], path=path, line=constant.lineno
                )


def _aside(source: Source, running: set[int]) -> set[int]:
    """Return the lines of functions and methods that do not run, as helpers of other files."""
    aside: set[int] = set()
    for owner in (source.tree, *source.nodes(ast.ClassDef)):
        for inner in owner.body if owner is not None else ():
            is_function = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and inner.lineno not in running:
                aside.update(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return aside


def _switched(path: str, project: Project, *, of_objects: bool) -> frozenset[str]:
    """Return the variables of a file that are switched to evaluation, as only a network is.

    So are those that are filled, whatever their names: `generator.load_state_dict(weights)`.
    `of_objects`: only their attributes, `self.generator`.
    """
    start = "self." if of_objects else ""
    return frozenset(name for name in project.found(switched, path) or () if name.startswith(start))


def switched(source: Source) -> frozenset[str]:
    """Return what a script calls methods of that switch or fill a network."""
    receivers = (
        call.func.value
        for call in source.calls(*_OF_NETWORKS)
        if isinstance(call.func, ast.Attribute)
    )
    return frozenset(filter(None, map(_held_in, receivers)))


def _filled_in(unit: Unit) -> frozenset[str]:
    """Return the variables that a function fills itself, but for measuring or learning.

    `encoder.load_state_dict(weights)`
    """
    is_trial = names_only_a_trial(f"{unit.name}.py")
    if not (unit.called & _FILLING and (is_trial or type_of_function(unit.name) in {None, INFER})):
        return frozenset()
    receivers = (
        call.func.value
        for name, call in unit.calls
        if name in _FILLING and isinstance(call.func, ast.Attribute)
    )
    return frozenset(held for node in receivers if (held := _held_in(node)))


def _loaded(path: str, project: Project) -> frozenset[str]:
    known = project.remembered.setdefault(_REMEMBERED, {})
    holders: dict[str, frozenset[str]] = known if isinstance(known, dict) else {}
    if path not in holders:
        source = project.source(path)
        holders[path] = _holders(source) if source is not None else frozenset()
    return holders[path]


def _holders(source: Source) -> frozenset[str]:
    """Return the variables that hold a loaded model, also after `model = weights["model"]`."""
    holders: set[str] = set()
    if not source.calls(*_LOADERS):
        return frozenset()
    for node in sorted(source.nodes(ast.Assign), key=lambda assignment: assignment.lineno):
        name, is_loaded = _origin(node.value)
        if is_loaded or name in holders or _wrapped_in(node.value) in holders:
            holders |= {held for target in node.targets if (held := _held_in(target))}
    # `@property def model(self): return self._model`
    for function in source.nodes(ast.FunctionDef) if holders else ():
        last = function.body[-1]
        if function.decorator_list and isinstance(last, ast.Return) and last.value is not None:
            holders |= {f"self.{function.name}"} if _held_in(last.value) in holders else set()
    return frozenset(holders)


def _wrapped_in(node: ast.expr) -> str:
    """Return the variable whose model an object is made around: `DataParallel(model)`."""
    if not (isinstance(node, ast.Call) and node.args):
        return ""
    name = called(node)
    is_around = name[:1].isupper() and any(part in name for part in _AROUND)
    return _held_in(node.args[0]) if is_around else ""


def _made_in(node: ast.expr) -> str:
    """Return what loads a model that is called at once: YOLO of `YOLO("ppe.pt")(image)`."""
    return called(node) if isinstance(node, ast.Call) else ""


def _held_in(node: ast.expr) -> str:
    """Return the name of a variable, or of an attribute of the object itself: `self.model`."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"self.{name}"
    return ""


def _origin(node: ast.expr) -> tuple[str, bool]:
    """Return the first variable of a chain of calls, and whether one of the calls loads."""
    is_loaded = False
    while True:
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name) as function):
                is_loaded = is_loaded or name in _LOADERS
                node = function
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case ast.Name(id=name):
                return name, is_loaded
            case _:
                return "", is_loaded
