"""Which parameter of a run names its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Names of parameters that say which data a script reads, the most certain first.
PARAMETERS = (
    *("data", "data_yaml", "dataset", "dataset_yaml", "data_config", "data_cfg", "data_file"),
    *("data_path", "dataset_path", "data_dir", "dataset_dir", "data_root", "dataset_root"),
    *("train_data", "train_path", "train_dir", "coco_path", "ann_file", "annotations"),
)


def data_parameter(params: Mapping[str, Any], secrets: list[str]) -> str:
    """Return the value of the parameter that names data, '' if there is none."""
    named = {name.lower().replace("-", "_"): name for name in params if name not in secrets}
    for name in PARAMETERS:
        value = params.get(named.get(name, ""))
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
