"""How many experiments are at which migration stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry_app.choices import Stage
from runs_app.overview.cell import list_address
from runs_app.overview.standing import Standing


@dataclass(frozen=True, kw_only=True)
class StageCount:
    """A stage with the number of experiments at it; `address` lists exactly these."""

    stage: int
    text: str
    count: int
    address: str


def stage_links(standings: Sequence[Standing], **place: str | int) -> list[StageCount]:
    """Return the count of each stage; `place` filters the lists as the experiments were."""
    return [
        StageCount(
            stage=stage.value,
            text=f"{stage.value} {stage.label}",
            count=sum(standing.stage == stage for standing in standings),
            address=list_address(**place, stage=stage.value),
        )
        for stage in Stage
    ]
