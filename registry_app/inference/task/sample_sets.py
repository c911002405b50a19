"""Recognise class lists that come with a framework and are no evidence about an experiment.

They are recognised by their first names and their number, not by file names: authors write their
own names into `coco.yaml` as often as they leave the sample in a file of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry_app.inference.task.architectures import is_architecture

# First names (letters and digits only), and the minimum size of the whole set.
_SETS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("person", "bicycle", "car"), 60),  # COCO with 80, 90 or 91
    (("background", "person", "bicycle", "car"), 60),
    (("unlabeled", "person", "bicycle", "car"), 60),
    (("aeroplane", "bicycle", "bird", "boat"), 15),  # Pascal VOC
    (("background", "aeroplane", "bicycle", "bird"), 15),
    (("aeroplane", "bag", "bed"), 30),  # Pascal Context
    (("background", "aeroplane", "bag", "bed"), 30),
    (("person", "bird", "cat", "cow"), 15),  # Pascal VOC as Darknet orders it
    (("road", "sidewalk", "building", "wall"), 15),  # Cityscapes
    (("wall", "building", "sky", "floor"), 100),  # ADE20K
    (("tench", "goldfish", "greatwhiteshark"), 10),  # ImageNet, also the first ten of it
    (("person", "sneakers", "chair"), 200),  # Objects365
    (("accordion", "airplane", "ant"), 200),  # Open Images
    (("accordion", "adhesivetape"), 200),
    (("pedestrian", "people", "bicycle", "car", "van"), 10),  # VisDrone
    (("person", "bicycle", "car", "motorcycle", "bus", "truck", "trafficlight"), 8),  # Argoverse
    (("fixedwingaircraft", "smallaircraft"), 30),  # xView
    (("sky", "tree", "road", "grass", "water"), 8),  # Stanford Background, of a tutorial
    (("plane", "ship", "storagetank"), 10),  # DOTA
    (("plane", "baseballdiamond", "bridge"), 10),
    (("airplane", "automobile", "bird", "cat", "deer"), 10),  # CIFAR-10
    (("plane", "car", "bird", "cat", "deer"), 10),
    (("tshirttop", "trouser", "pullover"), 10),  # Fashion-MNIST
    (("bottle", "cable", "capsule"), 10),  # MVTec AD, which has a model for each
    (("candle", "capsules", "cashew"), 10),  # VisA
    (("wheathead",), 1),  # Global Wheat
    (("aerosolcan", "airconditioner"), 100),  # LVIS
    (("dog", "person", "cat", "tv", "car", "meatballs"), 10),  # LabelImg's predefined classes
)
# Goods of the sets of anomalies (MVTec AD, its 3D and second edition, VisA), each with a model of
# its own; scripts go over some of them.
_GOODS = frozenset(
    "bottle cable capsule carpet grid hazelnut leather metalnut pill screw tile toothbrush"
    " transistor wood zipper bagel cablegland carrot cookie dowel foam peach potato rope tire can"
    " fabric fruitjelly rice sheetmetal vial wallplugs walnuts candle capsules cashew chewinggum"
    " fryum macaroni1 macaroni2 pcb1 pcb2 pcb3 pcb4 pipefryum".split()
)
_FEWEST_GOODS = 3
_OF_GOODS = re.compile(r"mvtec|(?<![a-z])visa(?![a-z])", re.IGNORECASE)
# Of these two are enough, because other lists do not use these names.
_ODD_GOODS = re.compile(
    r"metalnut|pcb\d|macaroni\d|pipefryum|cablegland|wallplugs|fruitjelly|sheetmetal"
)
# Sets for which no framework brings weights: who writes their names into a script trained on them.
_TRAINED_FOR = frozenset({"pedestrian", "fixedwingaircraft", "plane", "airplane", "tshirttop"})
# Ultralytics' small demonstration sets, by file and first name.
_SHOWN: dict[str, str] = {
    "african-wildlife": "buffalo", "argoverse": "person", "brain-tumor": "negative",
    "carparts-seg": "backbumper", "coco-pose": "person", "coco8-pose": "person",
    "construction-ppe": "helmet", "crack-seg": "crack", "dog-pose": "dog",
    "globalwheat2020": "wheathead", "hand-keypoints": "hand", "homeobjects-3k": "bed",
    "medical-pills": "pill", "package-seg": "package", "signature": "signature",
    "sku-110k": "object", "tiger-pose": "tiger",
}  # fmt: skip
# Placeholders for the author's own names.
_BLANK = re.compile(
    r"(?:your|my|some)?[_ -]?(?:class|cls|category|label|name|object|item|target|foo|bar)"
    r"[_ -]?(?:name)?[_ -]?(?:\d+|[a-z])?|target[_ ]object|foreground",
    re.IGNORECASE,
)
# What answers a question, and names no object.
_ANSWERS = frozenset({"negative", "positive", "yes", "no", "true", "false"})
# Levels of a risk, a quality or a priority.
_LEVEL = re.compile(
    r"(?:(?:very|extremely)[ _-])?(?:high|medium|moderate|low|critical)", re.IGNORECASE
)
_FEWEST_LEVELS = 3
# Places in a row, hours, days and months: of tables and charts.
_IN_A_ROW = re.compile(
    r"first|second|third|(?:four|fif|six|seven|eigh|nin|ten)th|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|mon|tue|wed|thu|fri|sat|sun|\d{1,2} ?[ap]m(?: ?- ?\d{1,2} ?[ap]m)?"
    r"|(?:jan|febr)uary|march|april|may|june|july|august|(?:septem|octo|novem|decem)ber"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec",
    re.IGNORECASE,
)
# Names of pictures and columns beside each other, not of objects.
_OF_RESULTS = re.compile(
    r"ground[ _-]?truths?|predictions?|predicted|(?:mean|max|min|avg)[ _-]?(?:error|loss|iou)"
    r"|objectness|mAP@.{1,20}"
    r"|(?:image|pixel)[ _-]?(?:au[a-z]{1,4}|f1|ap)(?:[ _-]score)?|(?:[\w+]+ )*[cgnt]pu"
    r"|.{0,40}(?:patchcore|padim|autoencoder|simclr).{0,20}"
    r"|pytorch|tensorflow|onnx(?:[ _]?runtime)?|tensorrt|openvino|tflite"
    r"|.{1,40} \((?:m?s|sec|%|[mg]i?b|fps)\)"
    r"|inference|latency|throughput|(?:pre|post)[ _-]?process(?:ing)?"
    r"|(?:high|low|best)[ _](?:recall|precision|false[ _](?:alarm|positive)s?)"
    r"|(?:class|label)[ _-]names?|accuracy|precision|recall|f1[ _-]?score|m?iou"
    r"|map50(?:-95)?|map ?@ ?[\d.:]{1,9}",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"(coco|voc|objects365|argoverse|globalwheat|sku-?110k|visdrone|xview|imagenet|lvis|dota"
    r"|openimages|open-images|tiger-pose|crack-seg|african-wildlife|brain-tumor|signature"
    r"|medical-pills|package-seg|carparts-seg|dog-pose|hand-keypoints|homeobjects"
    r"|construction-ppe|kitti|mnist|fashion|cifar)([\w.-]*)\.(?:ya?ml|txt|names)$",
    re.IGNORECASE,
)
# What such a name goes on with; any other word is of the author's: `voc_meter.yaml`.
_PARTS_OF_SETS = frozenset(
    "seg segment pose obb det detect cls train val test trainval minitrain minival mini tiny small"
    " full stuff panoptic keypoint keypoints person people bbox list label labels class classes"
    " subset only names name data dataset paper grayscale multispectral mnist instance"
    " semantic".split()
)
_FEWEST_LETTERS = 3
# Modules of OpenMMLab for a sample set. A list of other names in one was put there by an author.
_MODULE_OF_SET = re.compile(
    r"(?:^|/)mm(?:det|seg|rotate|yolo|cls|pretrain)/datasets/(?:coco|voc|ade)\.py$"
)
# Modules that these frameworks bring in such a folder; any other is an author's.
_IN_DATASETS = re.compile(r"(?:^|/)mm(?:det|seg|rotate)/datasets/(\w+)\.py$")
_BROUGHT = re.compile(
    r"ade(?:20k)?|base\w*|bdd100k|chase\w*|city\w*|coco\w*|crowdhuman|custom|dark_zurich|decathlon"
    r"|deepfashion|dior|dod|dota|drive|dsdl|flickr\w*|hrf|hrsc|hsi\w*|imagenet\w*|isaid|isprs|levir"
    r"|lip|loveda|lvis|mapillary\w*|mdetr\w*|mot\w*|night_driving|nyu|objects365|odvg|openimages"
    r"|pascal\w*|potsdam|refcoco|refuge|reid\w*|sar|stare|synapse|v3det|vaihingen|voc|wider_face"
    r"|xml_style|youtube\w*|zero_?waste|a2d2|uavid|cityscapes|samplers|transforms|utils|builder"
)
# Public data sets that are no formats: `voc2coco` may convert the author's own data.
_CONVERTED = re.compile(
    r"(?:^|/)[\w.-]*(?:wider_?(?:face|person)|crowd_?human|visdrone|cityscapes|city_?persons|objects365"
    r"|open_?images|bdd100k|kitti|lvis|caltech|mot1\d|ade20k|imagenet|mapillary)[\w.-]*\.(?:py|ipynb)$",
    re.IGNORECASE,
)
# Modules of a framework that read public sets of small pictures.
_READS_PUBLIC = re.compile(
    r"(?:^|/)(?:datasets?|data|data_?loaders?)/(?:cifar_?100?|mnist|fashion_?mnist|svhn|stl_?10)\.py$",
    re.IGNORECASE,
)
# Folders of frameworks' own settings.
_FRAMEWORK = re.compile(
    r"(?:^|/)(?:ultralytics/(?:cfg|yolo|datasets|solutions|engine|models|nn|utils|hub|trackers)|_base_"
    # A package holds folders; what lies at its top is of an author who named a folder so.
    r"|(?:mmdet|mmseg|mmcls|mmpretrain|mmpose|mmcv|detectron2)(?=/[^/]+/)"
    r"|paddle(?:ocr|detection|seg|clas)|pp(?:det|ocr|structure)|yolox|alphapose|site-packages|roadsign_voc|third_party|thirdparty|3rdparty|vendor"
    r"|rf100-benchmark|tests?|docs?"
    # What MMSegmentation brings as examples of projects.
    r"|projects/(?:medical|gid_dataset|mapillary_dataset|pp_mobileseg|sam_inference_demo))/",
    re.IGNORECASE,
)


def is_sample_set(names: Sequence[str]) -> bool:
    """Whether these are the classes of a well-known image data set, complete and in order."""
    are_goods = all(_plain(name) in _GOODS for name in names)
    if are_goods and (len(names) >= _FEWEST_GOODS or _are_odd(names)):
        return True
    begin = [_plain(name) for name in names[:7]]
    return any(
        len(names) >= least and tuple(begin[: len(first)]) == first for first, least in _SETS
    )


def are_goods_of(names: Sequence[str], project: str) -> bool:
    """Whether these are goods of the set that an experiment is named after: a screw of MVTec."""
    return _OF_GOODS.search(project) is not None and all(_plain(name) in _GOODS for name in names)


def _are_odd(names: Sequence[str]) -> bool:
    return len(names) > 1 and any(_ODD_GOODS.fullmatch(_plain(name)) for name in names)


def are_levels(names: Sequence[str]) -> bool:
    """Whether these only say how much there is, or which comes when: `Low`, `Medium`, `High`."""
    return len(names) >= _FEWEST_LEVELS and any(
        all(pattern.fullmatch(name.strip()) for name in names) for pattern in (_LEVEL, _IN_A_ROW)
    )


def is_trained_for(names: Sequence[str]) -> bool:
    """Whether these are the classes of a public set on which people train their own models."""
    return is_sample_set(names) and _plain(names[0]) in _TRAINED_FOR


def is_shown_set(filename: str, names: Sequence[str]) -> bool:
    """Whether a file is one of a framework's small demonstration sets."""
    first = _SHOWN.get(filename.rpartition(".")[0].lower())
    return first is not None and _plain(names[0]) == first


def is_blank(names: Sequence[str]) -> bool:
    """Whether these are only placeholders: `object`, or `class1` and `class2`.

    With several, the first may be what all the others stand before: black, or nothing.
    """
    others = names[1:] if len(names) > _FEWEST_GOODS else names
    return all(_BLANK.fullmatch(name) for name in others)


def is_answer(names: Sequence[str]) -> bool:
    """Whether these only answer whether something is there: `Negative` and `Positive`."""
    return all(name.lower() in _ANSWERS for name in names)


def is_of_results(names: Sequence[str]) -> bool:
    """Whether these name what a picture or a table of results shows, or the models compared."""
    if all(is_architecture(name) for name in names):
        return True
    return any(_OF_RESULTS.fullmatch(name.strip()) for name in names)


def is_named_like_one(filename: str) -> bool:
    """Whether this is a framework's file name of a sample set."""
    found = _FILE.match(filename)
    words = re.findall(r"[a-z]+", found[2].lower()) if found else ()
    own = (word for word in words if len(word) >= _FEWEST_LETTERS and word not in _PARTS_OF_SETS)
    return found is not None and next(own, None) is None


def is_module_of_set(path: str) -> bool:
    """Whether a framework's module has the names of a sample set, unless an author changed them."""
    return _MODULE_OF_SET.search(path) is not None


def is_added_module(path: str) -> bool:
    """Whether an author put a module for a data set of his own beside those of a framework."""
    found = _IN_DATASETS.search(path)
    return found is not None and _BROUGHT.fullmatch(found[1]) is None


def converts_public_set(path: str) -> bool:
    """Whether a script turns a public data set into another form, or a framework's reads one.

    widerface2coco.py     datasets/cifar10.py
    """
    return any(pattern.search(path) for pattern in (_CONVERTED, _READS_PUBLIC))


def is_of_framework(path: str) -> bool:
    """Whether a file is in a framework's settings folder."""
    return _FRAMEWORK.search(path) is not None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
