"""List what scans propose for values that users decided."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from registry_app.choices import ProposalStatus
from registry_app.fields.names import is_empty
from registry_app.management.quiet import QuietCommand
from registry_app.messages import from_rows, joined
from registry_app.models import Proposal
from registry_app.reading import messages_text


class Command(QuietCommand):
    requires_system_checks = ()
    help = "List what scans propose for fields that people decided."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--experiment", metavar="E", help="Only those of this experiment.")
        parser.add_argument(
            "--status",
            choices=[*ProposalStatus.values, "all"],
            default=ProposalStatus.OPEN,
            help="Only those in this state; open unless said otherwise.",
        )
        parser.add_argument("--json", action="store_true", help="All fields, as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Proposal.objects.select_related("experiment", "closed_by")
        if options["status"] != "all":
            rows = rows.filter(status=options["status"])
        if options["experiment"]:
            rows = rows.filter(experiment__name=options["experiment"])
        if options["json"]:
            text = json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2)
            self.stdout.write(text)
        elif not rows:
            self.stderr.write(_("No matching proposals."), str)
        else:
            for row in rows:
                self._show(row)

    def _show(self, row: Proposal) -> None:
        why = " · ".join(
            part
            for part in (row.get_confidence_display(), row.evidence, messages_text(row.reasons))
            if part
        )
        self.stdout.write(f"{row} ({row.get_status_display()})")
        self.stdout.write(f"    {_text(row.held)} → {_text(row.taken)}")
        self.stdout.write(f"    {_printable(why)}")


def _plain(row: Proposal) -> dict[str, Any]:
    return {
        "id": row.pk,
        "experiment": row.experiment.name,
        "field": row.field,
        "status": row.status,
        "held": row.held,
        "value": row.value,
        "accepted_value": row.accepted_value,
        "confidence": row.confidence,
        "evidence": row.evidence,
        "reason": joined(from_rows(row.reasons)),
        "made_at": row.made_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "closed_by": row.closed_by.get_username() if row.closed_by else None,
    }


def _text(value: Any) -> str:
    if is_empty(value):
        return "–"
    return _printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _printable(text: str) -> str:
    """Return a text without the control characters by which a file could steer a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
