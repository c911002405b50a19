"""Why a file was not kept, why MLflow lacks a run and what an interpreter said: codes and values.

It was stored as text. What matches no text of the version that stored it stays as a plain
sentence.
"""

import importlib
import re

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Cast

from registry_app.messages import Message, from_column, plain

earlier = importlib.import_module("runs_app.migrations.0016_read_sentences_as_messages")

TEXT = models.TextField()
TEXTS = {
    "path_too_long": r"its path is too long for the run folder",
    "other_kind": r"not one of the kinds of files that are kept",
    "still_written": r"it was still being written",
    "over_limit": r"the files of one run are kept up to (?P<limit>\d+) MiB",
    "copy_damaged": r"its copy in the run folder is damaged",
    "removed": r"removed with the run folder; MLflow has it",
    "mlflow_away": r"MLflow does not answer\. Start it, or check MLFLOW_TRACKING_URI\.",
    "mlflow_store_gone": (
        r"The MLflow store (?P<file>.+) is not there\. Bring it back; or, to begin a new one, make "
        r"an empty file of that name and restart the worker\."
    ),
    "mlflow_not_imported": r"MLflow cannot be imported: (?P<error>.+)",
    "record_not_read": r"(?P<path>.+) cannot be read: (?P<error>.+)",
}


def message_of(sentence):
    for code, pattern in TEXTS.items():
        if found := re.fullmatch(pattern, sentence, re.DOTALL):
            return Message(code=code, values=found.groupdict())
    return plain(sentence)


def refusal_of(sentence):
    """Return the message of a sentence that a run could be refused with as well."""
    return Message.from_json(earlier.as_message(sentence))


def change(apps, changed):
    """Change each column; thousands of files have one of a few reasons, so alike ones at once."""
    for app, name, column, read in (
        ("runs_app", "RunFile", "left_out", message_of),
        ("runs_app", "Run", "mlflow_error", message_of),
        ("registry_app", "EnvironmentCheck", "error", refusal_of),
    ):
        rows = apps.get_model(app, name).objects.annotate(stored=Cast(column, TEXT))
        alike = rows.exclude(stored="").order_by().values_list("stored", flat=True).distinct()
        for stored in list(alike):
            rows.filter(stored=stored).update(**{column: changed(stored, read)})


def forward(apps, schema_editor):
    def read_once(stored, read):
        message = from_column(stored)
        return read(stored) if message.code == "text" and not stored.startswith("[") else message

    change(apps, read_once)


def backward(apps, schema_editor):
    change(apps, lambda stored, _read: Value(str(from_column(stored))[:200], output_field=TEXT))


class Migration(migrations.Migration):
    dependencies = [
        ("runs_app", "0018_keep_sentences_as_messages"),
        ("registry_app", "0019_read_summaries_as_messages"),
    ]

    operations = [migrations.RunPython(forward, backward)]
