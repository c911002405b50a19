"""Public sets of pictures, by the name that code, folders and notes give them, and their task."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAMES: tuple[tuple[str, str], ...] = (
    ("classification", "mnist fashionmnist emnist kmnist cifar10 cifar100 svhn stl10 tinyimagenet"),
    ("classification", "caltech101 caltech256 food101 flowers102 imagenette dogsvscats catsvsdogs"),
    ("classification", "dogscats catsdogs trashnet realwaste cub200 eurosat ucmerced"),
    ("traffic-sign", "gtsrb gtsdb"),
    ("emotion", "fer2013 ferplus affectnet rafdb"),
    ("gesture", "egohands signmnist hagrid"),
    ("restoration", "gopro rain100h rain100l rain1400 sidd realblur reside ohaze nhhaze bsd68"),
    ("super-resolution", "div2k flickr2k urban100 set14 manga109 div8k"),
    ("depth", "nyudepth nyuv2 nyudepthv2 sceneflow"),
    ("face", "celeba celebahq lfw widerface casiawebface ffhq vggface2"),
    ("re-identification", "market1501 dukemtmc msmt17 cuhk03 veri776 vehicleid"),
    ("medical", "isic ham10000 chexpert brats lidc luna16 chestxray14 kvasir cvcclinicdb"),
    ("segmentation", "cityscapes camvid ade20k"),
    ("detection", "visdrone crowdhuman pascalvoc"),
    ("action", "ucf101 hmdb51 kinetics400"),
    ("counting", "shanghaitech ucfqnrf"),
    ("lane", "tusimple culane curvelanes"),
    ("ocr", "iiit5k icdar2015 icdar2013 synthtext"),
    ("grasp", "graspnet jacquard cornellgrasp"),
    ("drowsiness", "yawdd nthuddd"),
    ("agriculture", "plantvillage"),
    ("pose", "mpii crowdpose"),
    ("driving", "udacity nuscenes carla donkeycar"),
)  # fmt: skip
_TASKS = {name: task for task, names in _NAMES for name in names.split()}
_BEGINNINGS = frozenset(name[:length] for name in _TASKS for length in range(1, len(name) + 1))
_WORD = re.compile(r"[a-z0-9]+")
_CAMEL = re.compile(r"[A-Z](?=[a-z])(?<=[a-z0-9][A-Z])")
_LONGEST = 3  # words: NYU Depth v2


def tasks_of_sets(text: str) -> Iterator[str]:
    """Yield the task of each public set that a text names: `GTSRB`, `fer_2013`, `Rain100H`."""
    words = _WORD.findall(_CAMEL.sub(r"_\g<0>", text).lower())
    for start, word in enumerate(words):
        if word not in _BEGINNINGS:
            continue
        joined = ("".join(words[start : start + length]) for length in range(1, _LONGEST + 1))
        task = next((_TASKS[name] for name in joined if name in _TASKS), None)
        if task:
            yield task
