"""The stages of experiments as rows: noted with their time, and each change with its reason."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import StageChange, StageProof
from runs_app.models.experiments import with_stage
from runs_app.stages.facts import ladder_for, with_facts
from runs_app.stages.ladder import Proof
from runs_app.stages.notes import note_changes, store_integrated, store_standard
from tests.factories import make_entry_point, make_experiment, make_run

pytestmark = pytest.mark.django_db


def confirmed() -> Experiment:
    experiment = make_experiment(completeness=100, confirmed=100)
    make_entry_point(experiment)
    return experiment


def stage_of(experiment: Experiment) -> int:
    return int(with_stage(Experiment.objects.filter(pk=experiment.pk)).get().proved_stage)  # type: ignore[attr-defined]


def changes() -> list[tuple[int, int, str]]:
    return [(row.old, row.new, str(row.why)) for row in StageChange.objects.order_by("pk")]


def test_a_run_that_succeeds_is_noted_once_with_its_reason() -> None:
    bct = confirmed()
    assert note_changes() == 1, "the first look stores where it is"
    assert changes() == []
    run = make_run(bct, RunStatus.SUCCEEDED)
    assert note_changes() == 1
    assert note_changes() == 0
    assert changes() == [(2, 3, f"Run {run.pk} succeeded.")]
    assert StageProof.objects.get(experiment=bct).proved == 3


def test_a_stage_that_is_lost_says_what_is_missing_now() -> None:
    bct = confirmed()
    make_run(bct, RunStatus.SUCCEEDED)
    note_changes()
    Experiment.objects.filter(pk=bct.pk).update(confirmed=85)
    note_changes()
    assert changes() == [(3, 1, "Metadata: 1 to confirm.")]


def test_stored_proofs_count_only_above_what_rows_prove() -> None:
    bct = confirmed()
    store_standard(bct.pk, Proof(holds=True))
    store_integrated(bct.pk, Proof(holds=True))
    assert stage_of(bct) == 2, "no run yet"
    make_run(bct, RunStatus.SUCCEEDED)
    assert stage_of(bct) == 5
    store_standard(bct.pk, Proof(holds=False))
    assert stage_of(bct) == 3


def test_rules_and_queries_agree_for_every_mixture_of_proofs() -> None:
    for number in range(16):
        bits = [bool(number & 1 << bit) for bit in range(4)]
        one = make_experiment(f"bct-{number}", completeness=100, confirmed=100 if bits[0] else 71)
        make_entry_point(one)
        if bits[1]:
            make_run(one, RunStatus.SUCCEEDED)
        store_standard(one.pk, Proof(holds=bits[2]))
        store_integrated(one.pk, Proof(holds=bits[3]))
    for row in with_facts(Experiment.objects.all()):
        assert row.proved_stage == ladder_for(row).proved, row.name  # type: ignore[attr-defined]


def test_looking_again_is_one_query_for_any_number_of_experiments(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        make_experiment(f"bct-{number}")
    note_changes()
    with django_assert_num_queries(1):
        note_changes()
