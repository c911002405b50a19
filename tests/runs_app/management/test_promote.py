"""`guardianflow promote`: the same decisions in a terminal, by named accounts."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from registry_app.models import Experiment
from runs_app.models import Promotion
from tests.factories import make_member
from tests.runs_app.promotion.test_request import evaluated, jiwoo, minsu, ppe, trained

__all__ = ["jiwoo", "minsu", "ppe"]
pytestmark = pytest.mark.django_db


def promote(*words: str) -> Any:
    out = io.StringIO()
    call_command("promote", "sampyo-ppe", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_promotion_is_requested_approved_and_withdrawn(
    ppe: Experiment, minsu: User, jiwoo: User
) -> None:
    run = trained(ppe)
    evaluated(run)
    [made] = promote("--reason", "Better hooks", "--by", "minsu")
    assert (made["state"], made["run"], made["requested_by"]) == ("requested", run.pk, "minsu")
    with pytest.raises(CommandError, match="does not approve it"):
        promote("--approve", "--by", "minsu")
    [made] = promote("--approve", "--by", "jiwoo")
    assert (made["state"], made["approved_by"]) == ("approved", "jiwoo")
    [made] = promote("--withdraw", "--reason", "Wrong hooks", "--by", "minsu")
    assert (made["state"], made["withdrawn_by"]) == ("withdrawing", "minsu")
    assert promote("--show") == [made]


def test_an_account_without_the_permission_is_refused(ppe: Experiment) -> None:
    make_member("PM", "sujin")
    for name in ("sujin", "nobody-known"):
        with pytest.raises(CommandError, match=f"no account {name} that promotes") as refused:
            promote("--reason", "Better", "--by", name)
        assert refused.value.returncode == 2
    assert not Promotion.objects.exists()


def test_what_is_not_there_cannot_be_decided(ppe: Experiment, minsu: User) -> None:
    for words, sentence in (
        (("--approve",), "has no promotion that waits"),
        (("--withdraw", "--reason", "x"), "has no promotion to withdraw"),
        (("--check",), "has no promotion to withdraw"),
        (("--reason", "x"), "has left a model"),
    ):
        with pytest.raises(CommandError, match=sentence):
            promote(*words, "--by", "minsu")
