"""The description of a version in MLflow: what it is, how good, and how to get it."""

from __future__ import annotations

from django.conf import settings

from runs_app.models import Promotion
from runs_app.tracking.registered import CHAMPION


def card_of(promotion: Promotion) -> str:
    """Return the card of a promotion as Markdown; its first line leads to the portal."""
    experiment, evaluation = promotion.experiment, promotion.evaluation_run
    name, first = promotion.mlflow_name, promotion.files[0]
    page = f"{settings.GUARDIANFLOW_URL}{promotion.get_absolute_url()}"
    lines = [
        f"[GuardianFlow promotion {promotion.pk}]({page}) of {experiment.name}",
        "",
        promotion.reason,
        "",
        f"- task: {experiment.task_type}",
        f"- classes: {', '.join(map(str, promotion.classes))}",
        f"- made by run {promotion.training_run_id}",
    ]
    if evaluation is not None:
        lines.append(f"- {promotion.metric} {promotion.value:g} by run {evaluation.pk}")
    lines += [
        "",
        "Files, with their SHA-256:",
        "",
        *(f"- `{file['name']}` `{file['sha256']}`" for file in promotion.files),
        "",
        "It has no MLflow flavour: download it and load the file with its own library.",
        "",
        "```python",
        "import mlflow",
        f"folder = mlflow.artifacts.download_artifacts({f'models:/{name}@{CHAMPION}'!r})",
        f"path = folder + {'/' + str(first['name'])!r}",
        "```",
    ]
    return "\n".join(lines)
