"""Drafts one experiment from its files; the only step of a scan that interprets file contents."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace

from registry_app.inference.code.project import Project
from registry_app.inference.code.trainer_classes import TrainerClass
from registry_app.inference.draft import draft_experiment
from registry_app.inference.facts import Facts
from registry_app.inference.purpose.without_scripts import shows_model
from registry_app.inference.task.vocabulary import vocabulary_with
from registry_app.scan.files import Files
from registry_app.scan.scanned import ScannedExperiment, ScannedScript

MAX_SCRIPT_LENGTH = 500
# The file with the base classes of trainers, which lies next to them.
BASE = "gf_base.py"
DAY_NS = 86_400 * 10**9


def draft(
    files: Files, *, name: str, path: str, words: tuple[tuple[str, str], ...] = ()
) -> ScannedExperiment:
    """Return the draft of a directory; `path` is the directory as users write it.

    `words` are the company's own, with their tasks.
    """
    listing = files.listing
    project = Project(
        name=name,
        paths=list(listing.files),
        read=files.read,
        visit=files.visit,
        links=listing.links,
        changed_on={path: file.mtime_ns // DAY_NS for path, file in listing.files.items()},
    )
    found = draft_experiment(project, path=path, vocabulary=vocabulary_with(words))
    scripts = tuple(
        ScannedScript(
            entry=entry,
            sha256=files.digests.get(entry.path, ""),
            size_bytes=listing.files[entry.path].size_bytes,
        )
        for entry in found.scripts
        if len(entry.path) <= MAX_SCRIPT_LENGTH
    )
    odd = [text.at(script.path) for script in found.scripts for text in script.warnings]
    shown = {script.path for script in found.scripts}
    odd += [text.at(path) for path, text in sorted(project.odd.items()) if path not in shown]
    has_model = bool(scripts) or shows_model(project, listing.models)
    project.forget()
    return ScannedExperiment(
        directory=listing.directory,
        document=found.document,
        scripts=scripts,
        facts=replace(found.facts, trainers=tuple(_with_digests(found.facts, files))),
        notes=found.notes,
        warnings=(*listing.warnings, *files.warnings, *odd),
        shows_model=has_model,
    )


def _with_digests(facts: Facts, files: Files) -> Iterator[TrainerClass]:
    for trainer in facts.trainers:
        base = posixpath.join(posixpath.dirname(trainer.path), BASE)
        yield replace(
            trainer,
            sha256=files.digests.get(trainer.path, ""),
            base_sha256=files.digests.get(base, ""),
        )
