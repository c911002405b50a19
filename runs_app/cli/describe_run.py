"""One run as `show --json` says it, with its results; unknown values are null.

Apart from the lists: readers of results take longer to load than a list takes to answer.
"""

from __future__ import annotations

from typing import Any

from runs_app.cli.describe import iso, summarise_run
from runs_app.executors.isolation import isolation_of
from runs_app.models import Run
from runs_app.records import results
from runs_app.records.results import RunResults, json_number
from runs_app.runner.folder import RunFolder


def describe_run(run: Run) -> dict[str, Any]:
    """Return everything known about a run; reads the rows of its files."""
    return {
        **summarise_run(run),
        "argv": run.argv,
        "cwd": str(run.start_directory),
        "environment": run.environment,
        "params": run.params,
        "given": run.given,
        **_describe_results(results.read(run.folder)),
        "gpus": [lease.index for lease in run.gpu_leases.all()],
        "gpu_memory_peak_mib": run.gpu_memory_peak_mib,
        "isolation": isolation_of(RunFolder(run.folder)) or None,
        "run_dir": str(run.folder),
        "mlflow_experiment": run.mlflow_experiment or None,
        "mlflow_run_id": run.mlflow_run_id or None,
        "mlflow_error": str(run.mlflow_error) if run.mlflow_error else None,
        "source_changed": run.source_changed,
        "logs_removed_at": iso(run.logs_removed_at),
        "folder_removed_at": iso(run.folder_removed_at),
        "inputs": [
            {
                "path": row.path,
                "how": row.how,
                "name": row.name,
                "sha256": row.sha256 or None,
                "size_bytes": row.size_bytes,
                "changed": row.changed,
                "left_out": str(row.left_out) if row.left_out else None,
            }
            for row in run.inputs.all()
        ],
        "files": [
            {
                "path": file.path,
                "change": file.change,
                "size_bytes": file.size_bytes,
                "sha256": file.sha256 or None,
                "artifact": file.artifact or None,
                "left_out": str(file.left_out) if file.left_out else None,
                "members": file.members,
                "uncertain": file.uncertain,
            }
            for file in run.files.all()
        ],
    }


def _describe_results(found: RunResults) -> dict[str, Any]:
    """Return metrics and what was read; the latter is null for runs of older versions."""
    return {
        "metrics": {
            metric.key: {
                "last": json_number(metric.last),
                "min": json_number(metric.least),
                "max": json_number(metric.greatest),
                "points": metric.points,
                "seen": metric.seen or metric.points,
                "points_before": metric.points_before,
                "file": metric.file or None,
            }
            for metric in found.metrics
        },
        "results": None
        if found.is_older
        else [
            {
                "source": source.source,
                "reader": source.reader or None,
                "points": source.points,
                "reason": str(source.reason) if source.reason else None,
                "notes": [str(note) for note in source.notes],
                "skipped": {name: skipped.count for name, skipped in source.skipped.items()},
                "skipped_because": {
                    name: str(skipped.reason) for name, skipped in source.skipped.items()
                },
            }
            for source in found.sources
        ],
    }
