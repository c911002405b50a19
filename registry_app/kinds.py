"""The entry-point types: what scripts are started for.

A new type needs a member of `EntryPointType`, a row of `KINDS` and, if calls in code are evidence
for it, rows of `inference/purpose/sign_tables.py`; see `CONTRIBUTING.md`. Readers of directories
use this too, so nothing here imports Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry_app.messages import marked as _
from registry_app.words import Words


class EntryPointType(Words):
    """The purpose of a script; the order is that of the registry file."""

    TRAIN = "train", _("Train")
    INFER = "infer", _("Infer")
    QUANT = "quant", _("Quantize")
    EVAL = "eval", _("Evaluate")
    DATA = "data", _("Prepare data")
    DEMO = "demo", _("Demo")


@dataclass(frozen=True, kw_only=True)
class KindWords:
    """The words by which a scan recognises a type, in both languages, separated by spaces.

    `names`: whole words of a file name, each group with its rank among the groups of all types; the
    first matching group decides. Verbs come before nouns, and model formats last:
    `onnx_benchmark` measures, it does not export.
    `sentence`: a regular expression for the first sentence of a docstring.
    `prefixes`: beginnings of names without word separators: `trainfire.py`.
    `plain`: the plainest names, which take precedence: `inference.py`, `tracking.py`.
    `verbs`: imperatives for what a script does; `work`: nouns for a script that does nothing else.
    `functions`: words for what a function does, anywhere in its name: `run_inference`. Nouns do
    not count here: `count_epochs` counts.
    `first`: a name that begins with it decides, whatever else the code does.
    `decides`: the same anywhere in the name, and against all evidence in the code.
    `stems`: names that frameworks give to such scripts, whatever the words mean.
    `tools`: programs and modules with a known purpose, by how surely it is that of the line.
    `yolo`, `darknet`, `hailo`: modes of these programs.
    """

    names: Sequence[tuple[int, str]]
    sentence: str
    prefixes: str = ""
    plain: str = ""
    verbs: str = ""
    work: str = ""
    functions: str = ""
    first: str = ""
    decides: str = ""
    stems: str = ""
    tools: Sequence[tuple[int, str]] = ()
    yolo: str = ""
    darknet: str = ""
    hailo: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryPointKind:
    """One entry-point type.

    `action`: the button that starts it. `gpus`: the default number of GPUs of a run, if the machine
    has GPUs. `needs_model`: only a script that has a model can do it. `implies`: types that it
    includes: training also evaluates, exporting tries the result.
    """

    type: EntryPointType
    action: str
    gpus: int
    needs_model: bool
    implies: frozenset[EntryPointType]
    words: KindWords


FORMATS = (
    "onnx openvino tensorrt trt tflite coreml ncnn rknn mnn edgetpu hef dlc mlpackage mlmodel pnnx"
    " tfjs tensorflowjs"
    " int8 fp16 torchscript 변환"
)
MEASURING = (
    "eval evaluate evaluation evaluator val valid validate validation test testing benchmark"
    " benchmarks bench compare comparison metrics map miou confusion robustness fid psnr ssim lpips"
    " accuracy suite 평가 검증"
)

KINDS: tuple[EntryPointKind, ...] = (
    EntryPointKind(
        type=EntryPointType.TRAIN,
        action=_("Run training"),
        gpus=1,
        needs_model=True,
        implies=frozenset(
            {EntryPointType.INFER, EntryPointType.QUANT, EntryPointType.EVAL, EntryPointType.DATA}
        ),
        words=KindWords(
            names=(
                (
                    20,
                    (
                        "train training trainer finetune finetuning fit retrain tune"
                        " tuner tuning hpo sweep 학습 훈련"
                    ),
                ),
            ),
            # `Create train data` and `train/val splits` train nothing.
            sentence=r"(?<!needed for )\b(?:re)?train(?:s|er|ing)?\b"
            r"(?!-only|\s?/\s?(?:val|test|dev)"
            r"|\s+(?:data\w*|sets?|images?|samples?|splits?|labels?|lists?|records?|examples?)\b)"
            r"|\bfine-?tun\w*|학습|훈련",
            prefixes="train",
            plain="train training 학습",
            verbs="train",
            work="training finetune finetuning retrain 학습 훈련",
            functions="train training finetune finetuning retrain 학습",
            first="train finetune",
            stems="model_main model_main_tf2 train_net",
            yolo="train tune",
            darknet="train",
        ),
    ),
    EntryPointKind(
        type=EntryPointType.INFER,
        action=_("Run inference"),
        gpus=1,
        needs_model=True,
        implies=frozenset({EntryPointType.DATA}),
        words=KindWords(
            names=(
                (
                    30,
                    (
                        "infer inference inferance inferencing inferencer predict predictor"
                        " prediction detect track tracking webcam camera stream live realtime"
                        " submission submit 추론 검출 예측"
                    ),
                ),
                # Nouns that do not show what is done with them: `detection_dataset` is data.
                (80, "detection detector count counting video onnxruntime"),
            ),
            sentence=r"\binfer(?:s|enc\w+)?\b|\bpredict\w*|\bdetect(?:s|ion)?\b|\btracking\b"
            r"|\bcount(?:s|ing)\b|추론|검출|예측",
            prefixes="infer detect",
            plain="infer inference inferance predict detect 추론",
            verbs="infer predict detect",
            work="inference inferance inferencing prediction 추론 검출 예측",
            functions="infer inference predict detect detection track tracking 추론",
            yolo="predict track",
            tools=((3, "deepstream-app snpe-net-run qnn-net-run"),),
            darknet="test demo",
        ),
    ),
    EntryPointKind(
        type=EntryPointType.QUANT,
        action=_("Run quantization"),
        gpus=1,
        needs_model=True,
        implies=frozenset({EntryPointType.INFER, EntryPointType.EVAL, EntryPointType.DATA}),
        words=KindWords(
            names=(
                (
                    10,
                    (
                        "export exporter quant quantize quantizer quantization quantise ptq qat"
                        " pruning 양자화"
                    ),
                ),
                (90, FORMATS),
            ),
            sentence=r"\bexport\w*|\bquanti[sz]\w*"
            r"|\b(?:onnx|tensorrt|tflite|openvino)\b.*\bconver|양자화",
            plain="export quantize 양자화",
            verbs="quantize",
            work="quant quantization ptq qat 양자화",
            functions="quantize quantization export 양자화",
            first="export exporter quantize quantizer",
            stems="export_inference_graph exporter_main_v2 gen_wts",
            tools=(
                (3, "trtexec mo mo.py mo_tf.py mo_onnx.py mo_caffe.py ovc pot tflite_convert"),
                (3, "onnxsim vai_c_xir toco onnxslim"),
                (3, "tf2onnx.convert onnxruntime.quantization paddle2onnx onnx2tf pnnx"),
                (3, "onnx2ncnn ncnnoptimize mnnconvert atc edgetpu_compiler x2paddle"),
                (3, "tensorflowjs_converter snpe-onnx-to-dlc snpe-dlc-quantize"),
                (3, "tao-converter qnn-onnx-converter qnn-context-binary-generator dxcom"),
                (3, "vai_q_tensorflow vai_q_onnx rknn.api.rknn_convert"),
            ),
            yolo="export",
            hailo="parse parser optimize optimizer compile compiler",
        ),
    ),
    EntryPointKind(
        type=EntryPointType.EVAL,
        action=_("Run evaluation"),
        gpus=1,
        needs_model=False,
        implies=frozenset({EntryPointType.INFER, EntryPointType.DATA}),
        words=KindWords(
            names=(
                (40, MEASURING),
                (55, "fps latency throughput comparisons"),
                (
                    70,
                    "analysis analyze analyse analyzer results error errors failure failures 분석",
                ),
            ),
            sentence=r"\bevaluat\w*|\bbenchmark\w*|\bvalidat\w*|\bcompar(?:es?|ing|ison)\b"
            r"|평가|검증",
            plain="eval evaluate val test 평가",
            functions="eval evaluate evaluation val validate validation test benchmark compare"
            " 평가",
            first="benchmark benchmarks bench compare evaluate eval validate",
            tools=((3, "benchmark_app accuracy_check"),),
            yolo="val benchmark",
            darknet="map recall",
            hailo="eval profile profiler benchmark run run2",
        ),
    ),
    EntryPointKind(
        type=EntryPointType.DATA,
        action=_("Run data preparation"),
        gpus=0,
        needs_model=False,
        implies=frozenset(),
        words=KindWords(
            names=(
                (
                    60,
                    (
                        "data dataset datasets split splitter download downloader fetch prepare"
                        " preprocess preprocessing preproc augment augmentation label"
                        " labels labeling labelling annotation annotations annots convert"
                        " converter crop resize rename extract frames kfold eda resample"
                        " filter merge balance voc xml2yolo voc2yolo coco2yolo yolo2coco"
                        " coco json2txt json2yolo xml2txt maketxt unzip crawl crawler"
                        " crawling scrape scraper scraping pseudo psuedo trim process"
                        " tfrecord tfrecords"
                        " processing clean collect collector 데이터 분할 전처리 라벨"
                    ),
                ),
            ),
            sentence=r"\bdatasets?\b|\btraining\s+(?:data|sets?|images|samples)\b|\bannotations?\b|\bsplits?\b|\bdownload\w*|\bconvert\w*"
            r"|데이터|분할",
            # Labelling creates data, even with a model's help.
            first="download fetch convert split prepare preprocess preprocessing augment"
            " labeling labelling autolabel autolabeling",
            decides="pseudo psuedo",
            stems="generate_tfrecord create_tf_record",
            tools=((1, "wget curl gdown kaggle aria2c unzip ffmpeg"),),
        ),
    ),
    EntryPointKind(
        type=EntryPointType.DEMO,
        action=_("Run demo"),
        gpus=1,
        needs_model=False,
        implies=frozenset({EntryPointType.INFER, EntryPointType.DATA}),
        words=KindWords(
            names=(
                (
                    50,
                    (
                        "demo app gui web webapp server client api restapi gradio"
                        " streamlit ui tutorial dashboard request 데모"
                    ),
                ),
            ),
            sentence=r"\bdemo\b|\bweb ?app\b|\bgui\b|\bapi\b|데모",
            plain="demo app",
            first="tutorial demo",
            decides="tutorial",
            tools=((3, "streamlit uvicorn gunicorn flask gradio"),),
        ),
    ),
)
KIND_OF: dict[EntryPointType, EntryPointKind] = {kind.type: kind for kind in KINDS}


def check(kinds: Sequence[EntryPointKind]) -> None:
    """Raise ValueError, with the fix, unless each type has one complete row."""
    rows = [kind.type for kind in kinds]
    for entry_type in EntryPointType:
        if rows.count(entry_type) != 1:
            raise ValueError(
                f"The type “{entry_type}” has {rows.count(entry_type)} rows in KINDS of "
                "registry_app/kinds.py; it needs one EntryPointKind(type=…, action=…, gpus=…, "
                "needs_model=…, implies=…, words=…)."
            )
    places: dict[int, EntryPointType] = {}
    for kind in kinds:
        for implied in kind.implies:
            lacking = next(other for other in kinds if other.type is implied).implies - kind.implies
            if lacking:
                raise ValueError(
                    f"“{kind.type}” implies “{implied}”, so it implies {', '.join(lacking)} too. "
                    "Add that to its row in KINDS of registry_app/kinds.py."
                )
        for place, words in kind.words.names:
            if places.setdefault(place, kind.type) is not kind.type or not words.split():
                raise ValueError(
                    f"The names of “{kind.type}” in KINDS of registry_app/kinds.py need words and "
                    f"a place of their own; {place} is that of “{places[place]}”."
                )


check(KINDS)
