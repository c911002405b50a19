"""Points of metrics as lines of a run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.metrics import MetricPoint


def point_line(point: MetricPoint, **more: Any) -> str:
    """Return a point as one line, with `more` beside it."""
    return json.dumps(asdict(point) | more, ensure_ascii=False)


def read_metrics(folder: RunFolder) -> Iterator[MetricPoint]:
    """Return the metrics that were kept; none where the run ended without any."""
    if folder.metrics.exists():
        with folder.metrics.open(encoding="utf-8") as lines:
            for line in lines:
                yield MetricPoint(**json.loads(line))
