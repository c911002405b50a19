"""The names of the numbers of a line."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from registry_app.results.words import QUALIFIER, is_metric, phase_of

# A word of a name: letters and digits with punctuation between them, `mAP@0.5:0.95`, `mAP50(B)`.
_WORD = (
    r"(?:[^\W\d_]|_|\d(?=[\w-]*[^\W\d]))[\w./+-]*(?:'s)?(?:@\[?[\d.]+(?::[\d.]+)*\]?)?"
    r"(?:\([^\W\d][\w%/]{0,20}\)|\(%\)|\[[^\W\d][\w%/]{0,8}\]|\[%\])?"
)
# The beginning of a value that is not a bare number.
_WRAP = r"(?:(?:tensor|array|np\.\w+|numpy\.\w+|torch\.tensor)\(\s*)?[\[($]?\s*['\"]?"
_NAMED = re.compile(
    rf"(?P<words>(?:{_WORD}[ ]{{1,2}}){{0,4}})"
    rf"(?P<last>(?!(?:is|was) ){_WORD}(?:{QUALIFIER.pattern})?)"
    rf"(?:\s*\((?:%|ms|s|MB|GB|KB|mean|avg|min|max|std|median|p\d{{2,3}})\)|\s*\[(?:%|ms|s|MB|GB|KB)\])?['\"]?"
    rf"(?P<sign>\s*(?:[:=]|->|=>|→|…)\s*|\s*[|│┃]\s+|\s+(?:is|was)\s+|\s+|(?:은|는|이|가)\s+){_WRAP}$"
)
# COCO's evaluation, as pycocotools prints it.
_COCO = re.compile(
    r"Average (?P<what>Precision|Recall)\s+\((?:AP|AR)\) @\[ IoU=(?P<iou>[\d.:]+)\s*\|"
    r" area=\s*(?P<area>\w+)\s*\| maxDets=\s*(?P<most>\d+)\s*\] = $"
)
# `mean average precision (mAP@0.50) = `, as darknet prints it.
_INNER_MAP = re.compile(r"\((?P<name>m?AP@[\d.:]+)\)\s*[:=]\s*$")
# `Accuracy of the network on the test images: `, as tutorials print it.
_OF_WHAT = re.compile(
    r"(?i)^\W*(?P<name>(?:[a-z]+ )?(?:accuracy|loss|precision|recall)) (?:of|on|for|over) "
    r"[\w ]{3,70}(?::|=|is)\s*$"
)
# `Accuracy of hook : 91 %`, `Accuracy for class: hook is 91 %`.
_OF_CLASS = re.compile(
    r"(?i)^\W*(?P<name>(?:[a-z]+ )?"
    r"(?:accuracy|loss|precision|recall|map|m?iou|dice|f1(?:[- ]score)?))"
    r" (?:of|for) (?:class\s*:?\s*)?(?P<label>[^\W\d][\w-]*(?: [\w-]+)?)\s*(?::|=|is)\s*$"
)
# What is said of all classes together.
_NO_CLASS = frozenset(
    "the this all our a an test val validation train training eval model network net set data "
    "dataset images samples epoch step classes run best final".split()
)
# Words that may precede the last word of a name and belong to it.
_BELONGING = frozenset(
    "train training val valid validation test testing eval evaluation dev best mean avg average "
    "total final current running moving max min top top-1 top-5 top1 top5 box cls class dfl obj "
    "mask seg pose kpt bbox learning grad gradient weight macro micro weighted balanced absolute "
    "squared root binary categorical sparse cross reconstruction kl policy value generator "
    "discriminator critic actor lm nll ce bce contrastive focal giou ciou end-to-end inference "
    "model engine onnx openvino tensorrt fp32 fp16 int8 p50 p90 p95 p99 median overall pixel "
    "roc pr auc f1 map iou loss acc accuracy precision recall latency fps size mean_ "
    "학습 훈련 검증 테스트 평가 평균 최고 최종 모델 추론 처리 지연".split()
)
# Words that only distinguish one of several numbers.
STATISTICS = frozenset(
    "mean avg average median min minimum max maximum std stdev p50 p75 p90 p95 p99".split()
)
# A name is within the last characters before its number.
MAX_NAME_CHARACTERS = 120
_PHASE = re.compile(
    r"(?i)(?:^|[\s\[(|,;>*'\"-])(?P<word>train(?:ing)?|val(?:id(?:ation|ate)?)?|test(?:ing)?"
    r"|eval(?:uation)?|dev|학습|훈련|검증|테스트|평가)(?=[\s\])|:,'\"-]|$)"
)
# A word follows, but not as in `Test set: loss`.
_GOES_ON = re.compile(r"\s?(?!(?:set|data|results?|metrics|phase|stats)\b)[^\W\d]")


# What precedes a part of a line: punctuation, wide space, or the unit of the previous number.
_SEGMENT_BEGIN = re.compile(
    r"(?:^\s?(?:[a-zA-Zµ]{1,5})?(?:/[a-z]+)?|[|,;:()\[\]{}│┃•*-]|\s{2})[\W_]*$"
)
# `Latency (mean)`.
_IN_BRACKETS = re.compile(r"\((?P<word>\w{2,8})\)['\"]?\s*[:=]?\s*$")


@dataclass(frozen=True, kw_only=True)
class Name:
    """A name before its number; `has_sign` is true for `loss: 0.5` and false for `loss 0.5`.

    `more` are the preceding words that are not a part of it, the nearest last.
    """

    text: str
    has_sign: bool
    more: tuple[str, ...] = ()
    is_option: bool = False
    # Only punctuation precedes it, back to the last number or the beginning of the line.
    begins: bool = False
    # A vertical line between table cells counts as its punctuation.
    is_in_cell: bool = False


def name_before(text: str) -> Name | None:
    """Return the name that ends the text before a number; None where there is none."""
    if coco := _COCO.search(text):
        kind = "mAP" if coco["what"] == "Precision" else "AR"
        where = "" if coco["area"] == "all" else f" {coco['area']}"
        most = "" if coco["most"] == "100" else f" maxDets={coco['most']}"
        return Name(text=f"{kind}@{coco['iou']}{where}{most}", has_sign=True)
    if inner := _INNER_MAP.search(text):
        return Name(text=inner["name"], has_sign=True)

    text = text[-MAX_NAME_CHARACTERS:]
    match = _NAMED.search(text)
    if match is None:
        return None
    before = match["words"].split()
    taken: list[str] = []
    while before and _belongs(before[-1]):
        taken.insert(0, before.pop())
    last = match["last"].rstrip(".-/")
    name = " ".join([*taken, last]).strip("'\" ")
    bracketed = _IN_BRACKETS.search(text)
    if bracketed and bracketed["word"].lower() in STATISTICS:
        name = f"{name} {bracketed['word']}"
    if not any(sign.isalpha() for sign in name):
        return None
    return Name(
        text=name,
        has_sign=bool(match["sign"].strip()),
        is_in_cell=match["sign"].strip() in {"|", "│", "┃"},
        more=tuple(before),
        is_option=text[: match.start("words")].endswith("-") and not match["words"],
        begins=not before and _SEGMENT_BEGIN.search(text[: match.start("words")]) is not None,
    )


def _belongs(word: str) -> bool:
    return word.lower().strip("'\"") in _BELONGING or word.endswith("'s")


def name_of_what(text: str) -> Name | None:
    """Return the metric that a sentence is about: `Accuracy of the network on the images:`."""
    of_class = _OF_CLASS.match(text)
    if of_class and not _NO_CLASS.intersection(of_class["label"].lower().split()):
        return Name(text=f"{of_class['label']} {of_class['name']}", has_sign=True)
    whole = _OF_WHAT.match(text)
    return Name(text=whole["name"], has_sign=True) if whole else None


def phase_in(text: str) -> tuple[str, bool]:
    """Return the last phase that a text names, as it is written, and whether it is separate.

    It is separate in `Train: loss` and `[val] loss`, but not in `train loss`.
    """
    matches = list(_PHASE.finditer(text))
    if not matches:
        return "", False
    found = matches[-1]
    return found["word"], not _GOES_ON.match(text, found.end())


def phase_of_name(name: str) -> str:
    """Return the word of a name that names its phase, '' if none does."""
    words = re.split(r"[\W_]+", name)
    return next((word for word in words if phase_of(word)), "")


def distinct(names: list[Name]) -> list[str]:
    """Return unique names for one line, each as short as possible."""
    texts = [name.text for name in names]
    counts = Counter(texts)
    for place, name in enumerate(names):
        if counts[name.text] > 1 and name.more:
            texts[place] = f"{name.more[-1]} {name.text}"
    seen: dict[str, int] = {}
    for place, text in enumerate(texts):
        seen[text] = seen.get(text, 0) + 1
        if seen[text] > 1:
            texts[place] = f"{text} {seen[text]}"
    return texts


def is_value_name(name: str) -> bool:
    """Return whether a name without punctuation after it has a value: `loss 0.5`, `lr 0.1`."""
    return is_metric(name) or name.lower() in {"lr", "learning rate", "grad norm", "reward", "오차"}
