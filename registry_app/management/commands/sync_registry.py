"""Sync the registry file with the portal, and answer what both changed differently."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registry_app.exceptions import RegistryError
from registry_app.management.quiet import QuietCommand
from registry_app.models import SyncedFile, SyncQuestion
from registry_app.reading import error_text, message_text
from registry_app.row_numbers import row_number
from registry_app.sync.answering import value_of
from registry_app.sync.chosen import place_name
from registry_app.sync.objects import Side
from registry_app.sync.run import Report, sync


class Command(QuietCommand):
    requires_system_checks = ()
    help = (
        "Sync the registry file (GUARDIANFLOW_CORE_URL, else GUARDIANFLOW_REGISTRY) with the "
        "portal, field by field; ask what both changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Write nothing; exit with 1 if a sync would change something or asks something.",
        )
        parser.add_argument(
            "--answer",
            metavar="QUESTION=ANSWER",
            action="append",
            default=[],
            help="Answer the question of a number: portal, file, or value:V for a third value.",
        )
        parser.add_argument("--json", action="store_true", help="All open questions, as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answers = dict(_answer(text) for text in options["answer"])
            report = sync(answers=answers, is_dry=options["check"])
        except RegistryError as error:
            raise CommandError(error_text(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_plain(report), ensure_ascii=False, indent=2))
        else:
            self._show(report)
        if options["check"] and (report.file_changed or report.portal_changed or report.questions):
            raise CommandError(_("The registry file and the portal differ."))

    def _show(self, report: Report) -> None:
        if report.file_changed and not report.waits:
            self.stdout.write(_("The portal's changes are in the file."))
        if report.portal_changed:
            self.stdout.write(_("The file's changes are in the portal."))
        if not report.file_changed and not report.portal_changed:
            self.stdout.write(_("Neither side has changed."))
        if (remark := _synced_file().remark) is not None:
            self.stdout.write(message_text(remark))
        for entry in _questions():
            self.stdout.write(f"{entry.pk}  {entry}")
            self.stdout.write(f"    file    {_text(entry.in_file)}")
            self.stdout.write(f"    portal  {_text(entry.in_portal)}")
            if entry.reason:
                self.stdout.write(f"    {message_text(entry.reason)}")
        if report.questions:
            self.stdout.write(
                _("Answer with --answer QUESTION=portal, =file or =value:V, or on the page Sync.")
            )


def _answer(text: str) -> tuple[int, tuple[Side, Any]]:
    """Return the number of a question and its answer; raises CommandError."""
    number, _sign, answer = text.partition("=")
    side, is_value, value = answer.partition(":")
    if side in {Side.FILE, Side.PORTAL} and not is_value:
        return row_number(number), (Side(side), None)
    if side != Side.VALUE or not is_value:
        raise CommandError(
            _("{text} is not an answer; write QUESTION=portal, =file or =value:V.").format(
                text=text
            )
        )
    question = SyncQuestion.objects.filter(pk=row_number(number)).first()
    if question is None:
        raise CommandError(_("There is no open question {number}.").format(number=number))
    if question.field == "*":
        raise CommandError(
            _("{question} is answered with portal or file.").format(question=question)
        )
    return question.pk, (Side.VALUE, value_of(question, value))


def _plain(report: Report) -> dict[str, Any]:
    return {
        "file": place_name(),
        "file_changed": report.file_changed,
        "portal_changed": report.portal_changed,
        "waits": report.waits,
        "remark": str(remark) if (remark := _synced_file().remark) else None,
        "questions": [
            {
                "id": entry.pk,
                "experiment": entry.name,
                "field": entry.field,
                "base": entry.base,
                "file": entry.in_file,
                "portal": entry.in_portal,
                "reason": str(entry.reason) if entry.reason else None,
            }
            for entry in _questions()
        ],
    }


def _synced_file() -> SyncedFile:
    return SyncedFile.objects.get(path=place_name())


def _questions() -> QuerySet[SyncQuestion]:
    return SyncQuestion.objects.filter(file=_synced_file())


def _text(value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
