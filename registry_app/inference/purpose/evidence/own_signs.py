"""Find the signs of a type in a script's own code, its imports and its functions' names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.call_graph import Reach, Unit
from registry_app.inference.purpose.evidence.behaviour import feeds_made_up, is_trial
from registry_app.inference.purpose.evidence.changed_weights import changed_weights, stored_weights
from registry_app.inference.purpose.evidence.fitted_features import gets_training_data
from registry_app.inference.purpose.evidence.objects_of_files import asked_objects
from registry_app.inference.purpose.evidence.weights import FIRM, OF_MODELS
from registry_app.inference.purpose.evidence.work_elsewhere import OF_DATA
from registry_app.inference.purpose.loaded_models import (
    MODEL_NAMES,
    calls_of_loaded_models,
    models_in_pipelines,
)
from registry_app.inference.purpose.own_code import OwnCode
from registry_app.inference.purpose.script_names import (
    DEMO,
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    VERBS,
    looks_after,
    name_words,
    names_inference,
    type_of_function,
)
from registry_app.inference.purpose.sign_tables import (
    CALLS,
    GENERIC,
    IMPORTS,
    OF_LIBRARIES,
    PREPARING,
    SAVING,
)
from registry_app.inference.purpose.signs import STRONG, Sign, dotted, receiver, signs_of
from registry_app.inference.purpose.surroundings import (
    MODEL_LIBRARIES,
    PLAIN_OR_IMAGES,
    Surroundings,
    imported_tops,
)

_TRIED = MODEL_NAMES | GENERIC | {"predict", "infer"}
_INTERPRETING = frozenset({"Interpreter", "allocate_tensors"})
# Calls that keep models in a registry.
_REGISTERING = frozenset(
    "MlflowClient register_model create_model_version create_registered_model"
    " transition_model_version_stage set_registered_model_alias HfApi upload_folder".split()
)
_PREDICTING = frozenset({"predict", "predict_on_batch", "predict_generator"})
_TESTING = frozenset({"single_gpu_test", "multi_gpu_test", "inference_detector"})
_FOREIGN = frozenset({TRAIN, INFER, EVAL})
# `train_test_split` splits data.
# Servers of models, and what marks the code that they call.
_SERVERS = frozenset({"paddlehub", "bentoml", "ray"})
_SERVING = frozenset({"serving", "service", "api", "deployment", "ingress"})
# Words of own functions that make a network smaller.
_QUANTIZING = frozenset({"quantize", "quantized", "quantise"})
_QUANTIZED = frozenset({"model", "network", "weights"})
# A model of language is asked by functions that are named so, with what it shall look at.
_ASKING = frozenset({"prompt", "ask", "query"})
_ASKED = frozenset("model net network detector predictor".split())
_PICTURES = frozenset("image images image_path image_paths img imgs frame frames".split())
_C_FILES = (".h", ".hpp", ".c", ".cc", ".cpp")


def own_signs(
    source: Source, reach: Reach, project: Project, around: Surroundings, own_code: OwnCode
) -> Iterator[Sign]:
    is_only_tried = is_trial(around, reach) and not any(
        dotted(call.func).endswith("jit.load") for call in source.calls("load")
    )
    calls = list(calls_of_loaded_models(reach.own, project, around, own=source.path))

    def is_home(unit: Unit, call: ast.Call) -> bool:
        return own_code.is_called(unit, call) and not gets_training_data(call)

    for sign in signs_of(reach.own, around, is_home=is_home):
        if sign.name == "VideoCapture" and looks_after(source.path) and not around.has_model:
            continue  # `upload_image.py` sends what a camera sees
        if sign.name in GENERIC and around.called & _REGISTERING:
            continue  # a version of a model is moved, and at most compared with its copy
        if sign.name == "export" and _is_switched_elsewhere(sign, source):
            yield replace(sign, points=1)
        elif not (is_only_tried and _is_of_trial(sign, source)):
            yield _answering(_weakened(sign, around), source, reach)
    yield from () if is_only_tried else calls
    yield from () if is_only_tried else asked_objects(source)
    yield from _of_frameworks(source, around) if is_only_tried else ()
    yield from _of_imports(source)
    yield from _of_foreign(source, project)
    yield from _of_functions(reach)
    yield from models_in_pipelines(reach.own, project, around)
    yield from _of_written_weights(source)
    yield from _of_own_quantization(reach, around)
    yield from _of_prompts(reach)
    yield from () if calls else changed_weights(source, reach, around)
    yield from stored_weights(source, around)
    yield from _of_submissions(source, around)
    yield from _of_services(source)
    yield from _of_subclasses(reach, around, own_code)


def _of_subclasses(reach: Reach, around: Surroundings, own_code: OwnCode) -> Iterator[Sign]:
    """Yield that an object is made of an own kind of a library's class that does the work.

    `class CLI(LightningCLI)` trains as soon as it is made.
    """
    for unit in reach.own:
        for _name, call in unit.calls:
            bases = own_code.foreign_bases(unit, call)
            for base in sorted(bases & CALLS.keys()) if bases else ():
                kind, points = CALLS[base]
                is_meant = around.libraries & OF_LIBRARIES.get(base, around.libraries)
                if kind in OF_MODELS and is_meant:
                    yield Sign(
                        kind=kind, points=points, name=base, path=unit.path, line=call.lineno
                    )


def _is_of_trial(sign: Sign, source: Source) -> bool:
    """Whether a model, or a session with one, that gets made-up input is all of a sign."""
    is_fed = sign.name in _INTERPRETING and feeds_made_up(source)
    is_session = sign.name == "run" and sign.kind is INFER
    return is_fed or is_session or sign.name.removeprefix("self.") in _TRIED


def _is_switched_elsewhere(sign: Sign, source: Source) -> bool:
    """Whether a call waits for a constant of another file: `if ONNX_EXPORT:` of a detection."""
    tests = {
        node.test.id
        for node in source.nodes(ast.If)
        if isinstance(node.test, ast.Name)
        and node.test.id.isupper()
        and node.lineno < sign.line <= (node.body[-1].end_lineno or 0)
    }
    own = {target.id for node in source.nodes(ast.Assign) for target in node.targets
           if isinstance(target, ast.Name)} if tests else set()  # fmt: skip
    return bool(tests - own)


def _weakened(sign: Sign, around: Surroundings) -> Sign:
    """Return a step before quantization as weak evidence where nothing is saved afterwards."""
    if sign.kind is QUANT and sign.name in PREPARING and not around.called & SAVING:
        return replace(sign, points=1)
    return sign


def _answering(sign: Sign, source: Source, reach: Reach) -> Sign:
    """Return a runner's `test` as inference where names say that it writes answers.

    A runner of OpenMMLab measures, or writes what a competition asks for: `SUBMISSION_PATH`.
    """
    if sign.kind is not EVAL or sign.name != "test" or sign.is_named:
        return sign
    says = names_inference(source.path) or any(
        type_of_function(unit.name) is INFER
        or any("submission" in name.lower() for name in unit.names)
        for unit in reach.own
    )
    return replace(sign, kind=INFER) if says else sign


def _of_frameworks(source: Source, around: Surroundings) -> Iterator[Sign]:
    """Yield that a model of one framework is saved as one of another."""
    for call in source.calls("save", "save_model", "save_weights"):
        if around.libraries & {"tensorflow", "keras", "tf_keras"} and "torch" in around.libraries:
            yield Sign(kind=QUANT, points=3, name="save", path=source.path, line=call.lineno)


def _of_written_weights(source: Source) -> Iterator[Sign]:
    """Yield that weights are written as C: `open("weights.h", "w")` for a microcontroller."""
    is_c = any(
        isinstance(word, ast.Constant) and str(word.value).endswith(_C_FILES)
        for call in source.calls("open")
        for word in call.args[:1]
    )
    for call in source.calls("get_weights", "state_dict", "get_tensor") if is_c else ():
        yield Sign(kind=QUANT, points=STRONG, name=called(call), path=source.path, line=call.lineno)


def _of_own_quantization(reach: Reach, around: Surroundings) -> Iterator[Sign]:
    """Yield own functions that quantize a network, if weights are saved: `quantize_model(self)`."""
    if not (around.has_model and around.called & SAVING):
        return
    for unit in reach.own:
        words = name_words(f"{unit.name}.py") if unit.name else []
        if not _QUANTIZING.isdisjoint(words) and not _QUANTIZED.isdisjoint(words):
            yield Sign(kind=QUANT, points=FIRM, name=unit.name, path=unit.path, line=unit.line)


def _of_prompts(reach: Reach) -> Iterator[Sign]:
    """Yield that a model of language and vision is asked: `prompt_llava(text, images=tiles)`."""
    for unit in reach.own:
        for name, call in unit.calls:
            if name.partition("_")[0] in _ASKING and any(
                keyword.arg in _PICTURES for keyword in call.keywords
            ):
                yield Sign(kind=INFER, points=FIRM, name=name, path=unit.path, line=call.lineno)


def _of_submissions(source: Source, around: Surroundings) -> Iterator[Sign]:
    """Yield that answers for a competition are written: `answers.to_csv("submission.csv")`."""
    is_answered = around.has_model and around.called & (GENERIC | _PREDICTING | _TESTING)
    for call in source.calls("to_csv") if is_answered else ():
        texts = (node.value for given in call.args[:1] for node in ast.walk(given)
                 if isinstance(node, ast.Constant))  # fmt: skip
        if any("submission" in str(text).lower() for text in texts):
            yield Sign(kind=INFER, points=FIRM, name="to_csv", path=source.path, line=call.lineno)


def _of_services(source: Source) -> Iterator[Sign]:
    """Yield that a server of models is given a class or function to call: `@serving`."""
    if not _SERVERS & imported_tops(source).keys():
        return
    for node in source.nodes(ast.FunctionDef, ast.ClassDef):
        for decorator in node.decorator_list:
            name = dotted(decorator)
            if name.rpartition(".")[2] in _SERVING:
                yield Sign(kind=DEMO, points=STRONG, name=name, path=source.path, line=node.lineno)


def _of_foreign(source: Source, project: Project) -> Iterator[Sign]:
    """Yield calls of functions from modules that are not here and not known: `train_recognizer`."""
    known = PLAIN_OR_IMAGES | MODEL_LIBRARIES
    for node in source.nodes(ast.ImportFrom):
        module = node.module or ""
        if node.level or module.partition(".")[0] in known or project.module(source.path, module):
            continue
        for alias in node.names:
            for call in source.calls(alias.asname or alias.name)[:1]:
                kind = type_of_function(alias.name)
                words = name_words(f"{alias.name}.py")
                if (
                    kind in _FOREIGN
                    and len(words) > 1
                    and not OF_DATA & {*words}
                    and words[0] in VERBS | {"evaluate"}
                ):
                    yield Sign(
                        kind=kind, points=FIRM, name=alias.name, path=source.path, line=call.lineno
                    )


def _of_imports(source: Source) -> Iterator[Sign]:
    for top, line in imported_tops(source).items():
        if top in IMPORTS:
            kind, points = IMPORTS[top]
            yield Sign(
                kind=kind, points=points, name=top, path=source.path, line=line, is_import=True
            )


def _of_functions(reach: Reach) -> Iterator[Sign]:
    """Yield signs from the names of the file's functions that run: `run_inference`."""
    for unit in reach.own:
        kind = type_of_function(unit.name) if unit.name and not unit.owner else None
        if kind is not None:
            yield Sign(
                kind=kind,
                points=1,
                name=unit.name,
                path=unit.path,
                line=unit.line,
                is_named=True,
            )
        for name, call in unit.calls:  # `model.tiled_infer()` of a class that is looked up
            is_asked = receiver(call) in _ASKED and name not in CALLS
            if is_asked and type_of_function(name) is INFER:
                yield Sign(
                    kind=INFER,
                    points=1,
                    name=name,
                    path=unit.path,
                    line=call.lineno,
                    is_named=True,
                )
