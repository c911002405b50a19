"""Why an entry point must not name an interpreter."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NOT_PRINTABLE = TEXTS.add(
    "interpreter_not_printable",
    _("The interpreter holds characters that cannot be printed. Take them out."),
)
CLIMBS = TEXTS.add(
    "interpreter_climbs",
    _(
        "The interpreter {written} climbs with “..”. Write a path inside the directory, for "
        "example .venv/bin/python, or conda:NAME."
    ),
)
NO_CONDA_NAME = TEXTS.add(
    "interpreter_no_conda_name",
    _("“{written}” names no conda environment. Write conda: and its name, for example conda:yolo."),
)
OTHER_HOME = TEXTS.add(
    "interpreter_other_home",
    _("The interpreter {written} names the home directory of another user; write the whole path."),
)
NOT_PYTHON = TEXTS.add(
    "interpreter_not_python",
    _(
        "The interpreter {written} is not named like a Python (python, python3, python3.N, pypy). "
        "Name the program that the scripts are started with, for example .venv/bin/python."
    ),
)
NO_PROGRAM = TEXTS.add(
    "interpreter_no_program",
    _(
        "The interpreter {written} names a folder without a Python in it. Write the path of the "
        "program, for example .venv/bin/python."
    ),
)
NOT_LISTED = TEXTS.add(
    "interpreter_not_listed",
    _(
        "The interpreter {written} is outside the directory. Use one inside it "
        "(.venv/bin/python), conda:NAME or portal; an administrator can list others in "
        "GUARDIANFLOW_INTERPRETERS, and users who may run scripts can set any."
    ),
)
