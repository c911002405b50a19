"""The pages of scenario and pipeline files: read, started, and edited as commits."""

from __future__ import annotations

import re
import shutil
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from runs_app.models import ConfirmedFile, Run, RunSet
from runs_app.preflight import interpreter
from runs_app.sets.places import PIPELINES, SCENARIO, source_file
from tests.factories import make_member
from tests.registry_app.sync.git.remote import Remote, git
from tests.runs_app.conftest import Home
from tests.runs_app.sets.test_confirmed import NIGHTLY, bct, push, remote  # noqa: F401

pytestmark = pytest.mark.django_db

NEW = "/admin/runs_app/run/new/"
FILES = "/admin/runs_app/runset/files/"
PIPELINE = f"{FILES}?file=pipelines%2Fnightly.yaml"
RUN, SAVE = f"{FILES}run/", f"{FILES}save/"


@pytest.fixture
def minsu(client: Client) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


@pytest.fixture
def jiwoo() -> Client:
    browser = Client()
    browser.force_login(make_member("PM", "jiwoo"))
    return browser


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def form_of(page: str, *names: str) -> dict[str, str]:
    return {name: field(page, name) for name in names}


def test_a_file_shows_itself_and_its_commands_and_runs_once_it_was_read(
    remote: Remote,  # noqa: F811
    minsu: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with monkeypatch.context() as patched:
        asked: list[object] = []

        def check(*args: object, **_more: object) -> list[object]:
            asked.append(args)
            return []

        patched.setattr(interpreter, "check", check)
        with django_assert_max_num_queries(12):
            listed = minsu.get(FILES).text
        with django_assert_max_num_queries(12):
            page = minsu.get(PIPELINE).text
        assert not asked  # nothing is started by looking
    assert PIPELINE in listed
    assert "No engineer has confirmed pipelines/nightly.yaml yet." in page
    assert len(re.findall(r'<a href="[^"]*/runset/[^"]*" [^>]*class="[^"]*\bactive\b', page)) == 1
    assert "train.py --epochs 4" in page
    assert unescape(page).count("    params: {epochs: 4}") == 2  # as the difference, and the file
    sent = form_of(page, "token", "file", "digest")
    refused = minsu.post(RUN, sent)
    assert refused.status_code == 422
    assert "Nothing was queued: read the file" in refused.text
    assert not RunSet.objects.exists()
    assert not ConfirmedFile.objects.exists()
    sent["read"] = field(page, "read")
    first, again = minsu.post(RUN, sent), minsu.post(RUN, sent)
    made = RunSet.objects.get()
    assert first["Location"] == again["Location"] == made.get_absolute_url()
    assert (made.source, str(made.made_by)) == ("pipelines/nightly.yaml", "minsu")
    assert str(ConfirmedFile.objects.get().by) == "minsu"
    assert 'name="read"' not in minsu.get(PIPELINE).text


def test_what_was_changed_after_the_page_was_shown_is_not_started(
    remote: Remote,  # noqa: F811
    minsu: Client,
) -> None:
    page = minsu.get(PIPELINE).text
    sent = form_of(page, "token", "file", "digest", "read")
    push(remote, PIPELINES, NIGHTLY.replace("epochs: 4", "epochs: 900"))
    answer = minsu.post(RUN, sent)
    assert answer.status_code == 409
    assert "epochs 900" in answer.text
    assert not Run.objects.exists()


def test_refusals_are_named_and_can_be_left_out(
    remote: Remote,  # noqa: F811
    minsu: Client,
) -> None:
    good = "  - {experiment: sampyo-gimhae-bct, type: train}\n"
    push(remote, SCENARIO, f"runs:\n{good}  - {{experiment: sampyo-gone, type: train}}\n")
    page = minsu.get(f"{FILES}?file=scenario/nightly.yaml").text
    assert "There is no experiment sampyo-gone" in page
    sent = form_of(page, "token", "file", "digest", "read")
    assert minsu.post(RUN, sent).status_code == 422
    assert not Run.objects.exists()
    minsu.post(RUN, {**sent, "leave_out": "1", "not_before": "+2h"})
    assert [run.not_before is not None for run in Run.objects.all()] == [True]


def test_what_only_queueing_refuses_can_be_left_out_as_well(
    remote: Remote,  # noqa: F811
    minsu: Client,
    home: Home,
) -> None:
    home.experiment("sampyo-danyang-bct", script="import nothing_of_this_name\n")
    names = ("sampyo-gimhae-bct", "sampyo-danyang-bct")
    rows = "".join(f"  - {{experiment: {name}, type: train}}\n" for name in names)
    push(remote, SCENARIO, f"runs:\n{rows}")
    page = minsu.get(f"{FILES}?file=scenario/nightly.yaml").text
    assert 'name="leave_out"' not in page
    refused = minsu.post(RUN, form_of(page, "token", "file", "digest", "read"))
    assert refused.status_code == 422
    sent = form_of(refused.text, "token", "file", "digest", "read", "leave_out")
    minsu.post(RUN, sent)
    assert [run.experiment.name for run in Run.objects.all()] == ["sampyo-gimhae-bct"]


def test_a_new_file_with_a_name_that_is_none_is_named_again(
    remote: Remote,  # noqa: F811
    jiwoo: Client,
) -> None:
    text = "runs:\n  - {experiment: sampyo-gimhae-bct, type: train}\n"
    refused = jiwoo.post(SAVE, {"folder": SCENARIO, "name": "a b", "text": text, "save": "1"})
    assert refused.status_code == 422
    assert 'name="name" value="a b"' in refused.text
    again = {**form_of(refused.text, "seen", "folder"), "name": "a-b", "text": text, "save": "1"}
    assert jiwoo.post(SAVE, again).status_code == 302
    assert source_file(SCENARIO, "a-b").data == text.encode()


def test_a_page_needs_no_remote(
    remote: Remote,  # noqa: F811
    minsu: Client,
) -> None:
    shutil.rmtree(remote.path)
    assert "train.py --epochs 4" in minsu.get(PIPELINE).text


def test_a_pm_edits_a_file_and_an_engineer_reads_it_before_it_runs(
    remote: Remote,  # noqa: F811
    jiwoo: Client,
    minsu: Client,
) -> None:
    page = jiwoo.get(PIPELINE).text
    assert RUN not in page
    text = NIGHTLY.replace("epochs: 4", "epochs: 40")
    sent = {**form_of(page, "file", "seen"), "text": text.replace("\n", "\r\n")}
    wrong = jiwoo.post(
        SAVE, {**sent, "text": text.replace("type: train", "typ: train"), "save": "1"}
    )
    assert wrong.status_code == 422
    assert "pipelines/nightly.yaml:3" in wrong.text
    shown = jiwoo.post(SAVE, {**sent, "preview": "1"})
    assert "train.py --epochs 40" in shown.text
    assert git(remote.path, "show", "main:pipelines/nightly.yaml") + "\n" == NIGHTLY
    saved = jiwoo.post(SAVE, {**sent, "save": "1"}, follow=True)
    assert "Committed as" in saved.text
    assert git(remote.path, "show", "main:pipelines/nightly.yaml") + "\n" == text
    assert remote.log(form="%an %s")[0] == "jiwoo Change pipelines/nightly.yaml"
    assert source_file(PIPELINES, "nightly").data == text.encode()
    assert jiwoo.post(RUN, sent).status_code == 403
    assert "No engineer has confirmed" in minsu.get(PIPELINE).text


def test_what_another_user_saved_is_not_overwritten_unseen(
    remote: Remote,  # noqa: F811
    jiwoo: Client,
) -> None:
    sent = {**form_of(jiwoo.get(PIPELINE).text, "file", "seen"), "save": "1"}
    push(remote, PIPELINES, NIGHTLY.replace("epochs: 3", "epochs: 33"))
    mine = {**sent, "text": NIGHTLY.replace("epochs: 4", "epochs: 44")}
    stale = jiwoo.post(SAVE, mine)
    assert stale.status_code == 409
    assert "is not what you opened" in stale.text
    assert "<del>-     params: {epochs: 33}</del>" in stale.text
    assert "epochs: 33" in git(remote.path, "show", "main:pipelines/nightly.yaml")
    jiwoo.post(SAVE, {**mine, "seen": field(stale.text, "seen")})
    assert "epochs: 44" in git(remote.path, "show", "main:pipelines/nightly.yaml")


def test_a_branch_that_takes_no_pushes_gets_a_proposal(
    remote: Remote,  # noqa: F811
    jiwoo: Client,
) -> None:
    remote.protect()
    sent = {"folder": "scenario", "name": "weekly", "seen": "", "save": "1"}
    assert 'name="name"' in jiwoo.get(f"{FILES}?new=scenario").text
    text = "runs:\n  - {experiment: sampyo-gimhae-bct, type: train}\n"
    bad = jiwoo.post(SAVE, {**sent, "name": "../weekly", "text": text})
    assert bad.status_code == 422
    answer = jiwoo.post(SAVE, {**sent, "text": text}, follow=True)
    found = re.search(r"waits on the branch (guardianflow/scenario-[0-9a-f]{10})", answer.text)
    assert found
    assert git(remote.path, "show", f"{found[1]}:scenario/weekly.yaml") + "\n" == text
    assert "scenario/weekly.yaml" not in jiwoo.get(FILES).text  # until it is merged
    again = jiwoo.post(SAVE, {**sent, "text": text}, follow=True)
    assert found[1] in again.text  # the same edit is the same branch


def test_without_a_core_repository_the_page_says_so(
    settings: Settings, home: Home, minsu: Client, jiwoo: Client
) -> None:
    settings.GUARDIANFLOW_CORE_URL = ""
    page = minsu.get(FILES, headers={"accept-language": "ko"}).text
    assert "코어 저장소가 없습니다." in page
    assert "코어 저장소 없이도 `guardianflow scenario`" in page
    assert minsu.get(PIPELINE).status_code == 404
    assert jiwoo.post(SAVE, {"file": "registry/experiments.yaml", "text": "x"}).status_code == 404


def test_an_empty_list_of_run_sets_says_how_they_are_made(minsu: Client) -> None:
    page = minsu.get("/admin/runs_app/runset/", headers={"accept-language": "ko"}).text
    assert "여러 실험을 선택해 함께 실행" in page
    for address in ("registry_app/experiment/", "runs_app/runset/files/"):
        assert f'class="gf-button" href="/admin/{address}"' in page
