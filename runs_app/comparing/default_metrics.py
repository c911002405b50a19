"""The main metrics that a new portal starts with, for every task type that a scan knows."""

from __future__ import annotations

_BOXES = (
    *("mAP50(B)", "mAP50", "mAP@0.5", "mAP@.5", "mAP@0.50", "mAP_50", "AP50"),
    *("mAP50-95(B)", "mAP50-95", "mAP@0.5:0.95", "mAP@.5:.95", "mAP@0.50:0.95", "mAP", "AP"),
)
_MASKS = ("mAP50(M)", "mAP50-95(M)", "mIoU", "miou", "val_iou", "IoU", "Dice", "dice score")
_POINTS = ("mAP50(P)", "mAP50-95(P)", "PCK", "OKS")
_ACCURACY = (
    *("val accuracy", "val acc", "test accuracy", "test acc", "eval accuracy", "eval acc"),
    *("accuracy_top1", "accuracy/top1", "top1", "top-1", "accuracy", "acc", "정확도"),
    *("F1", "F1 score", "macro avg f1-score", "AUROC", "ROC AUC", "AUC"),
)
_TRACKS = ("HOTA", "MOTA", "IDF1")
_ANOMALIES = ("image_AUROC", "pixel_AUROC", "AUROC", "ROC AUC", "AUC")
_CHARACTERS = ("val exact match", "exact match", "val CER", "CER", "val WER", "WER")
_COUNTS = ("val MAE", "MAE", "val RMSE", "RMSE", "MAPE")
# Where a script reports nothing better.
_LOSSES = ("val loss", "test loss", "eval loss", "손실", "loss")

DETECTION = (*_BOXES, *_MASKS, *_ACCURACY, *_LOSSES)
SEGMENTATION = (*_MASKS, *_BOXES, *_ACCURACY, *_LOSSES)
CLASSIFICATION = (*_ACCURACY, *_BOXES, *_LOSSES)

DEFAULTS: dict[str, tuple[str, ...]] = {
    "": DETECTION,
    "ppe": DETECTION,
    "face-mask": DETECTION,
    "fall": (*_BOXES, *_POINTS, *_ACCURACY, *_LOSSES),
    "fire": DETECTION,
    "smoke": DETECTION,
    "intrusion": DETECTION,
    "forklift": DETECTION,
    "crane": DETECTION,
    "conveyor": DETECTION,
    "defect": (*_BOXES, *_MASKS, *_ANOMALIES, *_ACCURACY, *_LOSSES),
    "ocr": (*_ACCURACY[:-6], *_CHARACTERS, *_BOXES, *_LOSSES),
    "counting": (*_COUNTS, *_BOXES, *_LOSSES),
    "face": DETECTION,
    "smoking": DETECTION,
    "collision": DETECTION,
    "leak": DETECTION,
    "caught-in": DETECTION,
    "signaller": DETECTION,
    "opening": DETECTION,
    "ladder": DETECTION,
    "scaffold": DETECTION,
    "heavy-equipment": DETECTION,
    "bct": DETECTION,
    "phone-use": DETECTION,
    "gauge": (*_BOXES, *_COUNTS, *_ACCURACY, *_LOSSES),
    "drowsiness": CLASSIFICATION,
    "medical": SEGMENTATION,
    "segmentation": SEGMENTATION,
    "tracking": (*_TRACKS, *_BOXES, *_LOSSES),
    "pose": (*_POINTS, *_BOXES, *_LOSSES),
    "detection": DETECTION,
    "classification": CLASSIFICATION,
}
