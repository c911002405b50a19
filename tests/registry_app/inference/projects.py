"""Experiments in memory, for rules that only look at names and text."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source, read_source


def make_project(files: Mapping[str, str | bytes], name: str = "sampyo-gimhae-bct") -> Project:
    """An experiment with these files, their texts dedented."""
    data = {
        path: dedent(text).encode() if isinstance(text, str) else text
        for path, text in files.items()
    }
    return Project(name=name, paths=list(data), read=data.get)


def make_source(text: str, path: str = "train.py") -> Source:
    return read_source(path, dedent(text).encode())
