"""Sentences of scans that were stored as filled-in English become codes and values.

The texts are those of the version that stored them. What matches none stays as a plain sentence.
"""

import re

from django.db import migrations

BATCH = 500
JOINT = "; "
# Pieces of one sentence, where a value holds the joint.
MAX_JOINED = 20

REASONS = {
    "calls": "calls {name} in line {line}",
    "calls_elsewhere": "runs {path}, which calls {name} in line {line}",
    "imports": "imports {name}",
    "starts": "starts {script}",
    "turns_files": "reads files and writes others",
    "name_speaks_of": "its name speaks of {kind}",
    "only_one": "the only {kind} script",
    "highest_version": "highest version among {count} {kind} scripts",
    "named_elsewhere": "named in a note or launcher",
    "runners_up": "next: {paths}",
    "nearest_to_top": "first of {count} {kind} scripts, nearest to the top",
    "options_of_default": "the options of the default script",
    "key_of_yaml": "key “{key}” of a YAML file",
    "list_of_names": "a list of names",
    "label_map": "a label map",
    "annotations": "categories of annotations",
    "constant": "the constant {name}",
    "before_task": "before the task in the name",
    "before_region": "before the region {region} in the name",
    "last_word": "the last word of the name",
    "last_after_region": "the last word of the name, after the region",
    "region_name": "the name of a region",
    "plant_number": "the number of a plant",
    "between": "between region and task in the name",
    "note": "a note says so",
    "known_spelling": "“{spelling}” is the known customer {customer}",
    "sounds_known": "“{spelling}” sounds like the known customer {customer}",
    "known_place": "a known place of this customer",
    "class_names": "the names of the classes",
    "word_of_name": "a word of the name",
    "words_of_code": "what the scripts speak of",
    "what_it_imports": "what it imports",
    "found_there": "the directory lies there",
    "same_scripts": "{same} of {count} scripts are those of the directory that is gone",
}

REMARKS = {
    "read_as": "read as {encoding}, not as UTF-8",
    "no_python": "line {line}: no Python 3 syntax ({problem})",
    "not_parsed": "cannot be parsed ({problem})",
    "no_notebook": "is no readable notebook",
    "only_name": "too large to be read; only its name was looked at",
    "unread_parameter": "{place}: only a run knows the name of this parameter",
    "unseen_failure": "a failure of {script} goes unseen behind a pipe; “set -o pipefail” shows it",
    "unreadable": "cannot be read ({problem})",
    "too_many": "more than {count} files worth reading; the rest was left",
    "data_folder": "thousands of data files, not read",
    "too_deep": "too many folders deep, not read further",
    "no_utf_8": "the name is no UTF-8, so it cannot be listed",
    "link_out": "a link out of the directory, not followed",
    "too_large": "larger than {mebibytes} MiB, not read",
    "too_long": "took longer than {seconds} s; what was not read by then was left",
    "too_slow": "left out, because reading it took longer than {seconds} s",
    "hung": "left out, because reading it did not come further for {seconds} s",
    "too_much_memory": "left out, because reading it takes too much memory",
    "reader_died": "left out, because it ended the process that read it ({problem})",
    "not_understood": "left out, because the scan failed at it ({problem})",
    "bad_name": "the name is too long or holds signs that cannot be shown, so it is left out",
    "no_root": "there is no such folder; make it or change GUARDIANFLOW_ROOTS",
}


def compiled(texts):
    """Return code and pattern of each text, those with the most fixed characters first."""
    patterns = []
    for code, text in texts.items():
        parts = re.split(r"\{(\w+)\}", text)
        pattern = "".join(
            f"(?P<{part}>.+)" if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
        patterns.append((len("".join(parts[::2])), code, re.compile(pattern, re.DOTALL)))
    return [(code, pattern) for _size, code, pattern in sorted(patterns, key=lambda one: -one[0])]


REASON_PATTERNS = compiled(REASONS)
REMARK_PATTERNS = compiled(REMARKS)
NUMBERS = {"line", "count", "same", "seconds", "mebibytes"}


def matched(sentence, patterns):
    for code, pattern in patterns:
        found = pattern.fullmatch(sentence)
        if found:
            values = found.groupdict()
            for name in NUMBERS & set(values):
                values[name] = int(values[name]) if values[name].isdigit() else values[name]
            return [code, values]
    return None


def as_reasons(text):
    """Return the messages of several sentences joined by semicolons, which values may hold too.

    Of all ways to cut it, the one with the fewest unknown sentences, and then the most sentences.
    """
    pieces = text.split(JOINT) if text else []
    # The best way from the end, from the piece before it, and so on: how many sentences are unknown,
    # less the number of all, and the messages.
    best = [(0, 0, [])]
    for begin in reversed(range(len(pieces))):
        ways = []
        for end in range(begin + 1, min(begin + MAX_JOINED, len(pieces)) + 1):
            unknown, fewer, rest = best[len(pieces) - end]
            message = matched(JOINT.join(pieces[begin:end]), REASON_PATTERNS)
            if message is not None:
                ways.append((unknown, fewer - 1, [message, *rest]))
            elif end == begin + 1:
                ways.append((unknown + 1, fewer - 1, [["text", pieces[begin]], *rest]))
        best.append(min(ways, key=lambda way: way[:2]))
    return best[-1][2]


def as_remark(text):
    """Return the message of a warning; what is before it, such as a path, is its place."""
    parts = text.split(": ")
    for begin in range(len(parts)):
        message = matched(": ".join(parts[begin:]), REMARK_PATTERNS)
        if message is not None:
            return [*message, ": ".join(parts[:begin])] if begin else message
    return ["text", text]


def as_remarks(texts):
    return [as_remark(text) if isinstance(text, str) else text for text in texts or ()]


def sentence_of(message):
    """Return the English of a stored message, for the way back."""
    code, values, *place = message
    if code == "text":
        text = values
    else:
        text = {**REASONS, **REMARKS}.get(code, code)
        try:
            text = text.format(**values)
        except (KeyError, IndexError):
            text = code
    return ": ".join([*place, text])


def in_batches(model):
    rows = model.objects.order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def forward(apps, schema_editor):
    for name in ("Script", "FieldProvenance", "Proposal"):
        model = apps.get_model("registry_app", name)
        columns = ["reasons", "warnings"] if name == "Script" else ["reasons"]
        for batch in in_batches(model):
            for row in batch:
                row.reasons = as_reasons(row.reason)
                if name == "Script":
                    row.warnings = as_remarks(row.warnings)
            model.objects.bulk_update(batch, columns)
    change_summaries(apps, as_remarks)


def backward(apps, schema_editor):
    def as_sentences(messages):
        return [one if isinstance(one, str) else sentence_of(one) for one in messages or ()]

    for name in ("Script", "FieldProvenance", "Proposal"):
        model = apps.get_model("registry_app", name)
        columns = ["reason", "warnings"] if name == "Script" else ["reason"]
        for batch in in_batches(model):
            for row in batch:
                row.reason = JOINT.join(as_sentences(row.reasons))[:400]
                if name == "Script":
                    row.warnings = as_sentences(row.warnings)
            model.objects.bulk_update(batch, columns)
    change_summaries(apps, as_sentences)


def change_summaries(apps, changed):
    model = apps.get_model("registry_app", "ScanJob")
    for batch in in_batches(model):
        for row in batch:
            if isinstance(row.summary, dict) and row.summary.get("warnings"):
                row.summary["warnings"] = changed(row.summary["warnings"])
        model.objects.bulk_update(batch, ["summary"])


class Migration(migrations.Migration):
    dependencies = [("registry_app", "0011_add_reasons")]

    operations = [migrations.RunPython(forward, backward)]
