"""Lists the names that users, scripts and other programs rely on.

    python -m tests.public_names            prints them as JSON
    python -m tests.public_names --write    writes them to tests/public_names.json

Commands with their options, settings, exit statuses, states, tags of MLflow, keys of the registry
file and of `--json`, files of the run folder. A test compares them with the file, so that a
change of one is seen where it is made.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from registry_app.messages import Text
from runs_app.texts import reasons

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tests" / "public_names.json"
APPS = ("portal", "registry_app", "runs_app")
# Options that every management command has.
OF_DJANGO = frozenset(
    "force_color no_color pythonpath settings skip_checks traceback verbosity version".split()
)
SETTING = re.compile(r"\b(?:GUARDIANFLOW_[A-Z_]*[A-Z]|DATABASE_URL|MLFLOW_TRACKING_URI)\b")
TAG = re.compile(r"guardianflow\.[a-z_]+|mlflow\.(?:user|source\.name|note\.content)")
RUN_FILE = re.compile(r"[a-z_.]+\.(?:json|log|index|lock)")


def public_names() -> dict[str, Any]:
    """Return all names, ready to be written as JSON."""
    from portal import cli
    from registry_app import choices as registry_choices
    from registry_app.schema import table
    from runs_app import choices as run_choices
    from runs_app.cli import describe, describe_run, exit_status
    from runs_app.runner import folder, supervisor
    from runs_app.tracking import record

    return {
        "verbs": cli.VERBS,
        "commands": _commands(),
        "settings": sorted(
            set(SETTING.findall((ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
        ),
        "exit_statuses": _constants(exit_status),
        "states": run_choices.RunStatus.values,
        "reasons": [text.code for text in vars(reasons).values() if isinstance(text, Text)],
        "types": registry_choices.EntryPointType.values,
        "json_keys": {
            name: keys
            for module in (describe, describe_run)
            for name, keys in _keys_of_returned_dictionaries(module).items()
        },
        "registry_keys": [
            *("customers.NAME.aliases", "customers.NAME.display_name"),
            *(f"experiments.NAME.{field.name}" for field in table.EXPERIMENT_FIELDS),
            *(
                f"experiments.NAME.entry_points.TYPE.{field.name}"
                for field in table.ENTRY_POINT_FIELDS
            ),
        ],
        "mlflow_tags": sorted(set(TAG.findall(inspect.getsource(record)))),
        "run_folder": sorted(
            {name for part in (folder, supervisor) for name in _matching(part, RUN_FILE)}
        ),
    }


def _commands() -> dict[str, dict[str, Any]]:
    from django.core.management import get_commands, load_command_class

    return {
        name: _options(load_command_class(app, name).create_parser("manage.py", name))
        for name, app in sorted(get_commands().items())
        if app in APPS
    }


def _options(parser: argparse.ArgumentParser) -> dict[str, Any]:
    return {
        " ".join(action.option_strings) or action.dest: {
            "nargs": action.nargs,
            "default": repr(action.default).replace(str(ROOT), "{project}"),
            "choices": [str(choice) for choice in action.choices] if action.choices else None,
            "required": action.required,
        }
        for action in parser._actions
        if not isinstance(action, argparse._HelpAction) and action.dest not in OF_DJANGO
    }


def _constants(module: ModuleType) -> dict[str, int]:
    return {name: value for name, value in vars(module).items() if isinstance(value, int)}


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _strings(module: ModuleType) -> set[str]:
    return {
        node.value
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _matching(module: ModuleType, pattern: re.Pattern[str]) -> set[str]:
    return {text for text in _strings(module) if pattern.fullmatch(text)}


def _keys_of_returned_dictionaries(module: ModuleType) -> dict[str, list[str]]:
    """Return by function the keys of the dictionary that it returns, nested ones included."""
    found: dict[str, list[str]] = {}
    for function in ast.walk(_tree(module)):
        if isinstance(function, ast.FunctionDef):
            keys = [
                key.value
                for node in ast.walk(function)
                if isinstance(node, ast.Dict)
                for key in node.keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
            if keys:
                found[function.name] = keys
    return found


def main() -> None:
    """Print or write the names."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    text = json.dumps(public_names(), indent=1, sort_keys=True) + "\n"
    if "--write" in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
