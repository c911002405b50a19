"""Whether scripts' own parsers hold exactly the values that a run is given, as a table.

    .venv/bin/python benchmarks/given_arguments.py ROOT [ROOT ...]

Each direct child folder of a root is scanned in a data directory of its own. For each Python script
of a type (train, infer, quant) with parameters, three sets of values are generated and the portal
builds their commands as for a run. The script itself is then started in a child process up to the
end of its parser: imports are stubbed, in a copy of its Python files, without network where the
machine allows that, with limits for time and memory.

The parser must accept the values; the namespace must hold them as the parser converts them, and
for all else what it holds for the starting words alone. With nothing given, only the words that
start the type may be passed, or the run is refused by the name of what the parser requires too.
Scripts with the same text are tried once. The exit status is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

PROJECT = Path(__file__).resolve().parent.parent

if TYPE_CHECKING:
    from given_trial import Pair


def pairs(roots: list[Path]) -> Iterator[Pair]:
    """Yield each script with each of its types; a text that occurs again is left out."""
    from given_trial import Pair

    from registry_app.files.core_scripts import is_core
    from registry_app.files.paths import resolve_directory
    from registry_app.findings.store import store
    from registry_app.models import Experiment
    from registry_app.scan.run import scan

    store(scan(roots))
    seen: set[tuple[str, str]] = set()
    for experiment in Experiment.objects.prefetch_related("entry_points", "scripts"):
        directory = resolve_directory(experiment.path, roots)
        for script in experiment.scripts.all():
            for kind in script.types:
                if kind not in {"train", "infer", "quant"} or is_core(script.path):
                    continue
                text = (directory / script.path).read_bytes()
                key = (hashlib.sha256(text).hexdigest(), kind)
                if key not in seen:
                    seen.add(key)
                    yield Pair(
                        experiment=experiment, script=script.path, type=kind, directory=directory
                    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--only", default="", help="part of the name of a script")
    options = parser.parse_args()
    roots = [root.resolve() for root in options.roots]
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "GUARDIANFLOW_HOME": f"{home}/portal",
            "GUARDIANFLOW_ROOTS": ":".join(map(str, roots)),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        sys.path.insert(0, str(PROJECT))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        tried = [pair for pair in pairs(roots) if options.only in pair.name]
        try_all(tried, Path(home))
    report(tried)
    sys.exit(any(pair.failures for pair in tried))


def try_all(tried: list[Pair], home: Path) -> None:
    """Try each pair, two at a time.

    What only warns of modules and variables reads whole directories, and changes no word.
    """
    from given_trial import Trial
    from own_parser import copy_of

    from runs_app.preflight import modules, variables

    def try_one(place: int) -> None:
        pair = tried[place]
        Trial(pair, copy_of(pair.directory, home)).run()
        for failure in pair.failures:
            print(f"{pair.name}\n    {failure}", flush=True)

    for pair in tried:
        copy_of(pair.directory, home)
    with (
        mock.patch.object(modules, "check", return_value=[]),
        mock.patch.object(variables, "check", return_value=()),
        ThreadPoolExecutor(2) as pool,
    ):
        list(pool.map(try_one, range(len(tried))))


def report(tried: list[Pair]) -> None:
    """Print the totals."""
    totals: Counter[str] = sum((pair.outcomes for pair in tried), Counter())
    done = [pair for pair in tried if not pair.not_tried]
    for pair in tried:
        if pair.not_tried:
            print(f"not tried: {pair.name}: {pair.not_tried}")
    print(f"{len(tried):6} scripts and types")
    print(f"{len(done):6} tried, {len({(p.experiment.pk, p.script) for p in done})} scripts")
    for name, count in sorted(totals.items()):
        print(f"{count:6} {name}")
    for reason, count in Counter(p.not_tried for p in tried if p.not_tried).most_common():
        print(f"{count:6} not tried: {reason}")


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
