"""Every field of an experiment and of an entry point, in the order of the registry file.

A new field is a column of its model, a row here and an attribute of its document; see
`CONTRIBUTING.md`. A missing or mismatched row stops the start, with a message on what to add.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.utils.translation import gettext_lazy as _

from registry_app.models import EntryPoint, Experiment
from registry_app.schema.fields import Field, FieldKind, Section, check

_of_experiment = partial(Field, model=Experiment, is_command=False)
_place = partial(_of_experiment, kind=FieldKind.PLACE, section=Section.PLACE)
_of_entry_point = partial(Field, model=EntryPoint)
_limit = partial(_of_entry_point, kind=FieldKind.NUMBER, section=Section.LIMITS, is_command=False)

SITE_FIELDS: tuple[Field, ...] = (
    _place(name="site.customer", lookup="zone__site__customer__name", row=1, label=_("customer")),
    _place(name="site.region", lookup="zone__site__region", row=1, label=_("region")),
    _place(name="site.plant", lookup="zone__site__plant", row=2, label=_("plant")),
    _place(name="site.zone", lookup="zone__name", row=2, label=_("zone")),
)
EXPERIMENT_FIELDS: tuple[Field, ...] = (
    # Its target is part of every command, under a separate name: `confirmation.DIRECTORY`.
    _of_experiment(
        name="path", lookup="path", kind=FieldKind.DIRECTORY, section=Section.ABOUT, row=1
    ),
    *SITE_FIELDS,
    _of_experiment(
        name="task.type",
        lookup="task_type",
        kind=FieldKind.TEXT,
        section=Section.TASK,
        row=1,
        heading="task",
    ),
    _of_experiment(
        name="task.classes",
        lookup="classes",
        kind=FieldKind.WORDS,
        section=Section.TASK,
        row=2,
    ),
    _of_experiment(
        name="stage", lookup="stage_held", kind=FieldKind.NUMBER, section=Section.STAGE, row=1
    ),
    _of_experiment(
        name="stage_reason",
        lookup="stage_reason",
        kind=FieldKind.TEXT,
        section=Section.STAGE,
        row=2,
    ),
    _of_experiment(name="owner", lookup="owner", kind=FieldKind.TEXT, section=Section.ABOUT, row=2),
    _of_experiment(
        name="notes",
        lookup="notes",
        kind=FieldKind.NOTE,
        section=Section.ABOUT,
        row=4,
        max_length=20_000,
    ),
    _of_experiment(
        name="aliases", lookup="aliases", kind=FieldKind.WORDS, section=Section.ABOUT, row=3
    ),
)
# The registry file has an experiment's entry points after this section.
ENTRY_POINTS_AFTER = "task"
ENTRY_POINT_FIELDS: tuple[Field, ...] = (
    _of_entry_point(
        name="default",
        lookup="default_script",
        kind=FieldKind.SCRIPT,
        section=Section.COMMAND,
        row=1,
        is_command=True,
    ),
    _of_entry_point(
        name="patterns",
        lookup="patterns",
        kind=FieldKind.PATTERNS,
        section=Section.COMMAND,
        row=2,
        is_command=True,
    ),
    _of_entry_point(
        name="args_template",
        lookup="args_template",
        kind=FieldKind.TEMPLATE,
        section=Section.COMMAND,
        row=3,
        is_command=True,
    ),
    _of_entry_point(
        name="parameters",
        lookup="parameters",
        kind=FieldKind.PARAMETERS,
        section=Section.LIMITS,
        row=9,
        is_command=True,
    ),
    _of_entry_point(
        name="interpreter",
        lookup="interpreter",
        kind=FieldKind.INTERPRETER,
        section=Section.LIMITS,
        row=1,
        is_command=True,
    ),
    _of_entry_point(
        name="working_directory",
        lookup="working_directory",
        kind=FieldKind.FOLDER,
        section=Section.LIMITS,
        row=2,
        is_command=True,
    ),
    _of_entry_point(
        name="start",
        lookup="start",
        kind=FieldKind.START,
        section=Section.LIMITS,
        row=2,
        is_command=True,
    ),
    _of_entry_point(
        name="environment",
        lookup="environment",
        kind=FieldKind.VARIABLES,
        section=Section.LIMITS,
        row=3,
        is_command=True,
    ),
    # Read by the portal alone, which records these files: no run executes anything else for it.
    _of_entry_point(
        name="reads",
        lookup="reads",
        kind=FieldKind.PATHS,
        section=Section.LIMITS,
        row=7,
        is_command=False,
    ),
    _limit(name="resources.gpus", lookup="gpus", row=4),
    _limit(name="resources.gpu_memory_mib", lookup="gpu_memory_mib", row=4),
    _limit(name="resources.timeout_s", lookup="timeout_s", row=5),
    _limit(name="resources.grace_s", lookup="grace_s", row=5),
    _limit(name="resources.overlap", lookup="overlap", kind=FieldKind.FLAG, row=6),
    _limit(name="resources.log_limit_mib", lookup="log_limit_mib", row=5),
    _limit(name="resources.background", lookup="background", kind=FieldKind.FLAG, row=6),
    _limit(name="resources.buffered", lookup="buffered", kind=FieldKind.FLAG, row=6),
)

check(EXPERIMENT_FIELDS, Experiment, other={"name", "zone"})
check(ENTRY_POINT_FIELDS, EntryPoint, other={"experiment", "type"})


def keys_of(fields: Sequence[Field]) -> tuple[str, ...]:
    """Return the keys of a section of the registry file, in its order.

    For experiments the entry points are among them.
    """
    keys = list(dict.fromkeys(field.name.partition(".")[0] for field in fields))
    if fields is EXPERIMENT_FIELDS:
        keys.insert(keys.index(ENTRY_POINTS_AFTER) + 1, "entry_points")
    return tuple(keys)
