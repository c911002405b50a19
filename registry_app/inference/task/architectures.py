"""Recognise models by the names of their architectures: what a model can do with images."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A name also counts with a version: `yolov8n`, `deeplabv3plus`, `rtdetr-v2`.
_NAMES: tuple[tuple[str, str], ...] = (
    ("detection", "ppyolo ppyoloe efficientdet retinanet fasterrcnn"),
    ("detection", "detr rtdetr rfdetr rtmdet centernet nanodet picodet mobilenetssd ssdmobilenet"),
    ("detection", "mmdet mmdetection pointpillars"),
    ("segmentation", "unet u2net segformer segnet deeplab maskrcnn pspnet bisenet mask2former"),
    ("segmentation", "mmseg mmsegmentation"),
    ("pose", "openpose alphapose movenet blazepose vitpose rtmpose mmpose"),
    ("super-resolution", "edsr rcan srcnn fsrcnn srresnet espcn vdsr liif swinir"),
    ("restoration", "restormer nafnet mprnet dncnn deblurgan uformer mirnet zerodce ffdnet"),
    ("depth", "monodepth midas depthanything fastdepth"),
    ("generation", "stylegan cyclegan dcgan wgan vqgan"),
    ("ocr", "crnn"),
    ("tracking", "deepsort strongsort bytetrack botsort ocsort fairmot"),
)
# Backbones: alone in a name they classify, anywhere else they may be part of anything.
_BACKBONE = re.compile(
    r"(?<![a-z])(?:(?:resnet|efficientnet|mobilenet|densenet|inception|alexnet|googlenet|convnext"
    r"|shufflenet|squeezenet|xception)|(?:vgg|vit|deit)(?![a-z]))"
)
_TASKS = {name: task for task, names in _NAMES for name in names.split()}
# Whatever follows these: `yolov8n`, `yolox`, `yolocar`.
_BEGINNINGS = ("yolo", "detectron")
# What a model of one of these families does if its name ends so: `yolo11n-pose`, `yolov8s_seg`.
_VARIANTS = {"pose": "pose", "seg": "segmentation", "cls": "classification"}
_WEIGHTS = re.compile(
    r"\b(yolo[a-z0-9]{0,12}(?:[_-][a-z0-9]{1,12}){0,3})"
    r"\.(?:pt|pth|onnx|engine|wts|tflite|hef|rknn|torchscript|yaml)\b"
)
# Folders of Detectron2's zoo: `COCO-InstanceSegmentation/mask_rcnn_R_50_FPN_3x.yaml`.
_ZOO = re.compile(
    r"\b(?:coco|lvisv0\.5)-(detection|instancesegmentation|panopticsegmentation|keypoints)/"
)
_IN_ZOO = {"detection": "detection", "keypoints": "pose"}
_LONGEST = 3  # words: Faster R-CNN
_VERSION = re.compile(r"(?:v?\d[a-z0-9]*|plus)\Z")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def architecture_task(text: str) -> str | None:
    """Return the task of the first architecture that a text names: `U-2-Net` is `u2net`."""
    words = [word for word in _SEPARATORS.split(text.lower()) if word]
    found = (_task_of(joined) for joined in _joined(words))
    return next((task for task in found if task), None)


def names_backbone(text: str) -> bool:
    """Whether a text names a network that classifies by itself: `ResNet50`, `ViT-Finetuning`."""
    return _BACKBONE.search(text.lower()) is not None


def tasks_of_architectures(text: str) -> Iterator[str]:
    """Yield the task of each architecture that a single word of a text names."""
    for word in _SEPARATORS.split(text.lower()):
        task = _task_of(word) if word else None
        if task:
            yield task


def variants_of_weights(text: str) -> Iterator[str]:
    """Yield the task of each file of weights that a text names: `pose` of `yolo11n-pose.pt`."""
    for found in _WEIGHTS.finditer(text.lower()):
        yield _VARIANTS.get(_SEPARATORS.split(found[1])[-1], "detection")


def tasks_of_zoo(text: str) -> Iterator[str]:
    """Yield the task of each model of Detectron2's zoo that a text names."""
    for found in _ZOO.finditer(text.lower()):
        yield _IN_ZOO.get(found[1], "segmentation")


def is_architecture(name: str) -> bool:
    """Whether a name is that of an architecture, and nothing else: `Faster R-CNN`."""
    return _task_of(_SEPARATORS.sub("", name.lower())) is not None


def _joined(words: list[str]) -> Iterator[str]:
    """Yield each run of words as one word, the longest at each place first."""
    for start in range(len(words)):
        for length in range(_LONGEST, 0, -1):
            if start + length <= len(words):
                yield "".join(words[start : start + length])


def _task_of(word: str) -> str | None:
    if word.startswith(_BEGINNINGS):
        return "detection"
    return _TASKS.get(word) or _TASKS.get(_VERSION.sub("", word))
