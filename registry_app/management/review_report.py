"""The lines of `guardianflow scan --review`."""

from __future__ import annotations

from collections.abc import Iterator

from registry_app.findings.review_lines import review_lines
from registry_app.reading import confidence_text, joint_text
from registry_app.scan.run import ScanResult


def review_report(result: ScanResult) -> Iterator[str]:
    """Yield a line for each value that is not sure, with its evidence in the active language."""
    for line in review_lines(result):
        sure = confidence_text(line.confidence)
        yield (
            f"{line.experiment}  {line.field}: {line.value}  [{sure}]"
            f"  {line.source}  {joint_text(line.reasons)}"
        )
