"""Each number of the home page is a link to exactly the rows that it counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from portal.home.strips import Strip
from portal.models import Visit
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.models import Experiment, Proposal
from runs_app.choices import RunStatus
from runs_app.models import GpuLease, HostHeartbeat
from tests.factories import (
    make_entry_point,
    make_experiment,
    make_member,
    make_run,
    make_user,
    make_zone,
)
from tests.lists import rows_behind

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def boss(client: Client) -> Client:
    user = make_member("Administrator", "boss")
    client.force_login(user)
    yesterday = NOW() - timedelta(days=1)
    Visit.objects.create(user=user, at=yesterday)
    return client


@pytest.fixture
def busy_portal(boss: Client) -> None:
    """Something of everything that a strip counts, each a different number of times."""
    old = NOW() - timedelta(days=40)
    stages = [(100, 100), (100, 100), (100, 50), (70, 70), (70, 20)]
    every = [
        make_experiment(f"sampyo-{number}", completeness=known, confirmed=confirmed)
        for number, (known, confirmed) in enumerate(stages)
    ]
    every.append(make_experiment("hanil", task_type="fire", zone=make_zone("hanil", "danyang")))
    Experiment.objects.filter(name__in=["sampyo-3", "hanil"]).update(created_at=old)
    make_entry_point(every[0], confirmed=False)
    make_entry_point(every[1])
    causes = ["cuda_out_of_memory", "cuda_out_of_memory", "nan", ""]
    for number, code in enumerate(causes):
        cause = {"code": code, "values": {"name": "loss", "epoch": 3}, "line": ""} if code else {}
        make_run(every[0], RunStatus.FAILED, cause=cause, version=str(number))
    ended = NOW() - timedelta(days=9)
    make_run(every[1], RunStatus.TIMED_OUT, started_at=ended, finished_at=ended)
    make_run(every[2], RunStatus.SUCCEEDED)
    make_run(every[3], RunStatus.SUCCEEDED, queued_at=old, started_at=old, finished_at=old)
    make_run(every[4], RunStatus.RUNNING)
    for item in every[:3]:
        make_run(item, RunStatus.QUEUED)
    for field in ("notes", "owner"):
        Proposal.objects.create(experiment=every[0], field=field, value="x")
    with change_set(ChangeOrigin.SCAN):
        every[0].owner = "Doyun"
        every[0].save()
    with change_set(ChangeOrigin.ADMIN, by=make_user("jiwoo")):
        every[1].owner = "Doyun"
        every[1].save()


def links_of(context: Any) -> Iterable[tuple[str, int, str]]:
    for figure in context["figures"]:
        yield figure.label, figure.count, figure.address
        for link in figure.more:
            if link.count is not None:
                yield f"{figure.label}: {link.text}", link.count, link.address
    for item in context.get("waits", ()):
        yield item.what, item.count, item.address
    for stage in context["stages"]:
        yield stage.text, stage.count, stage.address
    for view in context["matrix"].views:
        yield view.label, view.count, f"?{view.query}"


def shown(boss: Client, address: str) -> int:
    """How many rows, or cells of the matrix, a link of the home page shows."""
    if not address.startswith("?"):
        return rows_behind(User.objects.get(username="boss"), address)
    matrix = boss.get(f"/admin/{address}").context["matrix"]
    return sum(cell is not None for row in matrix.rows for cell in row.cells)


@pytest.mark.usefixtures("busy_portal")
@pytest.mark.parametrize("strip", [Strip.MANAGER, Strip.PM])
def test_no_number_without_a_link_to_exactly_its_rows(boss: Client, strip: Strip) -> None:
    context = boss.get(f"/admin/?as={strip}", headers={"accept-language": "en"}).context
    found = list(links_of(context))
    counts = {label: count for label, count, _address in found}
    behind = {label: shown(boss, address) for label, _count, address in found}
    assert behind == counts
    if strip is Strip.MANAGER:
        assert counts["Failed this week"] == 4
        assert counts["Failed this week: GPU memory"] == 2
        assert counts["Failed this week: the week before"] == 1
        assert counts["No run for 30 days"] == 2
        assert counts["1 experiment has changed commands to read"] == 1
        assert counts["3 runs to start"] == 3
        page = boss.get(f"/admin/?as={strip}", headers={"accept-language": "ko"})
        assert "실험 2개에 확인할 추정이 있음" in page.text
        assert "실험 3개에 채울 값이 있음" in page.text
    else:
        assert counts["With guesses to confirm"] == 2
        assert counts["With missing values"] == 3
        assert counts["Open proposals"] == 2
        since = next(label for label in counts if label.startswith("Changed by others since"))
        assert counts[since] == 2
        assert counts[f"{since}: new experiments"] == 4
        assert counts[f"{since}: runs ended"] == 5


def test_an_engineer_sees_own_runs_with_their_cause_the_queue_and_who_holds_each_gpu(
    client: Client,
) -> None:
    minsu, doyun = make_member("Engineer", "minsu"), make_user("doyun")
    bct = make_experiment()
    nan = {"code": "nan_values", "values": {}, "line": ""}
    failed = make_run(bct, RunStatus.FAILED, queued_by=minsu, cause=nan)
    running = make_run(bct, RunStatus.RUNNING, queued_by=doyun)
    first = make_run(make_experiment("ppe"), RunStatus.QUEUED, queued_by=doyun)
    second = make_run(bct, RunStatus.QUEUED, queued_by=minsu)
    gpu = {"name": "A4000", "total_mib": 16_000, "free_mib": 4_000}
    gpus = [{"index": 0, "uuid": "u0", **gpu}, {"index": 1, "uuid": "u1", **gpu}]
    HostHeartbeat.objects.create(host="gpu1", boot_id="x", gpus=gpus)
    GpuLease.objects.create(run=running, host="gpu1", device="u1", index=1)
    client.force_login(minsu)
    context = client.get("/admin/", headers={"accept-language": "en"}).context
    assert [(item.run.pk, item.text) for item in context["mine"]] == [
        (second.pk, "Queued"),
        (failed.pk, "Values became NaN."),
    ]
    waiting = [
        (item.place, item.run.pk, item.run.queued_by__username) for item in context["waiting"]
    ]
    assert waiting == [(1, first.pk, "doyun"), (2, second.pk, "minsu")]
    gpus_shown = [(gpu.name, gpu.used_mib, gpu.run) for gpu in context["machines"][0].gpus]
    assert gpus_shown == [("gpu1:0", 12_000, None), ("gpu1:1", 12_000, running)]
