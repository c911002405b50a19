"""What the home page shows to which user."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from portal.home.strips import Strip
from portal.models import UpgradeNotice
from runs_app.choices import RunStatus
from runs_app.models import HostHeartbeat
from runs_app.preflight import directory
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
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def minsu(client: Client) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


def test_a_fresh_portal_tells_the_first_steps(minsu: Client) -> None:
    text = minsu.get("/admin/", headers=ENGLISH).text
    assert "First steps" in text
    assert "No worker is alive" in text


def test_the_first_steps_are_in_korean_too(minsu: Client) -> None:
    text = minsu.get("/admin/", headers={"accept-language": "ko"}).text
    assert '<html lang="ko"' in text


def test_a_worker_is_alive_while_its_tick_comes_by(minsu: Client, settings: Settings) -> None:
    make_experiment()
    host = HostHeartbeat.objects.create(host="gpu1", boot_id="x")
    assert minsu.get("/admin/").context["worker_alive"]
    HostHeartbeat.objects.filter(pk=host.pk).update(tick_at=timezone.now() - timedelta(minutes=5))
    page = minsu.get("/admin/", headers=ENGLISH)
    assert not page.context["worker_alive"]
    assert "No worker is alive" in page.text
    assert "The disk of the portal is full" not in page.text


@pytest.mark.parametrize(
    ("wanted_mib", "free_mib", "is_full"),
    [
        pytest.param(1024, 1023, True, id="runs wait for free space"),
        pytest.param(1024, 1024, False, id="there is enough"),
        pytest.param(0, 0, True, id="runs do not wait, and there is none"),
        pytest.param(0, 1, False, id="runs do not wait, and there is some"),
    ],
)
def test_a_full_disk_is_told(
    minsu: Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    *,
    wanted_mib: int,
    free_mib: int,
    is_full: bool,
) -> None:
    settings.GUARDIANFLOW_MIN_FREE_MIB = wanted_mib
    monkeypatch.setattr(directory, "free_mib_at", lambda _folder: free_mib)
    shown = minsu.get("/admin/", headers=ENGLISH).text
    assert ("The disk of the portal is full" in shown) is is_full


def test_a_user_without_permissions_learns_whom_to_ask(client: Client) -> None:
    client.force_login(make_user("new", is_staff=True))
    make_run(make_experiment())
    page = client.get("/admin/", headers=ENGLISH)
    assert "Ask an administrator" in page.text
    assert "sampyo-gimhae-bct" not in page.text


def test_names_are_only_text(minsu: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    make_run(make_experiment(hostile), RunStatus.LOST, version=hostile)
    assert hostile not in minsu.get("/admin/").text


@pytest.mark.parametrize("strip", list(Strip))
def test_the_page_costs_the_same_queries_however_much_there_is(minsu: Client, strip: Strip) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert minsu.get(f"/admin/?as={strip}").status_code == 200
        return len(captured)

    def fill(number: int) -> None:
        experiment = make_experiment(f"sampyo-{number}")
        make_entry_point(experiment, confirmed=False)
        for status in (RunStatus.QUEUED, RunStatus.FAILED, RunStatus.SUCCEEDED):
            make_run(experiment, status, queued_by=User.objects.get(username="minsu"))
        gpus = [{"index": 0, "uuid": f"u{number}", "name": "A4000", "total_mib": 9, "free_mib": 1}]
        HostHeartbeat.objects.create(host=f"gpu{number}", boot_id="x", gpus=gpus)

    minsu.post("/admin/home/visit/")
    fill(0)
    queries()
    few = queries()
    for number in range(1, 7):
        fill(number)
    assert queries() == few <= 12


def test_pages_ask_no_other_site_for_anything(minsu: Client) -> None:
    make_experiment()
    for page in ("/admin/", "/admin/registry_app/experiment/", "/admin/login/"):
        text = minsu.get(page).text
        for asked in ('src="http', 'href="//', 'src="//', 'rel="stylesheet" href="http'):
            assert asked not in text


def test_the_language_is_switched_from_the_header(minsu: Client) -> None:
    answer = minsu.post("/i18n/setlang/", {"language": "ko", "next": "/admin/"})
    assert answer["Location"] == "/admin/"
    assert '<html lang="ko"' in minsu.get("/admin/").text


def test_groups_are_made_once_with_the_rights_of_both_apps() -> None:
    groups = {group.name: group for group in Group.objects.all()}
    assert {"Viewer", "PM", "Engineer", "Administrator"} <= set(groups)
    for name in ("Viewer", "PM", "Engineer", "Administrator"):
        codenames = groups[name].permissions.values_list("codename", flat=True)
        assert {"view_experiment", "view_run"} <= set(codenames)


def test_an_upgrade_says_once_that_guesses_wait_and_leads_there(client: Client) -> None:
    make_experiment(completeness=100, confirmed=0)
    detail = {"waiting": 2, "fell": 1, "names": ["sampyo-gimhae-bct"]}
    notice = UpgradeNotice.objects.create(kind=UpgradeNotice.GUESSES, detail=detail)
    client.force_login(make_member("PM", "jiwoo"))
    text = client.get("/admin/", headers=ENGLISH).text
    assert "1 experiment is back at stage 1 until then" in text
    close = f"/admin/notices/{notice.pk}/close/"
    assert client.get(close).status_code == 405
    assert client.post(close)["Location"] == "/admin/"
    notice.refresh_from_db()
    assert notice.closed_by == "jiwoo"
    assert "Since the upgrade" not in client.get("/admin/", headers=ENGLISH).text


def test_a_new_portal_shows_first_steps_and_no_number(minsu: Client) -> None:
    page = minsu.get("/admin/", headers=ENGLISH)
    assert page.context["is_empty"]
    assert "gfh-matrix" not in page.text
    assert "gfd-figures" not in page.text


@pytest.mark.parametrize(
    ("group", "strip"),
    [
        ("Viewer", Strip.MANAGER),
        ("PM", Strip.PM),
        ("Engineer", Strip.ENGINEER),
        ("Administrator", Strip.MANAGER),
    ],
)
def test_each_group_sees_its_strip_first_and_the_others_a_click_away(
    client: Client, group: str, strip: Strip
) -> None:
    make_experiment()
    client.force_login(make_member(group))
    context = client.get("/admin/").context
    assert context["strip"] == strip
    for other, _label in context["strips"]:
        assert client.get(f"/admin/?as={other}").context["strip"] == other
    assert client.get("/admin/?as=boss&show=nothing&open=x").context["strip"] == strip


def test_who_may_see_experiments_alone_sees_stages_alone(client: Client) -> None:
    make_run(make_experiment("sampyo-gimhae-bct"), RunStatus.FAILED)
    reader = make_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_experiment"))
    client.force_login(reader)
    text = client.get("/admin/", headers=ENGLISH).text
    assert "Migration stages" in text
    assert "Failed this week" not in text


def test_the_matrix_is_the_same_for_all_and_its_cells_lead_to_their_experiments(
    client: Client,
) -> None:
    make_experiment("sampyo-ppe-1", task_type="ppe")
    make_experiment("sampyo-ppe-2", task_type="ppe")
    make_experiment("hanil-fire", task_type="fire", zone=make_zone("hanil", "danyang"))
    make_experiment("unknown", task_type="", zone=None)
    seen = []
    for group in ("Viewer", "PM", "Engineer"):
        person = make_member(group)
        client.force_login(person)
        matrix = client.get("/admin/").context["matrix"]
        seen.append(matrix)
        cells = [cell for row in matrix.rows for cell in row.cells if cell]
        assert [rows_behind(person, cell.address) for cell in cells] == [1, 2, 1]
        assert [cell.count for cell in cells] == [1, 2, 1]
        for column in matrix.columns:
            assert rows_behind(person, column.address) == column.count
    assert seen[0] == seen[1] == seen[2]


def test_hostile_names_in_the_matrix_are_only_text(minsu: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    zone = make_zone(hostile, hostile, hostile, hostile)
    make_run(make_experiment(hostile, task_type=hostile, zone=zone), RunStatus.FAILED)
    for strip in Strip:
        assert hostile not in minsu.get(f"/admin/?as={strip}").text
