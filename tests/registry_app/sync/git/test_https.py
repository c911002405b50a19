"""A remote over https: a token, certificates of a company, and a proxy, from the settings alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from registry_app.models import Experiment
from registry_app.sync.errors import SyncError
from registry_app.sync.run import sync
from tests.registry_app.sync.git.https_server import Service, served
from tests.registry_app.sync.git.remote import Remote, make_remote

pytestmark = [pytest.mark.django_db, pytest.mark.proof]

TEXT = "experiments:\n  bct:\n    path: bct\n    owner: jiwoo\n"


@pytest.fixture
def remote(settings: Settings, tmp_path: Path) -> Remote:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    made = make_remote(tmp_path / "git")
    made.commit(TEXT)
    made.push()
    return made


@pytest.fixture
def service(remote: Remote, settings: Settings, tmp_path: Path) -> Iterator[Service]:
    token = tmp_path / "token"
    token.write_text("portal:s3cret\n", encoding="utf-8")
    token.chmod(0o600)
    with served(remote.path, tmp_path) as running:
        settings.GUARDIANFLOW_CORE_URL = running.url
        settings.GUARDIANFLOW_CORE_CREDENTIALS_FILE = str(token)
        settings.GUARDIANFLOW_CORE_CA_FILE = str(running.certificate)
        yield running


def edit_and_sync(remote: Remote) -> None:
    sync()
    Experiment.objects.update(owner="sujin")
    sync()
    assert "owner: sujin" in remote.text()


def test_a_sync_sends_its_token_to_a_server_with_a_certificate_of_the_company(
    remote: Remote, service: Service
) -> None:
    edit_and_sync(remote)
    expected = "Basic " + base64.b64encode(b"portal:s3cret").decode()
    assert set(service.authorizations) == {expected}
    assert service.tunnels == []


def test_a_server_of_an_unknown_certificate_is_sent_nothing(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    settings.GUARDIANFLOW_CORE_CA_FILE = ""
    with pytest.raises(SyncError, match="certificate"):
        sync()
    assert service.authorizations == []


def test_the_proxy_of_the_settings_is_used_and_no_other(
    remote: Remote, service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    settings.GUARDIANFLOW_CORE_PROXY = service.proxy
    edit_and_sync(remote)
    assert set(service.tunnels) == {service.url.split("/")[2]}
