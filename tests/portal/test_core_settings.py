"""Settings of the core repository that would lead elsewhere are refused at the start."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import core_settings

URL, BRANCH = "GUARDIANFLOW_CORE_URL", "GUARDIANFLOW_CORE_BRANCH"
PATH, FILE = "GUARDIANFLOW_CORE_REGISTRY_PATH", "GUARDIANFLOW_CORE_CREDENTIALS_FILE"

PROXY, CA = "GUARDIANFLOW_CORE_PROXY", "GUARDIANFLOW_CORE_CA_FILE"


def test_nothing_is_set_by_default() -> None:
    assert core_settings.url({}) == ""
    assert core_settings.branch({}) == "main"
    assert core_settings.registry_path({}) == "registry/experiments.yaml"
    assert core_settings.credentials_file({}) == ""


@pytest.mark.parametrize(
    "url",
    [
        *("https://git.example.com/a/core.git", "ssh://git@git.example.com/core.git"),
        *("git@git.example.com:a/core.git", "/srv/git/core.git", "file:///srv/git/core.git"),
    ],
)
def test_addresses_of_repositories_are_taken(url: str) -> None:
    assert core_settings.url({URL: url}) == url


@pytest.mark.parametrize(
    "url", ["--upload-pack=x", "ext::sh -c id", "core.git", "http://example.com/core.git", "a b"]
)
def test_other_addresses_are_refused_with_the_forms_that_work(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"https://HOST/PATH\.git"):
        core_settings.url({URL: url})


@pytest.mark.parametrize("branch", ["-f", "a b", "a..b", "main:other", "+main", "x.lock", "/a"])
def test_what_is_no_branch_is_refused(branch: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="name of a branch"):
        core_settings.branch({BRANCH: branch})


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../b", ".git/config", "a//b", "a\tb"])
def test_paths_that_lead_out_are_refused(path: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="a path in the repository"):
        core_settings.registry_path({PATH: path})


def test_the_file_of_credentials_has_an_absolute_path() -> None:
    assert core_settings.credentials_file({FILE: "/etc/gf/key"}) == "/etc/gf/key"
    with pytest.raises(ImproperlyConfigured, match="absolute path"):
        core_settings.credentials_file({FILE: "key"})


def test_a_proxy_and_certificates_are_named_by_settings() -> None:
    assert core_settings.proxy({}) == core_settings.ca_file({}) == ""
    assert core_settings.proxy({PROXY: "http://proxy:3128"}) == "http://proxy:3128"
    assert core_settings.ca_file({CA: "/etc/ssl/own.pem"}) == "/etc/ssl/own.pem"
    with pytest.raises(ImproperlyConfigured, match="http://HOST:PORT"):
        core_settings.proxy({PROXY: "proxy:3128"})
    with pytest.raises(ImproperlyConfigured, match="GUARDIANFLOW_CORE_CA_FILE"):
        core_settings.ca_file({CA: "own.pem"})
