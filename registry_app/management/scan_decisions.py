"""What `guardianflow scan` says of the children that were left out, and takes of decisions."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from registry_app.changes.directories import known_directories
from registry_app.choices import ChildDecision
from registry_app.findings.decisions import child_named, decide, existing_child, take_back
from registry_app.findings.left_out import kept, unknown
from registry_app.models import ScanDecision
from registry_app.reading import message_text, word_text
from registry_app.scan.left_out import LeftOut, counted, key_of
from registry_app.scan.run import ScanResult
from registry_app.texts.left_out import short


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--add",
        action="append",
        metavar="DIR",
        help="Let every scan draft this directory of a root, whatever is in it; scans nothing "
        "itself, unless --import is given.",
    )
    parser.add_argument(
        "--never",
        action="append",
        metavar="DIR",
        help="Never list or draft this file or directory of a root; scans nothing itself.",
    )
    parser.add_argument(
        "--take-back",
        action="append",
        metavar="DIR",
        help="Take back what --add or --never said; scans nothing itself.",
    )
    parser.add_argument(
        "--decided", action="store_true", help="List what --add and --never said; scans nothing."
    )


@transaction.atomic
def decide_all(options: Mapping[str, Any]) -> list[str]:
    """Write down all decisions of the options, or none; return a sentence for each.

    Raises RegistryError if one of them is refused.
    """
    roots = [Path(root) for root in settings.GUARDIANFLOW_ROOTS]
    texts = []
    for written in options["take_back"] or ():
        path = child_named(written, roots)
        take_back(key_of(path))
        texts.append(_("Taken back; the next scan decides about {path}.").format(path=path))
    for option, decision, sentence in (
        ("add", ChildDecision.ADD, _("The next scan drafts {path}. --take-back takes this back.")),
        (
            "never",
            ChildDecision.NEVER,
            _("No scan lists or drafts {path} any more. --take-back takes this back."),
        ),
    ):
        for written in options[option] or ():
            path = existing_child(written, roots)
            decide(key_of(path), decision, by=None)
            texts.append(sentence.format(path=key_of(path)))
    return texts


def decided_lines() -> Iterator[str]:
    """Yield a line for each decision: the newest first."""
    for row in ScanDecision.objects.select_related("by"):
        decision = word_text(ChildDecision(row.decision))
        yield f"{decision}  {row.path}  {row.at:%Y-%m-%d}  {row.by or '-'}"


def left_out_of(result: ScanResult, *, is_stored: bool) -> tuple[LeftOut, ...]:
    """Return what a scan left out: from the database if it was imported."""
    return kept(result.roots) if is_stored else unknown(result.left_out, known_directories())


def details(left: Sequence[LeftOut]) -> list[dict[str, str]]:
    """Return the list for `--details`."""
    return [
        {"path": child.key, "code": child.reason.code, "reason": message_text(child.reason)}
        for child in left
    ]


def left_out_line(left: Sequence[LeftOut], never: int) -> str:
    """Return one line with the count of each reason, '' if nothing was left out."""
    texts = []
    if left:
        counts = counted(child.reason.code for child in left).items()
        text = _(
            "Left out: {count} ({reasons}). --details lists them; --add DIR drafts one, "
            "--never DIR lists it no more."
        )
        reasons = ", ".join(f"{message_text(short(code))}: {count}" for code, count in counts)
        texts.append(text.format(count=len(left), reasons=reasons))
    if never:
        text = _("Never listed, as people decided: {count} (--decided).")
        texts.append(text.format(count=never))
    return " ".join(texts)
