"""Find signs in code, that is, evidence of a script's purpose: calls that suggest a type.

The tables hold the last name of a call. A call that needs more than its name has its own rule:
`model.train()` alone only switches a mode, `fit` also scales features.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.call_graph import Unit
from registry_app.inference.purpose.evidence.library_calls import (
    DEEPFACE,
    answers,
    created,
    of_deepface,
)
from registry_app.inference.purpose.evidence.sessions import is_fed, of_session
from registry_app.inference.purpose.script_names import DATA, DEMO, EVAL, INFER, QUANT, TRAIN
from registry_app.inference.purpose.sign_tables import (
    CALLS,
    CONVERTERS,
    EXPORT_KEYWORDS,
    EXPORTED,
    FITTED_ASIDE,
    FITTED_ASIDE_CLASSES,
    MADE_UP,
    MAKERS,
    METRICS,
    OF_LIBRARIES,
    PLOTTING,
    PREDICT_KEYWORDS,
    SEEING,
    STEPPING,
    TRAIN_KEYWORDS,
)
from registry_app.inference.purpose.surroundings import Surroundings
from registry_app.kinds import EntryPointType
from registry_app.messages import Message
from registry_app.texts import reasons

STRONG = 3


@dataclass(frozen=True, kw_only=True)
class Sign:
    """Evidence that the call or import of `name` suggests a type, with its points.

    `is_named`: the name of the author's function is the only evidence. `is_home`: the call leads to
    the directory's own code, so its name counts only where that code gives the same evidence.
    """

    kind: EntryPointType
    points: int
    name: str
    path: str
    line: int
    is_import: bool = False
    is_named: bool = False
    is_home: bool = False

    def reason(self, script: str) -> Message:
        """Return the reason to show to users for a script."""
        if self.is_import:
            return reasons.IMPORTS(name=self.name)
        if self.path == script:
            return reasons.CALLS(name=self.name, line=self.line)
        return reasons.CALLS_ELSEWHERE(name=self.name, path=self.path, line=self.line)


def signs_of(
    units: Iterable[Unit],
    around: Surroundings,
    *,
    is_home: Callable[[Unit, ast.Call], bool] = lambda unit, call: False,
) -> Iterator[Sign]:
    """Yield the signs in the calls of these units; `is_home` says which lead to own code."""
    for unit in units:
        for name, call in unit.calls:
            if name not in _TELLING:
                continue  # as most calls
            if name in OF_LIBRARIES and not around.libraries & OF_LIBRARIES[name]:
                continue
            rule = _RULES.get(name)
            found = rule(call, around) if rule else CALLS.get(name)
            if found:
                kind, points = found
                yield Sign(
                    kind=kind,
                    points=points,
                    name=name,
                    path=unit.path,
                    line=call.lineno,
                    is_home=is_home(unit, call),
                )


_Found = tuple[EntryPointType, int] | None
# Libraries that round amounts, or take fewer colours; and variables that hold pictures.
_OTHERS_THAT_QUANTIZE = frozenset({"decimal", "PIL", "imageio", "colorsys"})
_IS_PICTURE = re.compile(r"(?:self\.)?_?(?:im|img|image|pil|pic|picture|bm|bitmap|frame)(?:_\w+)?")
# Variables that hold a model, and calls that read what it is given.
_WRAPPED = frozenset("model net network detector predictor engine executor".split())
_READING = frozenset("imread imdecode VideoCapture".split())
# Ends of calls that trace a network for another engine, also for a vendor's chip.
_TRACING = ("jit.trace", "jit.script", "neuron.trace", "neuronx.trace")
# Keywords with which statsmodels and linearmodels fit: how coefficients err.
_ERRORS_OF_COEFFICIENTS = frozenset({"cov_type", "cov_kwds", "cluster_entity", "cluster_time"})
# Libraries whose models are equations, with the data given when they are made.
_OF_STATISTICS = frozenset({"statsmodels", "linearmodels", "arch", "pmdarima"})
# Objects of libraries that train without arguments, besides trainers.
_TRAINING_THEMSELVES = {"runner": ("mmengine", "mmcv"), "engine": ("ppcls",)}
_LEARNED = frozenset({"x", "X", "y", "model", "datamodule"})
_GROUPING = frozenset("AgglomerativeClustering DBSCAN HDBSCAN MeanShift KMeans OPTICS".split())
_SPLITTING = frozenset("train_test_split cross_val_score KFold read_csv GridSearchCV".split())
# Calls that start a trainer, or hand it to what does.
_STARTING = frozenset(
    "train fit tune hyperparameter_search training_loop train_model run_training finetune".split()
)
# Calls that make an interpreter of TFLite infer, also through a wrapper.
_INVOKING = frozenset(
    "invoke set_tensor run_inference get_signature_runner classify_image detect_objects infer"
    " predict set_input get_objects get_classes".split()
)


def _train(call: ast.Call, around: Surroundings) -> _Found:
    keywords = _keywords(call)
    if "faiss" in around.libraries and "index" in receiver(call).lower():
        return TRAIN, 1  # a search in vectors, which learns at most its cells
    if keywords & TRAIN_KEYWORDS or (None in keywords and around.libraries & {"ultralytics"}):
        return TRAIN, 4
    is_trainer = receiver(call).rpartition(".")[2] not in _WRAPPED and not call.args
    if is_trainer and any(name.endswith("Trainer") for name in around.called):
        return TRAIN, 3  # whatever the variable is called that holds it
    if isinstance(call.func, ast.Attribute) and _trains_by_itself(receiver(call), around):
        return TRAIN, 3
    if "ROW_SAMPLE" in {node.attr for node in call.args if isinstance(node, ast.Attribute)}:
        return TRAIN, 3  # a model of OpenCV: `knn.train(samples, cv2.ml.ROW_SAMPLE, labels)`
    if isinstance(call.func, ast.Attribute) and not call.args and not call.keywords:
        return TRAIN, 1  # `model.train()` also only switches the mode
    return TRAIN, 4 if gets_optimizer(call) else 2


def _train_step(call: ast.Call, around: Surroundings) -> _Found:
    """A function that gets the optimizer learns: `train_epoch(model, loader, optimizer)`."""
    return TRAIN, 4 if gets_optimizer(call) else 2


def gets_optimizer(call: ast.Call) -> bool:
    """Whether a call is given an optimizer, which only a training uses."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    names = [dotted(node).rpartition(".")[2].lower() for node in given]
    return any(name == "opt" or name.startswith("optim") for name in names)


def _trains_by_itself(name: str, around: Surroundings) -> bool:
    """Whether an object is a trainer, or a runner of mmengine: both train without arguments."""
    words = name.lower()
    return "trainer" in words or any(
        word in words and not around.libraries.isdisjoint(owners)
        for word, owners in _TRAINING_THEMSELVES.items()
    )


def _backward(call: ast.Call, around: Surroundings) -> _Found:
    """Training also takes an optimizer step; gradients alone may be for plots or timing."""
    if "torch_pruning" in around.libraries and "zero_grad" not in around.called:
        return TRAIN, 1  # they tell which weights matter, and a pruner takes the step
    if "step" in around.called:
        return TRAIN, 4
    if around.called & PLOTTING and "zero_grad" not in around.called:
        return TRAIN, 1
    if around.called & MADE_UP and not around.called & STEPPING - {"backward"}:
        return TRAIN, 1  # a self-test of a layer or a loss
    return TRAIN, 3 if "loss" in receiver(call).lower() else 1


def _fit(call: ast.Call, around: Surroundings) -> _Found:
    if _keywords(call) & _ERRORS_OF_COEFFICIENTS and not around.has_model:
        return None  # a regression that statisticians read
    words = receiver(call).lower().replace(".", "_").split("_")
    if "quantization" in words:
        return QUANT, 3  # Neural Compressor
    words = [word.rstrip("0123456789") for word in words]  # `kmeans3`
    if any(word in FITTED_ASIDE or word in FITTED_ASIDE_CLASSES for word in words):
        return None
    if _only_orders(call, around):
        return TRAIN, 1
    gets_data = call.args or _keywords(call) & (TRAIN_KEYWORDS | _LEARNED)
    if around.libraries & _OF_STATISTICS and not gets_data:
        return None  # `ols("accidents ~ rain", table).fit()` has its data, and is no network
    return TRAIN, 3


def _only_orders(call: ast.Call, around: Surroundings) -> bool:
    """Whether a line is laid through points, or points are put into groups, on the way.

    `model = LinearRegression(); model.fit(x, centers)`. What is learned from a table is split or
    named for training, and a network has epochs or a trainer.
    """
    if around.called & _SPLITTING or call.keywords or "trainer" in receiver(call).lower():
        return False
    texts = [dotted(given).lower() for given in call.args]
    if not all(texts) or any("train" in text for text in texts):
        return False
    groups = len(texts) == 1 and bool(around.called & _GROUPING)
    return groups or (len(texts) > 1 and "LinearRegression" in around.called)


def _arguments_of_training(call: ast.Call, around: Surroundings) -> _Found:
    """A trainer of Transformers that is never started writes or measures what was trained."""
    return TRAIN, 2 if around.called & _STARTING else 1


def _optimizer(call: ast.Call, around: Surroundings) -> _Found:
    """An optimizer that never steps beside loaded weights is left over from the training."""
    is_left = "load_state_dict" in around.called and not around.called & STEPPING
    return TRAIN, 1 if is_left else 2


def _quantize(call: ast.Call, around: Surroundings) -> _Found:
    """Ignore the `quantize` of decimal amounts and of colours, which need no model."""
    is_aside = around.libraries & _OTHERS_THAT_QUANTIZE or _IS_PICTURE.fullmatch(receiver(call))
    return (QUANT, 3) if around.has_model or not is_aside else None


def _export(call: ast.Call, around: Surroundings) -> _Found:
    path = dotted(call.func)
    if (
        path.endswith(("onnx.export", "jit.export", "pnnx.export", "torch.export.export"))
        or _keywords(call) & EXPORT_KEYWORDS
        or _names_model_file(call)
    ):
        return QUANT, 4
    return None


def _names_model_file(call: ast.Call) -> bool:
    """Whether a file of another engine is an argument: `model.export("ppe.onnx")`."""
    texts = (node.value for given in call.args for node in ast.walk(given)
             if isinstance(node, ast.Constant))  # fmt: skip
    return any(isinstance(text, str) and text.endswith(EXPORTED) for text in texts)


def _pack(call: ast.Call, around: Surroundings) -> _Found:
    """Weights that are written number by number are for another engine: `gen_wts.py`."""
    is_struct = receiver(call) in {"", "struct"} and around.has_model
    return (QUANT, 3) if is_struct and "state_dict" in around.called else None


def _restore(call: ast.Call, around: Surroundings) -> _Found:
    """A saver of TensorFlow 1 loads a trained model into a session."""
    is_saver = "saver" in receiver(call).lower() and "tensorflow" in around.libraries
    return (INFER, 3) if is_saver and "run" in around.called else None


def _trace(call: ast.Call, around: Surroundings) -> _Found:
    """Models are traced for any engine, or for the chips that a library is named after."""
    return (QUANT, 3) if dotted(call.func).endswith(_TRACING) else None


def _convert(call: ast.Call, around: Surroundings) -> _Found:
    parts = set(dotted(call.func).lower().split(".")[:-1])
    if parts & CONVERTERS == {"converter"} and not around.has_model:
        return None  # of data: nothing here could hold a model
    return (QUANT, 3) if parts & CONVERTERS else None


def _make(call: ast.Call, around: Surroundings) -> _Found:
    owners, points = MAKERS[called(call)]
    owner = receiver(call).lower()
    words = {owner, *owner.split("."), *re.split(r"[._]", owner)}
    return (QUANT, points) if words & set(owners) else None


def _predict(call: ast.Call, around: Surroundings) -> _Found:
    if _keywords(call) & PREDICT_KEYWORDS and around.has_model:
        return INFER, 3
    if "roboflow" in around.libraries and _keywords(call) & {"confidence", "hosted"}:
        return INFER, 4  # a model of its registry, whatever is loaded from there beside it
    return INFER, 2 if answers(call, around) else 1


def _predict_scores(call: ast.Call, around: Surroundings) -> _Found:
    """The scores of a model that was loaded; beside `fit` they only measure what it learned."""
    return INFER, 2 if answers(call, around) and "fit" not in around.called else 1


def _detect(call: ast.Call, around: Surroundings) -> _Found:
    may_be_model = around.has_model or (called(call) != "detect" and not around.is_bare)
    return (INFER, 2) if may_be_model and isinstance(call.func, ast.Attribute) else None


def _track(call: ast.Call, around: Surroundings) -> _Found:
    """A progress bar of rich tracks how far a loop is: `for path in track(paths)`."""
    if "rich" in around.libraries and isinstance(call.func, ast.Name):
        return None
    return (
        (INFER, 3) if _keywords(call) & {"source", "persist", "tracker", "stream"} else (INFER, 2)
    )


def _video(call: ast.Call, around: Surroundings) -> _Found:
    """Reading a video without a model is not inference; another import may be a model."""
    if around.reads_markers or around.only_sends or around.only_opens:
        return None
    if around.is_bare:
        return (INFER, 2) if around.called & SEEING else None
    is_shown = bool(around.called & {"imshow", "VideoWriter"})
    if around.has_model or (call.args and isinstance(call.args[0], ast.Constant)):
        return INFER, 3
    return (INFER, 2) if is_shown else (INFER, 1)


def _from_pretrained(call: ast.Call, around: Surroundings) -> _Found:
    """A pipeline of diffusion makes pictures: `StableDiffusionPipeline.from_pretrained(path)`."""
    if "pipeline" not in receiver(call).lower() or "diffusers" not in around.libraries:
        return None
    return INFER, 1 if "save_pretrained" in around.called else 3  # it may only be fetched


def _val(call: ast.Call, around: Surroundings) -> _Found:
    return EVAL, 3 if "ultralytics" in around.libraries else 1


def _interpreter(call: ast.Call, around: Surroundings) -> _Found:
    """An interpreter that is never invoked only tells the shapes of its tensors."""
    return (INFER, 3) if around.has_model and around.called & _INVOKING else None


def _resume_or_load(call: ast.Call, around: Surroundings) -> _Found:
    """A trainer of Detectron2 does; a checkpointer loads weights for whatever follows."""
    return TRAIN, 1 if "checkpointer" in receiver(call).lower() else 3


def _load(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 2) if dotted(call.func).endswith(("hub.load", "jit.load")) else None


def _inference(call: ast.Call, around: Surroundings) -> _Found:
    """A board's runtime, or a vendor's model that is given a picture; elsewhere it says less.

    With TensorFlow 1 it only makes the graph.
    """
    is_given = receiver(call).rpartition(".")[2] in _WRAPPED and bool(call.args or call.keywords)
    is_given = is_given and "tensorflow" not in around.libraries
    return INFER, 3 if is_given or around.libraries & {"rknn", "rknnlite"} else 2


def _compile_model(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 3) if around.libraries & {"openvino"} else None


def _metric(call: ast.Call, around: Surroundings) -> _Found:
    return EVAL, 3 if around.has_model else 2


def _test(call: ast.Call, around: Surroundings) -> _Found:
    """A runner of OpenMMLab measures on the set of its settings."""
    is_runner = "runner" in receiver(call).lower()
    return (EVAL, 3) if is_runner and around.libraries & {"mmengine", "mmcv"} else None


def _eval_mode(call: ast.Call, around: Surroundings) -> _Found:
    is_method = isinstance(call.func, ast.Attribute) and not call.args
    return (INFER, 1) if is_method and around.has_model else None


def _imshow(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 1) if around.has_model and receiver(call) in {"cv2", "cv"} else None


def _imwrite(call: ast.Call, around: Surroundings) -> _Found:
    return None if around.has_model else (DATA, 1)


def _run(call: ast.Call, around: Surroundings) -> _Found:
    """A page, a service, or a model behind a wrapper of unknown origin: `detector.run(image)`."""
    if is_fed(call, around):
        return of_session(call, around)
    if "trainer" in receiver(call).lower() and around.libraries & {"ignite", "chainer"}:
        return TRAIN, 3
    is_model = receiver(call).rpartition(".")[2] in _WRAPPED and bool(call.args)
    if is_model and around.called & _READING and not around.is_bare:
        return INFER, 2
    if receiver(call) in {"uvicorn", "waitress", "app", "socketio"} and around.libraries & {
        "flask", "fastapi", "uvicorn", "flask_socketio", "streamlit"
    }:  # fmt: skip
        return DEMO, 3
    return None


def _init(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 3) if receiver(call).endswith("InferencePipeline") else None


def _forward(call: ast.Call, around: Surroundings) -> _Found:
    """A network of Caffe keeps its input, so it is run without any: `net.forward()`."""
    is_model = receiver(call).rpartition(".")[2] in _WRAPPED and not call.args
    return (INFER, 3) if is_model and "caffe" in around.libraries else None


def _minimize(call: ast.Call, around: Surroundings) -> _Found:
    """A TensorFlow optimizer trains; scipy's fits a curve or a pose."""
    is_scipy = receiver(call) in {"", "optimize", "opt", "scipy.optimize", "so"}
    return (
        (TRAIN, 3) if around.libraries & {"tensorflow", "keras", "paddle"} or not is_scipy else None
    )


def _search(call: ast.Call, around: Surroundings) -> _Found:
    return (TRAIN, 3) if "tuner" in receiver(call).lower() else None


def _optimize(call: ast.Call, around: Surroundings) -> _Found:
    return (TRAIN, 3) if "optuna" in around.libraries else None


_RULES: dict[str, Callable[[ast.Call, Surroundings], _Found]] = {
    "train": _train,
    **dict.fromkeys(("train_model", "train_epoch", "run_training"), _train_step),
    "backward": _backward,
    **dict.fromkeys(("fit", "partial_fit"), _fit),
    **dict.fromkeys(("SGD", "AdamW"), _optimizer),
    **dict.fromkeys(("TrainingArguments", "Seq2SeqTrainingArguments"), _arguments_of_training),
    "quantize": _quantize,
    "export": _export,
    "trace": _trace,
    "script": _trace,
    "convert": _convert,
    "pack": _pack,
    "restore": _restore,
    **dict.fromkeys(MAKERS, _make),
    **dict.fromkeys(("predict", "predict_on_batch", "predict_generator"), _predict),
    **dict.fromkeys(("predict_proba", "predict_classes"), _predict_scores),
    "track": _track,
    **dict.fromkeys(("detect", "detect_objects", "detect_faces"), _detect),
    "VideoCapture": _video,
    "val": _val,
    "from_pretrained": _from_pretrained,
    **dict.fromkeys(("Interpreter", "allocate_tensors"), _interpreter),
    "load": _load,
    "resume_or_load": _resume_or_load,
    "inference": _inference,
    "compile_model": _compile_model,
    "imwrite": _imwrite,
    "run": _run,
    "forward": _forward,
    "init": _init,
    "eval": _eval_mode,
    "test": _test,
    "imshow": _imshow,
    **dict.fromkeys(METRICS, _metric),
    "optimize": _optimize,
    "minimize": _minimize,
    "search": _search,
    "create": created,
    **dict.fromkeys(DEEPFACE, of_deepface),
}
_TELLING = CALLS.keys() | _RULES.keys()


def receiver(call: ast.Call) -> str:
    """Return what a method is called on, as written: `self.model` of `self.model.fit()`."""
    return dotted(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def dotted(node: ast.expr) -> str:
    """Return a name with its dots: `torch.onnx.export`; calls in between are passed over."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def _keywords(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}
