"""The readable files around a script, as the rules of a scan read them."""

from __future__ import annotations

import os
from pathlib import Path

from registry_app.files.paths import link_rule
from registry_app.inference.code.project import Project
from registry_app.scan.files import Files
from registry_app.scan.walk import walk


def project_of(directory: Path, script: str) -> tuple[Project, str]:
    """Return the project in which Python looks for the modules of a script, and its path in it.

    That is the directory of the experiment. If the script is a link to a file outside, Python
    follows it and finds the modules next to that file.
    """
    target = Path(os.path.realpath(directory / script))
    inside = Path(os.path.realpath(directory))
    if not target.is_relative_to(inside):
        directory, script = target.parent, target.name
    files = Files(walk(directory, links=link_rule()))
    project = Project(name=directory.name, paths=list(files.listing.files), read=files.read)
    return project, script
