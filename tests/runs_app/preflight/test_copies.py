"""A copy that a step of a chain was given belongs to its run, and no other command names it."""

from __future__ import annotations

import pytest

from registry_app.models import Experiment
from registry_app.reading import message_text
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.prepare import prepare
from runs_app.lifecycle.submit import again
from tests.runs_app.sets.test_tick import bct, begin, carry_out, three_steps

__all__ = ["bct"]

pytestmark = pytest.mark.django_db


def test_a_step_is_not_repeated_with_the_copy_of_its_run(bct: Experiment) -> None:
    chain = begin(three_steps(bct))
    train = carry_out(chain, "train")
    quant = carry_out(chain, "quant")
    with pytest.raises(RefusedError) as refused:
        prepare(again(quant))
    said = message_text(refused.value.message)
    assert f"inputs/quant/best.pt is a copy that run {quant.pk} was given by its chain" in said
    assert prepare(again(train)).argv == tuple(train.argv)
