"""A script with a type, tried with generated values: what its own parser makes of its commands."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from given_values import given_values, texts_of
from own_parser import OwnParser, Parsed, starting_words

from registry_app.arguments.parameters import COMMAND, Parameter
from registry_app.models import Experiment
from runs_app.lifecycle.prepare import RunRequest, outline
from runs_app.preflight.script_choices import script_choice
from runs_app.preflight.sub_commands import chosen_command
from runs_app.runner.exceptions import MissingParameterError, RunnerError

SETS = 3
# A set may have two options of which the parser takes one, two that set the same, or a file that
# the script opens before it parses; it is generated again without.
ATTEMPTS = 6
# Libraries that are stubbed, and whose parsers then take nothing.
OTHER_PARSERS = re.compile(
    r"default_argument_parser|HfArgumentParser|LightningCLI|jsonargparse|configargparse"
    r"|\bhydra\b|\bclick\b|\babsl\b|\bfire\b|\btyper\b|\btyro\b|sys\.argv"
)


@dataclass(kw_only=True)
class Pair:
    """A script with a type, and how many of its sets passed which check."""

    experiment: Experiment
    script: str
    type: str
    directory: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    not_tried: str = ""

    @property
    def name(self) -> str:
        return f"{self.experiment.name}/{self.script} {self.type}"


class Trial:
    """Tries one pair; what it finds is noted in the pair."""

    def __init__(self, pair: Pair, copy: Path) -> None:
        self.pair = pair
        self.choice = script_choice(pair.experiment, pair.type, pair.script)
        self.parser = OwnParser(copy, pair.script)
        self.left_out: frozenset[str] = frozenset()

    def run(self) -> None:
        """Check what nothing given starts, then each set."""
        reason = self._why_not()
        if not reason:
            reason = self._defaults()
        if reason:
            self.pair.not_tried = reason
            return
        self._nothing()
        for number in range(SETS):
            self._set(random.Random(f"{self.pair.name} {number}"))  # noqa: S311  no secret

    def _why_not(self) -> str:
        if not self.pair.script.endswith(".py"):
            return "not a Python script"
        if not (self.choice.parameters or self.choice.of_commands):
            return "no parameters were read"
        return ""

    def _words(self, values: dict[str, Any]) -> tuple[str, ...]:
        """Return the arguments that a run with these values would have."""
        pair = self.pair
        request = RunRequest(
            experiment=pair.experiment, type=pair.type, script=pair.script, params=values
        )
        return self.parser.arguments(outline(request))

    def _defaults(self) -> str:
        """Parse the starting words; return why there is nothing to compare with."""
        self.starting = starting_words(self.choice)
        self.alone: Parsed = self.parser.parse(self.starting, needs_nothing=True)
        if not self.alone.problem:
            return ""
        text = (self.pair.directory / self.pair.script).read_text(errors="replace")
        other = OTHER_PARSERS.search(text)
        if other:
            return f"a parser of {other[0]}"
        return f"argparse was not reached: {self.alone.problem.partition(':')[0]}"

    def _nothing(self) -> None:
        pair = self.pair
        try:
            words = self._words({})
        except MissingParameterError as error:
            if self.parser.parse(self.starting).error:
                pair.outcomes["nothing: refused, by the parser too"] += 1
            else:
                self._fail("nothing: refused, but not by the parser", str(error))
            return
        except RunnerError as error:
            self._fail("nothing: refused", str(error))
            return
        found = self.parser.parse(words)
        if found.error or found.problem:
            self._fail("nothing: not accepted", f"{words}: {found.error or found.problem}")
        elif words and words != self.starting:
            self._fail("nothing: more than the start", str(words))
        else:
            pair.outcomes["nothing: only the start" if words else "nothing: no words"] += 1
            if words:
                print(f"{pair.name}\n    starts with {' '.join(words)}", flush=True)

    def _set(self, source: random.Random) -> None:
        pair = self.pair
        pair.outcomes["sets"] += 1
        for _attempt in range(ATTEMPTS):
            command, known = self._command(source)
            values = command | self._values(known, source)
            try:
                words = self._words(values)
            except RunnerError as error:
                self._fail("refused by the portal", f"{values}: {error}")
                return
            found = self.parser.parse(words, self._told(known, values))
            left_out = found.excluded(known) | found.sharing() | found.without_file(values)
            if not left_out:
                break
            self.left_out |= left_out
        if found.error or found.problem:
            self._fail("not accepted", f"{words}: {found.error or found.problem}")
            return
        pair.outcomes["accepted"] += 1
        alone = self._alone(command)
        differing = found.differing(known, values, alone)
        if differing:
            self._fail("not exact", f"{words}: {'; '.join(differing)}")
        else:
            pair.outcomes["exact"] += 1

    def _command(self, source: random.Random) -> tuple[dict[str, Any], list[Parameter]]:
        """Return a sub-command where a run chooses one, with the parameters that it then has."""
        values: dict[str, Any] = {}
        if self.choice.of_commands and COMMAND not in self.choice.fixed:
            values = {COMMAND: source.choice(sorted(self.choice.of_commands))}
        return values, list(chosen_command(self.choice, values).choice.parameters)

    def _values(self, known: list[Parameter], source: random.Random) -> dict[str, Any]:
        fixed = frozenset(self.choice.fixed)
        return given_values(known, source, without=self.left_out | fixed)

    def _told(self, known: list[Parameter], values: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return {
            row.name: {"flag": row.flag.rstrip("="), "texts": texts_of(row, values[row.name])}
            for row in known
            if row.name in values
        }

    def _alone(self, command: dict[str, Any]) -> Parsed:
        if not command:
            return self.alone
        words = (*self.starting, *map(str, command.values()))
        return self.parser.parse(words, needs_nothing=True)

    def _fail(self, outcome: str, reason: str) -> None:
        self.pair.outcomes[outcome] += 1
        self.pair.failures.append(f"{outcome}: {reason}")
