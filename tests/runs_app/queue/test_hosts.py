"""Where a worker listens, and its heartbeat."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from runs_app.models import HostHeartbeat
from runs_app.queue import hosts
from tests.runs_app.conftest import Home


def test_a_worker_hears_what_is_sent_to_its_socket(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    listener = hosts.listen()
    assert listener is not None
    path = hosts.notify_socket()
    with listener, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"run", str(path))
        assert listener.recv(100) == b"run"


def test_a_socket_that_a_dead_worker_left_is_no_obstacle(
    settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    for _ in range(2):
        listener = hosts.listen()
        assert listener is not None
        listener.close()


def test_a_home_with_a_long_path_listens_in_a_private_folder(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    settings.GUARDIANFLOW_HOME = tmp_path / ("a" * 120)
    path = hosts.notify_socket()
    assert path is not None
    assert len(os.fsencode(path)) <= hosts.SOCKET_PATH_LIMIT
    assert path.parent.stat().st_mode & 0o077 == 0
    path.parent.chmod(0o777)
    assert hosts.notify_socket() is None
    path.parent.rmdir()


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
