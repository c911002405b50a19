"""What change sets and scans say of themselves becomes codes and values.

It was stored as text, in the language of the user who made the change. What matches no text of
the version that stored it stays as a plain sentence.
"""

import re

from django.db import migrations, models
from django.db.models import Value

from registry_app.messages import Message, plain

ROWS = {
    "row_customer": ("customer", "고객사"),
    "row_site": ("site", "현장"),
    "row_zone": ("zone", "구역"),
    "row_experiment": ("experiment", "실험"),
    "row_entry_point": ("entry point", "진입점"),
}
UNDONE = re.compile(r"(?:Undone|되돌림): \D*(?P<number>\d+)(?: (?P<summary>.+))?", re.DOTALL)
PROPOSALS = re.compile(r"(?:(?P<count>\d+) proposals?|제안 (?P<korean>\d+)건): (?P<names>.+)", re.DOTALL)
ERRORS = {
    "same_name": (
        r"Two experiments are called (?P<name>.+): (?P<one>.+) and (?P<other>.+)\. "
        r"Rename one of the directories or take its root out\.",
        r"이름이 같은 실험이 둘입니다\((?P<name>.+)\): (?P<one>.+), (?P<other>.+)\. "
        r"한쪽 디렉터리 이름을 바꾸거나 그 루트를 빼세요\.",
    ),
    "readers_not_started": (
        r"The processes that read experiments cannot be started: (?P<problem>.+)",
        r"실험을 읽는 프로세스를 시작할 수 없습니다: (?P<problem>.+)",
    ),
}


def summary_of(sentence):
    """Return the message of what a change set is about."""
    if found := UNDONE.fullmatch(sentence):
        number = int(found["number"])
        if not found["summary"]:
            return Message(code="undone", values={"number": number})
        return Message(
            code="undone_of", values={"number": number, "summary": summary_of(found["summary"])}
        )
    if found := PROPOSALS.fullmatch(sentence):
        count = int(found["count"] or found["korean"])
        if count == 1:
            return Message(code="one_proposal", values={"names": found["names"]})
        return Message(code="proposals", values={"count": count, "names": found["names"]})
    for code, words in ROWS.items():
        for word in words:
            if sentence.startswith(f"{word} "):
                return Message(code=code, values={"name": sentence.removeprefix(f"{word} ")})
    return plain(sentence)


def error_of(sentence):
    """Return the message of why a scan failed."""
    for code, patterns in ERRORS.items():
        for pattern in patterns:
            if found := re.fullmatch(pattern, sentence, re.DOTALL):
                return Message(code=code, values=found.groupdict())
    return plain(sentence)


def change(apps, changed):
    for name, column, read in (
        ("ChangeSet", "summary", summary_of),
        ("ScanJob", "error", error_of),
        ("ImportJob", "error", plain),
    ):
        rows = apps.get_model("registry_app", name).objects
        for pk, message in rows.exclude(**{column: ""}).values_list("pk", column).iterator():
            rows.filter(pk=pk).update(**{column: changed(message, read)})


def forward(apps, schema_editor):
    # A sentence of the old form is read as a plain message; one that is read already stays.
    change(apps, lambda message, read: read(str(message)) if message.code == "text" else message)


def backward(apps, schema_editor):
    text = models.TextField()
    change(apps, lambda message, _read: Value(str(message)[:400], output_field=text))


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0018_keep_sentences_as_messages")]

    operations = [migrations.RunPython(forward, backward)]
