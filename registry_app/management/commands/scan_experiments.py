"""Read experiment directories and draft their registry file."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from registry_app.document.writer import dump, plain
from registry_app.document.yaml_text import dump_plain
from registry_app.exceptions import PathRefusedError, RegistryError
from registry_app.files.paths import resolve_directory
from registry_app.files.text_file import write_text
from registry_app.findings.customers import with_known_customers
from registry_app.findings.decisions import decided
from registry_app.findings.details import with_details
from registry_app.findings.environments import with_conda_environments
from registry_app.findings.hit_rates import as_json, stored_rates
from registry_app.findings.known_customers import known_customers
from registry_app.findings.lost import accept_lost, lost_roots
from registry_app.findings.store import store
from registry_app.findings.vocabulary import vocabulary_of_rows
from registry_app.management import scan_decisions
from registry_app.management.hit_rate_lines import hit_rate_lines
from registry_app.management.quiet import QuietCommand
from registry_app.management.review_report import review_report
from registry_app.reading import error_text, message_text
from registry_app.scan.left_out import LeftOut
from registry_app.scan.run import Progress, ScanResult, scan

REFUSED = 2
LOST = 3
INTERRUPTED = 130
SHOWN_WARNINGS = 20
NAMED = 20


class Command(QuietCommand):
    requires_system_checks = ()
    help = (
        "Read the directories of the roots, which are never changed, and draft the registry file. "
        "Nothing in them is executed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "roots",
            nargs="*",
            metavar="ROOT",
            help="Folders that hold experiment directories; without any, GUARDIANFLOW_ROOTS.",
        )
        parser.add_argument(
            "--output", metavar="FILE", help="Write the draft here; - is standard output."
        )
        parser.add_argument(
            "--import", action="store_true", help="Also merge what was found into the database."
        )
        parser.add_argument(
            "--details",
            action="store_true",
            help="Add scripts, parameters, past runs and evidence, for reading.",
        )
        parser.add_argument(
            "--review",
            action="store_true",
            help="Print only what is not sure, one line per value, the most harmful first.",
        )
        parser.add_argument(
            "--accept-missing",
            action="store_true",
            help="End well although --import finds less than half of what it knew in a root.",
        )
        scan_decisions.add_options(parser)
        parser.add_argument(
            "--hit-rates",
            action="store_true",
            help="Print how many guesses people kept, of those they decided singly; scans nothing.",
        )
        parser.add_argument("--json", action="store_true", help="Write the draft as JSON.")
        parser.add_argument("--no-progress", action="store_true", help="Show no progress bar.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hit_rates"]:
            self._hit_rates(options)
            return
        if not self._decide(options):
            return
        roots = _roots(options["roots"])
        try:
            if options["import"] and options["roots"]:
                _check_import(roots)
            with _progress(shown=not options["no_progress"]) as progress:
                words, decisions = vocabulary_of_rows(), decided()
                scanned = scan(roots, progress=progress, vocabulary=words, decided=decisions)
                found = with_conda_environments(scanned)
                result = with_known_customers(found, known_customers())
            summary = store(result) if options["import"] else None
        except RegistryError as error:
            raise CommandError(error_text(error), returncode=REFUSED) from error
        except KeyboardInterrupt:
            raise CommandError(
                _("The scan was interrupted; nothing was changed."), returncode=INTERRUPTED
            ) from None
        if options["review"]:
            for line in review_report(result):
                self.stdout.write(_printable(line))
            return
        left = scan_decisions.left_out_of(result, is_stored=summary is not None)
        self._write(_draft(result, options, left), options)
        self._report(result, summary, left)
        if options["import"] and options["accept_missing"]:
            accept_lost(roots)
        elif options["import"]:
            self._check_lost(roots)

    def _decide(self, options: dict[str, Any]) -> bool:
        """Take the decisions of the options; return whether there is something to scan."""
        try:
            texts = scan_decisions.decide_all(options)
        except RegistryError as error:
            raise CommandError(error_text(error), returncode=REFUSED) from error
        for sentence in texts:
            self._say(_printable(sentence))
        if options["decided"]:
            for line in scan_decisions.decided_lines():
                self.stdout.write(_printable(line))
        return options["import"] or not (texts or options["decided"])

    def _hit_rates(self, options: dict[str, Any]) -> None:
        rates = stored_rates()
        if options["json"]:
            self.stdout.write(json.dumps(as_json(rates), indent=2))
            return
        for line in hit_rate_lines(rates):
            self.stdout.write(line)

    def _check_lost(self, roots: list[Path]) -> None:
        lost = lost_roots(roots)
        if lost:
            texts = [
                _("{root}: {there} of {known} known directories are left").format(
                    root=_printable(str(row.root)), there=row.there, known=row.known
                )
                for row in lost
            ]
            advice = _("Is a disk not mounted? If this is right: --accept-missing.")
            raise CommandError("\n".join([*texts, advice]), returncode=LOST)

    def _write(self, draft: str, options: dict[str, Any]) -> None:
        output = options["output"]
        if output in (None, "-"):
            # With --import the draft is a by-product, written only if an option requests it.
            if output == "-" or not options["import"] or options["json"] or options["details"]:
                self.stdout.write(draft, ending="")
            return
        try:
            write_text(Path(output), draft)
        except OSError as error:
            raise CommandError(
                _("{name} cannot be written: {problem}").format(
                    name=output, problem=error.strerror
                ),
                returncode=REFUSED,
            ) from error
        self._say(_("The draft is in {name}.").format(name=output))

    def _report(
        self, result: ScanResult, summary: dict[str, Any] | None, left: Sequence[LeftOut]
    ) -> None:
        problems = [child.reason.at(child.key) for child in left if child.is_problem]
        warnings = [*result.warnings, *problems]
        for warning in warnings[:SHOWN_WARNINGS]:
            text = _printable(message_text(warning))
            self._say(_("warning: {text}").format(text=text))
        more = len(warnings) - SHOWN_WARNINGS
        if more > 0:
            self._say(_("... and {count} more warnings").format(count=more))
        if line := scan_decisions.left_out_line(left, len(result.never)):
            self._say(line)
        scripts = sum(len(experiment.scripts) for experiment in result.experiments)
        self._say(
            _("{experiments} experiments, {scripts} scripts").format(
                experiments=len(result.experiments), scripts=scripts
            )
        )
        if summary is not None:
            self._say(
                _(
                    "{created} new, {updated} changed, {unchanged} unchanged; "
                    "{kept} values kept as people decided them"
                ).format(**summary)
            )
            for key, text in (
                ("missing_names", _("Their directory was not found: {names}")),
                ("renamed_names", _("They seem to be renamed: {names}")),
            ):
                if summary[key]:
                    self._say(text.format(names=_listed(summary[key])))
            if summary["moved"]:
                moved = [
                    f"{move['name']}: {move['old'] or '–'} → {move['new'] or '–'}"
                    for move in summary["moved"]
                ]
                self._say(_("Moved to another place: {names}").format(names=_listed(moved)))
            if summary["unconfirmed"]:
                text = _("Experiments with values to confirm, on the page Review: {unconfirmed}")
                self._say(text.format(**summary))
            if summary["proposals"]:
                text = _(
                    "Proposals that wait for an answer: {proposals}, new among them: {proposed}"
                )
                self._say(text.format(**summary))

    def _say(self, text: str) -> None:
        self.stderr.write(text, str)  # without the red of errors


def _roots(given: list[str]) -> list[Path]:
    if not given:
        return [Path(root) for root in settings.GUARDIANFLOW_ROOTS]
    roots = [Path(os.path.abspath(os.path.expanduser(root))) for root in given]
    for root in roots:
        if not os.path.isdir(root):
            raise CommandError(
                _("There is no folder {root}.").format(root=root), returncode=REFUSED
            )
    return list(dict.fromkeys(roots))


def _check_import(roots: list[Path]) -> None:
    """Refuse to import if nothing could be started from the result."""
    for root in roots:
        try:
            resolve_directory(str(root / "any"), settings.GUARDIANFLOW_ROOTS)
        except PathRefusedError as error:
            raise PathRefusedError(
                _("{root} is not a root; add it to GUARDIANFLOW_ROOTS to import it.").format(
                    root=root
                )
            ) from error


def _draft(result: ScanResult, options: dict[str, Any], left: Sequence[LeftOut]) -> str:
    if not options["json"] and not options["details"]:
        return dump(result.document)
    data = plain(result.document)
    if options["details"]:
        data = with_details(result) | {"left_out": scan_decisions.details(left)}
    if options["json"]:
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    return dump_plain(data)


def _listed(names: Sequence[str]) -> str:
    """Return the first names, and the number of the others."""
    first = ", ".join(_printable(name) for name in names[:NAMED])
    left = len(names) - NAMED
    return _("{names} and {count} more").format(names=first, count=left) if left > 0 else first


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


@contextmanager
def _progress(*, shown: bool) -> Iterator[Progress | None]:
    """Return a progress bar on a terminal, None elsewhere."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=_printable(name))

        yield show
