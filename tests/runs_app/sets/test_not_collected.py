"""A chain waits for files that could not be collected yet, and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry_app.reading import message_text
from runs_app.choices import SetState
from runs_app.models import Run, RunFile, RunSet
from runs_app.sets import tick
from tests.factories import make_member
from tests.runs_app.conftest import Home
from tests.runs_app.sets.chains import chain_of, chained, end_run, run_of, states

pytestmark = pytest.mark.django_db


def test_a_step_waits_until_the_files_before_it_are_collected(home: Home, client: Client) -> None:
    chain = chain_of(chained(home))
    train = run_of(chain, 1)
    end_run(train, succeeded=True)
    file = train.files.get()
    file.delete()
    soon = timezone.now() + timedelta(minutes=1)
    Run.objects.filter(pk=train.pk).update(collect_next_at=soon)
    for _time in range(2):
        tick.tick_all()
        assert states(chain) == ["succeeded", "waiting", "waiting"]
    chain.refresh_from_db()
    said = f"It waits for the files of run {train.pk}, which could not be collected yet."
    assert chain.stuck is not None
    assert message_text(chain.stuck).startswith(said)
    client.force_login(make_member("Engineer", "minsu"))
    assert said in client.get(chain.get_absolute_url()).text
    RunFile.objects.create(
        run=train,
        path=file.path,
        change=file.change,
        size_bytes=file.size_bytes,
        kept=file.kept,
        sha256=file.sha256,
    )
    Run.objects.filter(pk=train.pk).update(collect_next_at=None)
    tick.tick_all()
    assert states(chain) == ["succeeded", "queued", "waiting"]
    assert RunSet.objects.filter(pk=chain.pk, stuck=None, state=SetState.ACTIVE).exists()
