"""A chain is resumed with the command that its user has read, and only if its files are there."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from registry_app.fields.confirmation import unconfirmed
from registry_app.models import EntryPoint
from runs_app.choices import SetKind, SetState
from runs_app.exceptions import RefusedError
from runs_app.executors.chosen import executor
from runs_app.lifecycle import retention
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run, RunSet
from runs_app.sets import tick
from runs_app.sets.changing import resume
from runs_app.sets.starting import Heading, start_together
from tests.factories import make_member
from tests.registry_app.forms import save_page
from tests.runs_app.conftest import Home
from tests.runs_app.sets.chains import chain_of, chained, end_run, run_of, states

pytestmark = pytest.mark.django_db

REFUSED = ["succeeded", "refused", "waiting"]
WENT_ON = ["succeeded", "queued", "waiting"]


@pytest.fixture
def changed(home: Home) -> RunSet:
    """A chain whose second step is refused: a PM changed the command while the first one ran."""
    bct = chained(home)
    chain = chain_of(bct)
    entry = EntryPoint.objects.get(experiment=bct, type="train")
    save_page(make_member("PM", "jiwoo"), entry, {"environment": "DEVICE=1"})
    return ended(chain, 1, succeeded=True)


@pytest.fixture
def failed(home: Home) -> RunSet:
    """A chain whose second step failed."""
    chain = ended(chain_of(chained(home)), 1, succeeded=True)
    return ended(chain, 2, succeeded=False)


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


def ended(chain: RunSet, number: int, *, succeeded: bool) -> RunSet:
    end_run(run_of(chain, number), succeeded=succeeded)
    tick.tick_all()
    chain.refresh_from_db()
    return chain


def digest(chain: RunSet) -> str:
    entry = EntryPoint.objects.get(experiment=chain.steps.get(number=2).experiment, type="train")
    waiting = unconfirmed(entry)
    assert waiting is not None
    return waiting.digest


def press(browser: Client, chain: RunSet, **sent: str) -> list[str]:
    """Press Resume with these fields; return the messages."""
    page = browser.post(f"/admin/runs_app/runset/{chain.pk}/resume/", sent, follow=True)
    return [f"{message.level_tag}: {message}" for message in page.context["messages"]]


def test_a_terminal_resumes_with_the_digest_of_the_changed_command(changed: RunSet) -> None:
    assert states(changed) == REFUSED
    call = ("pipeline", "run", f"--resume={changed.pk}")
    with pytest.raises(CommandError, match=f"--confirm {digest(changed)}") as refused:
        call_command(*call, stdout=StringIO(), stderr=StringIO())
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="Read it"):
        call_command(*call, "--confirm=0", "--json", stdout=(out := StringIO()), stderr=StringIO())
    shown = json.loads(out.getvalue())
    assert (shown["state"], shown["runs"][1]["state"]) == ("failed", "refused")
    assert "DEVICE=1" in shown["runs"][1]["why"]
    call_command(*call, f"--confirm={digest(changed)}", stdout=StringIO(), stderr=StringIO())
    assert states(changed) == WENT_ON


def test_the_page_shows_the_changed_command_and_resumes_once_it_is_ticked(
    changed: RunSet, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser.get(changed.get_absolute_url())
    with django_assert_max_num_queries(12):
        page = browser.get(changed.get_absolute_url())
    (group,) = page.context["groups"]
    ((key, shown),) = page.context["commands"].items()
    assert f'name="{key}-command" value="{digest(changed)}"' in page.text
    assert f'name="read" value="{group.key}"' in page.text
    (message,) = press(browser, changed, **{f"{key}-command": shown})
    assert message.startswith("error: ")
    assert "DEVICE=1" in message
    outdated = {f"{key}-command": "of another command", "read": group.key}
    assert press(browser, changed, **outdated)[0].startswith("error: ")
    assert states(changed) == REFUSED
    (message,) = press(browser, changed, **{f"{key}-command": shown, "read": group.key})
    assert message.startswith("success: ")
    assert states(changed) == WENT_ON


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("run", "--resume=1", "--from=/tmp"), "--from"),
        (("list", "--confirm=0"), "--confirm"),
        (("show", "nightly", "--not-before=+2h"), "--not-before"),
    ],
)
def test_an_option_that_does_nothing_is_refused(words: tuple[str, ...], option: str) -> None:
    with pytest.raises(CommandError, match=f"{option} does nothing with") as refused:
        call_command("pipeline", *words)
    assert refused.value.returncode == 2


def test_what_a_resumed_step_takes_is_kept(failed: RunSet, settings: Settings) -> None:
    settings.GUARDIANFLOW_KEEP_RUNS_DAYS = 30
    long_ago = {"started_at": "2020-01-01T00:00Z", "finished_at": "2020-01-01T00:01Z"}
    Run.objects.update(mlflow_state="sent", **long_ago)
    removed = [removal.run_pk for removal in retention.prune(executor().place)]
    assert removed == [run_of(failed, 2).pk]
    resume(failed, user=None)
    assert states(failed) == WENT_ON


@pytest.mark.parametrize("what", ["folder", "file", "pruned"])
def test_a_chain_whose_files_are_gone_is_not_resumed_and_says_so(
    failed: RunSet, browser: Client, what: str
) -> None:
    train = run_of(failed, 1)
    if what == "folder":
        shutil.rmtree(train.folder)
    elif what == "file":
        (train.folder / "outputs" / "best.pt").unlink()
    else:
        Run.objects.filter(pk=train.pk).update(folder_removed_at=train.finished_at)
    reason = f"what quant takes from step train (run {train.pk}) is not in the run folder"
    page = browser.get(failed.get_absolute_url()).text
    assert reason in page
    assert "Resume from the failed step" not in page
    (message,) = press(browser, failed)
    assert message.startswith(f"error: The chain cannot be resumed: {reason}")
    failed.refresh_from_db()
    step = failed.steps.get(number=2)
    assert (failed.state, step.state, step.attempt) == (SetState.FAILED, "failed", 1)


def test_only_chains_are_resumed(home: Home) -> None:
    request = RunRequest(experiment=home.experiment(), type="train")
    heading = Heading(key=uuid4(), kind=SetKind.SCENARIO)
    made, _new = start_together(heading, [request], user=None)
    end_run(run_of(made, 1), succeeded=False)
    tick.tick_all()
    made.refresh_from_db()
    with pytest.raises(RefusedError, match=r"\(scenario\) cannot be resumed: only a chain can"):
        resume(made, user=None)
