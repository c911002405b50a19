"""Classify the columns of a table: axes, values, labels, times, or none of these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.spelling import key_of
from registry_app.results.words import (
    BATCH_AXES,
    CURVE_SETTINGS,
    EPOCH_AXES,
    axis_of,
    is_metric,
    is_never,
    is_setting,
)

# Seconds since the start, as Ultralytics writes them, and since 1970, as TensorBoard does.
_SECONDS = frozenset({"time", "elapsed", "elapsed_time", "seconds", "wall_clock"})
_WRITTEN = frozenset({"wall_time", "timestamp", "_timestamp"})
# Label columns, which distinguish several rows of one step.
_LABELS = frozenset(
    "phase split mode stage set subset dataset class classes class_name category name label model "
    "tag metric metrics fold format backend device run run_name trial experiment "
    "클래스 구분 단계 모델 이름".split()
)
_LONG_NAMES = frozenset({"tag", "metric", "metrics", "name", "key", "지표"})
_LONG_VALUES = frozenset({"value", "values", "val", "score", "값"})
# Columns of per-item rows: an image, a box, a track.
_ITEMS = frozenset(
    "frame frame_id frame_idx image image_id image_name image_path img img_id img_path file "
    "filename file_name filepath path track track_id object_id sample_id bbox box_id "
    "xmin ymin xmax ymax x1 y1 x2 y2 xc yc x_center y_center left top right bottom "
    "y_true y_pred y_prob pred prediction predictions predicted predicted_class true_label target "
    "ground_truth gt "
    "파일 파일명 이미지 프레임".split()
)
# One of these is enough in a table without an axis.
_FILES = frozenset(
    "frame frame_id frame_idx image image_id image_name image_path img img_id img_path file "
    "filename file_name filepath 파일 파일명 이미지 프레임".split()
)
_MAYBE_ITEMS = frozenset("x y w h width height conf confidence cls label id score prob".split())


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The column indexes of one header; -1 for an absent column."""

    names: tuple[str, ...]
    epoch: int = -1
    fine: int = -1
    fine_is_batch: bool = False
    seconds: int = -1
    written: int = -1
    labels: tuple[int, ...] = ()
    long_value: int = -1
    values: tuple[int, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def has_axis(self) -> bool:
        return self.epoch >= 0 or self.fine >= 0

    @property
    def is_of_items(self) -> bool:
        """Return whether a row describes an item and not a moment of a training."""
        keys = [key_of(name) for name in self.names]
        sure = sum(key in _ITEMS for key in keys)
        maybe = sum(key in _MAYBE_ITEMS for key in keys)
        has_metric = any(is_metric(self.names[column]) for column in self.values)
        if not self.has_axis and _FILES.intersection(keys):
            return True
        return sure >= 2 or (sure + maybe >= 2 and not has_metric)

    @classmethod
    def of(cls, header: Sequence[str]) -> Self:
        """Classify the columns of a header."""
        names = unique_names(header)
        axes = {at: axis_of(name) for at, name in enumerate(names)}
        epoch = next((at for at, axis in axes.items() if axis in EPOCH_AXES), -1)
        fine = next(
            (at for at, axis in axes.items() if axis and axis not in EPOCH_AXES | BATCH_AXES), -1
        )
        batch = next((at for at, axis in axes.items() if axis in BATCH_AXES), -1)
        keys = [key_of(name) for name in names]
        labels = tuple(at for at, key in enumerate(keys) if key in _LABELS and not axes[at])
        taken = {at for at, axis in axes.items() if axis} | set(labels)
        seconds = _first(keys, _SECONDS)
        written = _first(keys, _WRITTEN)
        long_value = _first(keys, _LONG_VALUES) if set(keys) & _LONG_NAMES else -1
        values = tuple(
            at for at, name in enumerate(names) if at not in taken | {seconds, written} and name
        )
        has_axis = any(axes.values())
        # Next to an axis a bare size is that of the pictures.
        kept = tuple(
            at
            for at in values
            if not is_ignored(names[at]) and not (has_axis and keys[at] == "size")
        )
        return cls(
            names=names,
            epoch=epoch,
            fine=fine if fine >= 0 else batch,
            fine_is_batch=fine < 0 <= batch,
            seconds=seconds,
            written=written,
            labels=labels,
            long_value=long_value,
            values=kept,
            ignored=tuple(names[at] for at in values if at not in kept),
        )


def is_ignored(name: str) -> bool:
    """Return whether a column with this name is not a curve."""
    return why_ignored(name) is not None


@lru_cache(maxsize=4096)
def why_ignored(name: str) -> Message | None:
    """Return why a column is not a curve: a counter, a time, or a setting; None if it may be."""
    last = name.rpartition("/")[2]
    if axis_of(last) or is_never(name):
        return reasons.NEVER()
    is_given = is_setting(name) and key_of(name) not in CURVE_SETTINGS
    return reasons.SETTING() if is_given else None


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a header; a repeated name gets a number, as in pandas."""
    seen: dict[str, int] = {}
    names = []
    for cell in header:
        name = re.sub(r"\s+", " ", cell.strip().strip("\"'").strip())
        count = seen.get(name, 0)
        seen[name] = count + 1
        names.append(f"{name}.{count}" if count and name else name)
    return tuple(names)


def _first(keys: Sequence[str], wanted: frozenset[str]) -> int:
    return next((at for at, key in enumerate(keys) if key in wanted), -1)
