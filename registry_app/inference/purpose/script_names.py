"""What the name of a script says it is for."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from registry_app.choices import EntryPointType

TRAIN, INFER, QUANT = EntryPointType.TRAIN, EntryPointType.INFER, EntryPointType.QUANT
EVAL, DATA, DEMO = EntryPointType.EVAL, EntryPointType.DATA, EntryPointType.DEMO

FORMATS = frozenset(
    "onnx openvino tensorrt trt tflite coreml ncnn rknn mnn edgetpu hef dlc mlpackage mlmodel pnnx"
    " int8 fp16 torchscript 변환".split()
)
# With these a conversion is one of a model, not of data.
_MODEL_WORDS = FORMATS | frozenset("model models weights checkpoint checkpoints ckpt".split())
_CONVERTING = frozenset({"convert", "converter", "conversion", "to"})
_MEASURING = frozenset(
    "eval evaluate evaluation evaluator val valid validate validation test benchmark"
    " benchmarks bench compare comparison metrics map 평가 검증".split()
)
# Whole words of a file's name, the first that fits decides. Verbs come before things, and the
# formats of models last: `onnx_benchmark` measures, it does not export.
NAME_WORDS: tuple[tuple[EntryPointType, frozenset[str]], ...] = (
    (
        QUANT,
        frozenset(
            "export exporter quant quantize quantizer quantization quantise ptq qat 양자화".split()
        ),
    ),
    (
        TRAIN,
        frozenset(
            "train training trainer finetune finetuning fit retrain tune tuner tuning hpo sweep"
            " 학습 훈련".split()
        ),
    ),
    (
        INFER,
        frozenset(
            "infer inference inferencing predict predictor prediction detect track tracking webcam"
            " camera stream live realtime submission submit 추론 검출 예측".split()
        ),
    ),
    (EVAL, _MEASURING),
    (
        DEMO,
        frozenset(
            "demo app gui web webapp server client api restapi gradio streamlit ui tutorial"
            " dashboard request 데모".split()
        ),
    ),
    (
        DATA,
        frozenset(
            "data dataset datasets split splitter download downloader prepare preprocess"
            " preprocessing preproc augment augmentation label labels labeling labelling annotation"
            " annotations annots convert converter crop resize rename extract frames kfold eda"
            " resample filter merge balance voc xml2yolo voc2yolo coco2yolo yolo2coco coco"
            " json2txt json2yolo xml2txt maketxt unzip crawl crawler crawling scrape scraper"
            " scraping pseudo psuedo trim process processing clean collect"
            " 데이터 분할 전처리 라벨".split()
        ),
    ),
    (
        EVAL,
        frozenset(
            "analysis analyze analyse analyzer results error errors failure failures 분석".split()
        ),
    ),
    # What a script is about, and may do anything with: `detection_dataset` holds pictures.
    (INFER, frozenset("detection detector count counting video onnxruntime".split())),
    (QUANT, FORMATS),
)
# The plainest words of a type: `inference.py` is started before `tracking.py`.
PLAIN_WORDS = frozenset(
    "train training 학습 infer inference predict detect 추론 export quantize 양자화 eval evaluate"
    " val test 평가 demo app".split()
)
# What a script does, as a command to it, and what it is called if it does nothing else.
VERBS = frozenset("train infer predict detect quantize".split())
_WORK = VERBS | frozenset(
    "training finetune finetuning retrain inference inferencing prediction quant quantization"
    " ptq qat 학습 훈련 추론 검출 예측 양자화".split()
)
# What a function does that is named so, wherever the word stands: `run_inference`. Things say
# nothing here: `count_epochs` counts, and `upload_video` uploads.
_FUNCTION_WORDS: dict[str, EntryPointType] = {
    **dict.fromkeys("train training finetune finetuning retrain fit 학습".split(), TRAIN),
    **dict.fromkeys("infer inference predict detect detection track tracking 추론".split(), INFER),
    **dict.fromkeys("quantize quantization export 양자화".split(), QUANT),
    **dict.fromkeys(
        "eval evaluate evaluation val validate validation test benchmark compare 평가".split(), EVAL
    ),
}
# Whose name begins so looks after something, or shows it; a model is at most what it is about.
ASIDE_VERBS = frozenset(
    "check selftest verify inspect probe summarize summarise report print list show view plot draw"
    " visualize visualise install setup upload clean delete remove rename copy get set load read"
    " save write parse format log simulate fake mock".split()
)
# A name that begins with one of these says what is done, whatever else the code does on the way.
FIRST_WORDS: dict[str, EntryPointType] = {
    **dict.fromkeys(
        ("benchmark", "benchmarks", "bench", "compare", "evaluate", "eval", "validate"), EVAL
    ),
    **dict.fromkeys(
        ("download", "convert", "split", "prepare", "preprocess", "preprocessing", "augment"), DATA
    ),
    # Whoever labels makes data, with a model's help too.
    **dict.fromkeys(("labeling", "labelling", "autolabel", "autolabeling"), DATA),
    **dict.fromkeys(("tutorial", "demo"), DEMO),
    **dict.fromkeys(("export", "exporter", "quantize", "quantizer"), QUANT),
    **dict.fromkeys(("train", "finetune"), TRAIN),
}
# These decide wherever they stand in a name, and against whatever the code does.
DECIDING_WORDS = {"tutorial": DEMO, "pseudo": DATA, "psuedo": DATA}
DECIDING_POINTS = 6
FIRST_WORD_POINTS = 3
# What frameworks call the scripts that train, whatever their names say.
_KNOWN_STEMS = {
    "model_main": TRAIN, "model_main_tf2": TRAIN, "train_net": TRAIN,
    "export_inference_graph": QUANT, "exporter_main_v2": QUANT,
    "generate_tfrecord": DATA, "create_tf_record": DATA,
}  # fmt: skip


def name_words(path: str) -> list[str]:
    """Return the words of a file's name: `train_yolov11_v2.py` has train, yolov11 and v2."""
    stem = PurePosixPath(path).stem
    if stem == "__main__":
        stem = PurePosixPath(path).parent.name
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", stem)
    return [word.lower() for word in re.split(r"[\W_]+", parted) if word]


def type_by_name(path: str) -> EntryPointType | None:
    """Return the type that a file's name speaks of."""
    known = _KNOWN_STEMS.get(PurePosixPath(path).stem.lower())
    if known is not None:
        return known
    words = set(name_words(path))
    if words & _CONVERTING and words & (_MODEL_WORDS if "to" not in words else FORMATS):
        return QUANT
    if any(_is_conversion(word) for word in words):
        return QUANT
    for kind, listed in NAME_WORDS:
        if words & listed:
            return kind
    stem = "".join(name_words(path))
    for kind in (TRAIN, INFER):
        if stem.startswith((kind.value, "detect" if kind is INFER else kind.value)):
            return kind
    return None


def names_vaguely(path: str) -> bool:
    """Whether an evaluation is one by a word that may as well mean a look at pictures.

    `test.py` and `crack_analysis.py` may try a model; `evaluate.py` measures it.
    """
    words = set(name_words(path))
    return "test" in words or not words & (_MEASURING | {"error", "errors", "failure", "failures"})


def names_only_a_format(path: str) -> bool:
    """Whether nothing but the format of a model speaks: `trt_yolo.py` may make or use one."""
    words = set(name_words(path))
    others = {word for kind, listed in NAME_WORDS[:-1] for word in listed}
    is_made = words & _CONVERTING or any(map(_is_conversion, words))
    return bool(words & FORMATS) and not is_made and not words & others


def _is_conversion(word: str) -> bool:
    """Whether a word turns one format of models into another: `pytorch2onnx`, `onnx2trt`."""
    _before, two, after = word.partition("2")
    return bool(two) and after in FORMATS


def deciding_type(path: str) -> tuple[EntryPointType | None, int]:
    """Return the type that a word of a name decides, above all the first, with its points."""
    words = name_words(path)
    for word in words:
        if word in DECIDING_WORDS:
            return DECIDING_WORDS[word], DECIDING_POINTS
    if words and words[0] == "auto":
        words = words[1:]
    first = FIRST_WORDS.get(words[0]) if words else None
    if first is DATA and type_by_name(path) is QUANT:
        return None, 0  # `convert_to_onnx` converts a model
    return first, FIRST_WORD_POINTS


def plainly_named(path: str) -> EntryPointType | None:
    """Return the type of a name that says nothing else, or says it as what is to be done.

    `inference.py` and `train_fire.py` do; `detection_report` and `export_dataset` speak of more.
    """
    words = name_words(path)
    if words and (words[0] in VERBS or (len(words) == 1 and words[0] in _WORK)):
        return type_by_name(path)
    return None


def looks_after(path: str) -> bool:
    """Whether a name begins with what is done about models, not with one: `plot_predictions`."""
    words = name_words(path)
    return bool(words) and words[0] in ASIDE_VERBS


def type_of_function(name: str) -> EntryPointType | None:
    """Return the type that the name of a function speaks of: `run_inference`, `do_train`."""
    words = name_words(f"{name}.py")
    if not words or words[0] in ASIDE_VERBS:
        return None
    return next((_FUNCTION_WORDS[word] for word in words if word in _FUNCTION_WORDS), None)


def distance_of_name(kind: EntryPointType, path: str) -> int:
    """Return how far a name is from a type: 0 for `train.py`, 1 for `main.py` and `tracking.py`.

    2 where it says nothing, or something else.
    """
    words = set(name_words(path))
    if type_by_name(path) is not kind:
        return 1 if words & {"main", "run"} else 2
    return 0 if PLAIN_WORDS & words else 1
