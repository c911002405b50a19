"""Reads what a script takes on its command line, whichever library makes it."""

from __future__ import annotations

from registry_app.inference.argparse_reader import read_argparse
from registry_app.inference.click_reader import read_click
from registry_app.inference.command_line import CommandLine
from registry_app.inference.project import Project
from registry_app.inference.source import Source


def read_command_line(source: Source, project: Project) -> CommandLine:
    """Return the command line of a script, empty and unknown where it has none that we can read."""
    found = read_argparse(source, project)
    return found if found.known or found.parameters else read_click(source)
