"""Guess what code does with pictures from its losses, scores and steps, where nothing names it.

A box that is suppressed was detected, a mask that is compared by Dice was segmented, and what is
compared by PSNR was restored. Cross-entropy alone is of a label for each picture.
"""

from __future__ import annotations

import re
from collections import Counter

from registry_app.inference.code.project import Project
from registry_app.inference.guess import Guess
from registry_app.inference.task.code_tasks import MAX_TEXT, guess_of, own_texts
from registry_app.inference.task.public_sets import tasks_of_sets
from registry_app.texts import reasons
from registry_app.words import Confidence

# In this order where several have as many scripts: what is rarer tells more.
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (task, re.compile(pattern))
    for task, pattern in (
        ("ocr", r"\bCTCLoss\b|\bctc_(?:loss|batch_cost|decode|beam_search_decoder)\b"),
        ("grasp", r"\bgrasp_?(?:angle|width|quality|rectangle)"),
        ("driving", r"\b[Ss]teering_?(?:[Aa]ngle|[Cc]ommand|[Vv]alue)|\bpred(?:icted)?_steer"),
        ("lane", r"\blane_?(?:lines?|points?|curv|fit|center)"),
        ("depth", r"\bdepthNet\(|\b(?:silog|abs_rel|rmse_log)\b|\bpred(?:icted)?_(?:depth|disp)"),
        ("re-identification", r"\bReID\b|\breid_|\bperson_?re_?id"),
        ("retrieval", r"\b[Tt]riplet(?:Margin)?_?[Ll]oss|\brecall_at_k\b"),
        ("pose", r"\bposeNet\(|\b(?:pred|gt|target)_(?:keypoints|heatmaps?)\b|\bPCKh?@"),
        ("defect", r"\b[Rr]econstruction_?[Ee]rrors?\b|\b(?:image_)?anomaly_(?:score|map)"),
        ("generation", r"\bStableDiffusion\w*Pipeline|\bDDPMScheduler\b|\bUNet2D\w*Model\b"),
        ("generation", r"\bcompute_fid\b|\bFrechetInceptionDistance\b"),
        ("super-resolution", r"\b(?:lr|hr)_(?:ima?ge?s?|patch|path|dir)\b|\bupscale_?factor\b"),
        ("restoration", r"\b(?i:(?:avg_|val_|mean_)?psnr|ssim_loss|charbonnier(?:_?loss)?)\b"),
        ("restoration", r"\b(?:compare|calculate|calc|compute|peak_signal_noise)_(?:psnr|ratio)\b"),
        ("detection", r"\bNMSBoxes\(|\bnon_max\w{0,6}_suppression|\b(?:batched_|soft_)?nms\("),
        (
            "detection",
            r"\bdetectNet\(|\bget_objects\(|\banchor_?(?:boxes|generator)|\bMultiBoxLoss",
        ),
        ("segmentation", r"\bsegNet\(|\b[Dd]ice_?(?:[Ll]oss|[Cc]oef\w{0,10}|[Ss]core)\b|\bmIoU\b"),
        ("segmentation", r"\bpred(?:icted)?_masks?\b|\b[Mm]ean_?[Ii]o[Uu]\b|\bjaccard_\w{1,12}\("),
    )
)
_CLASSIFIES = re.compile(
    r"\bimage_?[Cc]lassifier\b|\bimageNet\(|\btimm\.(?:models\.)?create_model\(|\bget_classes\("
    r"|\bto_categorical\(|\b(?:sparse_)?categorical_cross_?entropy|\bCategoricalCrossentropy\b"
    r"|\bCrossEntropyLoss\b|\bcross_entropy\(|\bsoftmax_cross_entropy|\bclassification_report\b"
    r"|\bactivation\s?=\s?[\"']softmax|\bImageClassifier\b|\bimagenet_classes\b|\bnll_loss\("
    r"|\bpredict_classes\(|\bdecode_predictions\(|\bbinary_crossentropy\b"
)


def task_of_signs(code: Project) -> Guess[str] | None:
    """Return what most scripts do with pictures, by their losses, scores and steps."""
    found: Counter[str] = Counter()
    for _path, text in own_texts(code):
        here = text[:MAX_TEXT]
        found.update({task for task, pattern in _SIGNS if pattern.search(here)})
    order = list(dict.fromkeys(task for task, _pattern in _SIGNS))
    task = min(found, key=lambda task: (-found[task], order.index(task)), default="")
    return _of_code(task) if task else None


def task_of_labels(code: Project) -> Guess[str] | None:
    """Return `classification` where code only gives a label to each picture."""
    if any(_CLASSIFIES.search(text[:MAX_TEXT]) for _path, text in own_texts(code)):
        return _of_code("classification")
    return None


def task_of_public_sets(code: Project) -> Guess[str] | None:
    """Return the task of the public sets that most scripts, and the names of files, speak of."""
    found = Counter(set(tasks_of_sets(" ".join(code.paths))))
    for _path, text in own_texts(code):
        found.update(set(tasks_of_sets(text[:MAX_TEXT])))
    task, _often = next(iter(found.most_common(1)), ("", 0))
    return _of_code(task) if task else None


def _of_code(task: str) -> Guess[str]:
    return guess_of(task, Confidence.UNSURE, "code", reasons.WORDS_OF_CODE())
