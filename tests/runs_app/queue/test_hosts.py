"""The heartbeat of a machine."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from runs_app.models import HostHeartbeat
from runs_app.queue import hosts
from tests.runs_app.conftest import Home


@pytest.mark.django_db
def test_a_launcher_that_counts_slots_makes_no_host_look_alive(home: Home) -> None:
    with transaction.atomic():
        hosts.lock_slots("gpu1")
    assert not HostHeartbeat.objects.get(host="gpu1").is_alive()
    hosts.beat("gpu1")
    assert HostHeartbeat.objects.get(host="gpu1").is_alive()


@pytest.mark.django_db
def test_the_heartbeat_says_how_scripts_are_isolated(
    home: Home, fenced: None, admin_client: Client
) -> None:
    hosts.beat("gpu-1")
    isolation = HostHeartbeat.objects.get(host="gpu-1").isolation
    assert (isolation["fence"], isolation["reason"]) == ("portal", "")
    page = admin_client.get("/admin/runs_app/hostheartbeat/").content.decode()
    assert f"fence: portal (Landlock {isolation['abi']})" in page
