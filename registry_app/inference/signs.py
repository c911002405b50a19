"""Signs in code of what a script is for: which calls speak for which type, and how surely.

The tables hold the last name of a call. What needs more than a name has a rule of its own below:
`model.train()` alone only switches a mode, `fit` also scales features.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from registry_app.choices import EntryPointType
from registry_app.inference import reasons
from registry_app.inference.call_graph import Unit
from registry_app.inference.script_names import DATA, DEMO, EVAL, INFER, QUANT, TRAIN
from registry_app.inference.surroundings import Surroundings
from registry_app.inference.tree_index import called

STRONG = 3


@dataclass(frozen=True, kw_only=True)
class Sign:
    """That the call or import of `name` speaks for a type with so many points.

    `is_named`: nothing but the name that the author gave a function says so.
    """

    kind: EntryPointType
    points: int
    name: str
    path: str
    line: int
    is_import: bool = False
    is_named: bool = False

    def reason(self, script: str) -> str:
        """Return the sentence that says it of a script, for people."""
        if self.is_import:
            return reasons.IMPORTS.format(name=self.name)
        if self.path == script:
            return reasons.CALLS.format(name=self.name, line=self.line)
        return reasons.CALLS_ELSEWHERE.format(name=self.name, path=self.path, line=self.line)


def _table(*rows: tuple[EntryPointType, int, str]) -> dict[str, tuple[EntryPointType, int]]:
    return {name: (kind, points) for kind, points, names in rows for name in names.split()}


CALLS = _table(
    (TRAIN, 3, "train_one_epoch fit_generator train_on_batch train_detector train_loop"),
    (TRAIN, 3, "train_segmentor apply_gradients manual_backward resume_or_load do_train"),
    (TRAIN, 3, "training_loop run_training_loop"),
    (TRAIN, 2, "train_model train_epoch run_training tune SGD AdamW create_study"),
    (TRAIN, 2, "TrainingArguments Seq2SeqTrainingArguments"),
    (INFER, 3, "InferenceSession allocate_tensors infer_new_request create_infer_request"),
    (INFER, 3, "start_async inference_detector inference_segmentor inference_model readtext"),
    (INFER, 3, "DefaultPredictor AsyncPredictor inference_on_dataset execute_async_v2"),
    (INFER, 3, "execute_async_v3 execute_v2 create_predictor get_sliced_prediction readNet"),
    (INFER, 3, "readNetFromDarknet readNetFromONNX readNetFromTensorflow readNetFromCaffe"),
    (INFER, 3, "MMInferencer DetInferencer do_inference run_inference"),
    (INFER, 2, "init_detector init_segmentor deserialize_cuda_engine infer face_locations"),
    (INFER, 2, "detectMultiScale PaddleOCR load_predictor single_gpu_test inference"),
    (INFER, 1, "predict_proba non_max_suppression LoadImages LoadStreams load_state_dict"),
    (INFER, 1, "no_grad inference_mode load_weights"),
    (QUANT, 3, "quantize_dynamic quantize_static prepare_qat prepare_fx convert_fx"),
    (QUANT, 3, "export_onnx convert_model from_keras_model from_frozen_graph torch2trt"),
    (QUANT, 3, "from_concrete_functions build_serialized_network build_cuda_engine"),
    (QUANT, 3, "export_rknn create_compressed_model torch_quantizer export_quant_config"),
    (QUANT, 3, "export_xmodel save_inference_model optimize_for_mobile quantize_model"),
    (QUANT, 3, "prepare_pt2e convert_pt2e convert_to_tflite from_saved_model pytorch2onnx"),
    (QUANT, 2, "OnnxParser export_saved_model convert_float_to_float16 build_engine"),
    (QUANT, 2, "write_graph convert_variables_to_constants"),
    (QUANT, 1, "simplify infer_shapes"),
    (EVAL, 3, "COCOeval CocoEvaluator ap_per_class mean_average_precision"),
    (EVAL, 2, "COCOEvaluator MeanAveragePrecision LVISEvaluator"),
    (EVAL, 1, "evaluate evaluate_generator"),
    (DATA, 3, "ratio Roboflow"),
    (DATA, 2, "urlretrieve snapshot_download extractall StratifiedKFold StratifiedGroupKFold"),
    (DATA, 2, "getElementsByTagName TFRecordWriter"),
    (DATA, 1, "train_test_split copyfile copy2 copytree move rename unzip KFold fromstring"),
    (DEMO, 3, "QApplication Tk CTk Interface Blocks TeleBot ApplicationBuilder"),
    (DEMO, 2, "Flask FastAPI"),
)
IMPORTS: dict[str, tuple[EntryPointType, int]] = {
    **dict.fromkeys(("gradio", "streamlit", "flask", "fastapi", "telebot"), (DEMO, 3)),
    **dict.fromkeys(("nncf", "tf2onnx", "coremltools", "onnx2tf", "pytorch_nndct"), (QUANT, 2)),
    **dict.fromkeys(("roboflow", "labelme", "splitfolders", "fiftyone"), (DATA, 1)),
}
# Calls that stop a model from learning: who looks through it needs them, who measures it too.
GENERIC = frozenset({"eval", "no_grad", "inference_mode", "load_state_dict", "load_weights"})
# What is computed to say how good a model is.
METRICS = frozenset(
    "confusion_matrix classification_report precision_recall_curve accuracy_score roc_auc_score"
    " f1_score average_precision_score precision_score recall_score mean_iou compute_ap"
    " box_iou_eval ConfusionMatrixDisplay from_predictions".split()
)
# What `fit` is called on when it only learns how to scale, encode or group.
_FITTED_ASIDE = (
    "scaler encoder pca binarizer imputer vectorizer tokenizer transform kmeans selector datagen"
    " tsne umap le lda smote normalizer generator"
).split()
_TRAIN_KEYWORDS = frozenset(
    "epochs data imgsz resume cfg dataset_dir batch_size lr0 num_epochs max_epochs".split()
)
_EXPORT_KEYWORDS = frozenset({"format", "imgsz", "half", "int8", "dynamic", "opset", "simplify"})
_PREDICT_KEYWORDS = frozenset({"source", "conf", "stream", "show", "save", "imgsz"})
# What finds something in a picture without any model that was learned.
_SEEING = frozenset(
    "createBackgroundSubtractorMOG2 createBackgroundSubtractorKNN HOGDescriptor CascadeClassifier"
    " detectMultiScale QRCodeDetector detectAndDecode detectMarkers findContours HoughCircles"
    " HoughLines HoughLinesP matchTemplate calcOpticalFlowPyrLK calcOpticalFlowFarneback"
    " SimpleBlobDetector_create TrackerKCF_create TrackerCSRT_create TrackerMOSSE_create".split()
)
# Whose `convert` or `save` turns a model into another format.
_CONVERTERS = frozenset(
    {"ct", "coremltools", "converter", "tf2onnx", "mo", "ov", "trt", "onnxmltools"}
)


def signs_of(units: Iterable[Unit], around: Surroundings) -> Iterator[Sign]:
    """Yield what the calls of these units speak for."""
    for unit in units:
        for call in unit.calls:
            name = called(call)
            rule = _RULES.get(name)
            found = rule(call, around) if rule else CALLS.get(name)
            if found:
                kind, points = found
                yield Sign(kind=kind, points=points, name=name, path=unit.path, line=call.lineno)


_Found = tuple[EntryPointType, int] | None


def _train(call: ast.Call, around: Surroundings) -> _Found:
    keywords = _keywords(call)
    if keywords & _TRAIN_KEYWORDS or (None in keywords and around.libraries & {"ultralytics"}):
        return TRAIN, 4
    if isinstance(call.func, ast.Attribute) and "trainer" in receiver(call).lower():
        return TRAIN, 3
    if isinstance(call.func, ast.Attribute) and not call.args and not call.keywords:
        return TRAIN, 1  # `model.train()` also only switches the mode
    return TRAIN, 2


def _backward(call: ast.Call, around: Surroundings) -> _Found:
    """Gradients alone may be for looking at or for timing; who learns also takes a step."""
    if "step" in around.called:
        return TRAIN, 4
    return TRAIN, 3 if "loss" in receiver(call).lower() else 1


def _fit(call: ast.Call, around: Surroundings) -> _Found:
    words = receiver(call).lower().replace(".", "_").split("_")
    return None if any(word in _FITTED_ASIDE for word in words) else (TRAIN, 3)


def _quantize(call: ast.Call, around: Surroundings) -> _Found:
    """Amounts of money are quantized too, without any model."""
    return (QUANT, 3) if around.has_model or "decimal" not in around.libraries else None


def _export(call: ast.Call, around: Surroundings) -> _Found:
    path = dotted(call.func)
    if path.endswith(("onnx.export", "jit.export")) or _keywords(call) & _EXPORT_KEYWORDS:
        return QUANT, 4
    return None


def _trace(call: ast.Call, around: Surroundings) -> _Found:
    return (QUANT, 3) if dotted(call.func).endswith(("jit.trace", "jit.script")) else None


def _convert(call: ast.Call, around: Surroundings) -> _Found:
    parts = set(dotted(call.func).lower().split(".")[:-1])
    return (QUANT, 3) if parts & _CONVERTERS else None


def _predict(call: ast.Call, around: Surroundings) -> _Found:
    if _keywords(call) & _PREDICT_KEYWORDS and around.has_model:
        return INFER, 3
    return INFER, 2 if around.has_model else 1


def _detect(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 2) if around.has_model and isinstance(call.func, ast.Attribute) else None


def _track(call: ast.Call, around: Surroundings) -> _Found:
    return (
        (INFER, 3) if _keywords(call) & {"source", "persist", "tracker", "stream"} else (INFER, 2)
    )


def _video(call: ast.Call, around: Surroundings) -> _Found:
    """Who looks at a film with eyes alone infers nothing; what else is imported may be a model."""
    if around.is_bare:
        return (INFER, 2) if around.called & _SEEING else None
    is_shown = bool(around.called & {"imshow", "VideoWriter"})
    if around.has_model or (call.args and isinstance(call.args[0], ast.Constant)):
        return INFER, 3
    return (INFER, 2) if is_shown else (INFER, 1)


def _val(call: ast.Call, around: Surroundings) -> _Found:
    return EVAL, 3 if "ultralytics" in around.libraries else 1


def _interpreter(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 3) if around.has_model else None


def _load(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 2) if dotted(call.func).endswith("hub.load") else None


def _compile_model(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 3) if around.libraries & {"openvino"} else None


def _metric(call: ast.Call, around: Surroundings) -> _Found:
    return EVAL, 3 if around.has_model else 2


def _eval_mode(call: ast.Call, around: Surroundings) -> _Found:
    is_method = isinstance(call.func, ast.Attribute) and not call.args
    return (INFER, 1) if is_method and around.has_model else None


def _imshow(call: ast.Call, around: Surroundings) -> _Found:
    return (INFER, 1) if around.has_model and receiver(call) in {"cv2", "cv"} else None


def _imwrite(call: ast.Call, around: Surroundings) -> _Found:
    return None if around.has_model else (DATA, 1)


def _run(call: ast.Call, around: Surroundings) -> _Found:
    if receiver(call) in {"uvicorn", "waitress", "app", "socketio"} and around.libraries & {
        "flask", "fastapi", "uvicorn", "flask_socketio", "streamlit"
    }:  # fmt: skip
        return DEMO, 3
    return None


def _minimize(call: ast.Call, around: Surroundings) -> _Found:
    """An optimizer of TensorFlow learns; that of scipy fits a curve or a pose."""
    is_scipy = receiver(call) in {"", "optimize", "opt", "scipy.optimize", "so"}
    return (TRAIN, 3) if around.libraries & {"tensorflow", "keras"} or not is_scipy else None


def _optimize(call: ast.Call, around: Surroundings) -> _Found:
    return (TRAIN, 3) if "optuna" in around.libraries else None


_RULES: dict[str, Callable[[ast.Call, Surroundings], _Found]] = {
    "train": _train,
    "backward": _backward,
    **dict.fromkeys(("fit", "partial_fit"), _fit),
    "quantize": _quantize,
    "export": _export,
    "trace": _trace,
    "script": _trace,
    "convert": _convert,
    "predict": _predict,
    "track": _track,
    **dict.fromkeys(("detect", "detect_objects", "detect_faces"), _detect),
    "VideoCapture": _video,
    "val": _val,
    "Interpreter": _interpreter,
    "load": _load,
    "compile_model": _compile_model,
    "imwrite": _imwrite,
    "run": _run,
    "eval": _eval_mode,
    "imshow": _imshow,
    **dict.fromkeys(METRICS, _metric),
    "optimize": _optimize,
    "minimize": _minimize,
}


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
    return {one.arg for one in call.keywords}
