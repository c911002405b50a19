"""What is proved of an experiment, what is missing, and whose step is next."""

from __future__ import annotations

import pytest

from runs_app.stages.ladder import Facts, Proof, Role, Step, ladder_of
from runs_app.texts import stages as texts

CONFIRMED = {"has_script": True}
RAN = {**CONFIRMED, "good_run": 7}
STANDARD = {**RAN, "standard": Proof(holds=True)}
INTEGRATED = {**STANDARD, "integrated": Proof(holds=True)}


@pytest.mark.parametrize(
    ("facts", "proved", "step", "owner"),
    [
        ({"missing": 2, "guessed": 1}, 1, Step.FILL, Role.PM),
        ({"guessed": 1}, 1, Step.CONFIRM, Role.PM),
        ({}, 2, Step.NAME_SCRIPT, Role.ENGINEER),
        (CONFIRMED, 2, Step.RUN, Role.ENGINEER),
        (RAN, 3, Step.STANDARDISE, Role.ENGINEER),
        (STANDARD, 4, Step.PROMOTE, Role.ENGINEER),
        (STANDARD | {"promotion": Step.APPROVE}, 4, Step.APPROVE, Role.APPROVER),
        (INTEGRATED, 5, Step.NONE, Role.NONE),
        # A gap ends the ladder, whatever is proved above it.
        (INTEGRATED | {"guessed": 1}, 1, Step.CONFIRM, Role.PM),
        (INTEGRATED | {"good_run": None}, 2, Step.RUN, Role.ENGINEER),
    ],
)
def test_each_stage_has_one_next_step(
    facts: dict[str, object], proved: int, step: Step, owner: Role
) -> None:
    ladder = ladder_of(Facts(**facts))  # type: ignore[arg-type]
    assert (ladder.proved, ladder.step, ladder.owner) == (proved, step, owner)
    assert ladder.next is None if proved == 5 else ladder.next.stage == proved + 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("held", "effective", "is_higher", "is_lower"),
    [(None, 3, False, False), (3, 3, False, False), (5, 3, True, False), (2, 2, False, True)],
)
def test_a_held_stage_counts_as_far_as_it_is_proved(
    held: int | None, effective: int, is_higher: bool, is_lower: bool
) -> None:
    ladder = ladder_of(Facts(held=held, has_script=True, good_run=7))
    assert ladder.effective == effective
    assert (ladder.is_held_higher, ladder.is_held_lower) == (is_higher, is_lower)


def test_a_stage_says_what_proves_it_or_what_it_lacks() -> None:
    ladder = ladder_of(Facts(has_script=True, good_run=7))
    assert [str(rung.why) for rung in ladder.rungs] == [
        "A scan or a registry file names it.",
        "All metadata is known and confirmed.",
        "Run 7 succeeded.",
        str(texts.NOT_STANDARD()),
        "Stage 4 comes first.",
    ]
    assert str(ladder_of(Facts(missing=2, guessed=1)).rungs[1].why) == (
        "Metadata: 2 missing, 1 to confirm."
    )


def test_a_proof_that_was_checked_says_why_it_does_not_hold() -> None:
    why = texts.NO_RUN_SUCCEEDED()
    ladder = ladder_of(Facts(has_script=True, good_run=7, standard=Proof(why=why)))
    assert ladder.rungs[3].why == why
