"""Read the command line of a script with the reader of its library."""

from __future__ import annotations

from registry_app.inference.argparse_trace.reader import read_argparse
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.inference.readers.absl import read_absl
from registry_app.inference.readers.argv import read_argv
from registry_app.inference.readers.click import read_click
from registry_app.inference.readers.hydra import read_hydra
from registry_app.inference.readers.lightning import read_lightning
from registry_app.inference.readers.signatures import read_signatures
from registry_app.inference.readers.text import read_text_arguments
from registry_app.inference.readers.trainers import read_trainer
from registry_app.inference.readers.typer import read_typer

# Imported modules may define absl flags too, so absl comes last.
READERS = (
    read_trainer,
    read_argparse,
    read_hydra,
    read_click,
    read_typer,
    read_signatures,
    read_lightning,
    read_absl,
)


def read_command_line(source: Source, project: Project) -> CommandLine:
    """Return the command line of a script, empty and unknown if we cannot read one.

    A script that is nested too deeply counts as unreadable.
    """
    try:
        if source.tree is None:
            return read_text_arguments(source)
        for read in READERS:
            found = read(source, project)
            if found.known or found.parameters or found.unread:
                return found
        return read_argv(source)
    except RecursionError:
        return CommandLine()
