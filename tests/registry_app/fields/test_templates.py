"""A template that does not fit its script is refused, or reported if it comes from a file."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from registry_app.arguments.problems import syntax_problem
from registry_app.changes.answers import Answer, accept, seen_of
from registry_app.changes.planning import make_plan
from registry_app.document.reader import load
from registry_app.exceptions import RegistryError
from registry_app.fields.templates import template_problem
from registry_app.models import EntryPoint, Experiment, Proposal
from registry_app.reading import message_text
from registry_app.resources import EntryPointResource
from tests.factories import (
    make_entry_point,
    make_experiment,
    make_member,
    make_script,
    make_user,
)
from tests.registry_app.admin.test_experiments import form_of
from tests.registry_app.sheets import a_path, bring_in, problems, sheet

pytestmark = pytest.mark.django_db
SENTENCE = (
    "'{epocks}' in the argument template is not a parameter of train.py. Did you mean epochs?"
)
READ = [{"name": "epochs", "flag": "--epochs"}]


@pytest.fixture
def bct() -> Experiment:
    """Its only script takes --epochs and nothing else."""
    bct = make_experiment(path=a_path())
    make_entry_point(bct, default_script="train.py", args_template="--epochs {epochs}")
    make_script(bct, "train.py", parameters=READ, parameters_known=True)
    return bct


@pytest.mark.parametrize(
    ("fields", "expected_text"),
    [
        ({"default": "train.py", "args_template": "--epochs {epochs}"}, ""),
        ({"default": "train.py", "args_template": "--epochs {epocks}"}, SENTENCE),
        # What people wrote of its parameters counts before what the scan read.
        (
            {
                "default": "train.py",
                "args_template": "--epochs {epocks}",
                "parameters": [{"name": "epocks", "flag": "--epocks"}],
            },
            "",
        ),
        # Nobody read this script, so that nobody knows its names.
        ({"default": "unseen.py", "args_template": "--epochs {epocks}"}, ""),
        ({"default": "", "args_template": "--epochs {epocks}"}, ""),
    ],
)
def test_names_are_checked_where_the_parameters_are_known(
    bct: Experiment, fields: dict[str, Any], expected_text: str
) -> None:
    problem = template_problem(bct, fields)
    assert str(problem or "").startswith(expected_text) if expected_text else problem is None


def registry_file(template: str) -> bytes:
    return (
        f"experiments:\n  sampyo-gimhae-bct:\n    path: {a_path()}\n    entry_points:\n"
        f'      train:\n        default: train.py\n        args_template: "{template}"\n'
    ).encode()


def test_a_file_with_an_unknown_name_comes_in_with_a_warning_at_its_line(bct: Experiment) -> None:
    plan = make_plan(load(registry_file("--epochs {epocks}")))
    (warning,) = plan.warnings
    assert warning.line == 7
    text = str(warning.message)
    assert text.startswith(f"sampyo-gimhae-bct.entry_points.train.args_template: {SENTENCE}")
    assert plan.to_json()["warnings"] == [{"message": text, "line": 7}]
    assert plan.counts["update"] == 1


def test_the_command_warns_and_imports(
    bct: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "experiments.yaml"
    file.write_bytes(registry_file("--epochs {epocks}"))
    call_command("import_registry", str(file))
    assert f"{file}:7: warning: sampyo-gimhae-bct.entry_points.train" in capsys.readouterr().err
    assert EntryPoint.objects.get().args_template == "--epochs {epocks}"


def test_the_preview_shows_the_warning_before_anything_is_written(
    bct: Experiment, client: Client
) -> None:
    client.force_login(make_member("PM"))
    upload = SimpleUploadedFile("experiments.yaml", registry_file("--epochs {epocks}"))
    page = client.post(reverse("admin:registry_app_experiment_import_yaml"), {"file": upload})
    assert SENTENCE in html.unescape(page.content.decode())
    assert "Apply these changes" in page.content.decode()


def test_a_file_that_changes_nothing_is_not_held_against_what_was_wrong_before(
    bct: Experiment,
) -> None:
    EntryPoint.objects.update(args_template="--epochs {epocks}")
    plan = make_plan(load(registry_file("--epochs {epocks}")))
    assert plan.counts["unchanged"] == 1


def test_a_sheet_with_an_unknown_name_is_refused(bct: Experiment) -> None:
    data = sheet(
        ["experiment", "type", "args_template"],
        ["sampyo-gimhae-bct", "train", "'--epochs {epocks}"],
    )
    assert SENTENCE in problems(bring_in(EntryPointResource, data))
    assert EntryPoint.objects.get().args_template == "--epochs {epochs}"


def test_the_form_says_it_at_the_field(bct: Experiment, client: Client) -> None:
    client.force_login(make_member("PM", "jiwoo"))
    page = reverse("admin:registry_app_experiment_change", args=[bct.pk])
    wrong = {"entry_points-0-args_template": "--epochs {epocks}"}
    answer = client.post(page, form_of(bct) | wrong)
    (form,) = answer.context["inline_admin_formsets"][0].formset.forms
    assert [str(error).startswith(SENTENCE) for error in form.errors["args_template"]] == [True]
    assert EntryPoint.objects.get().args_template == "--epochs {epochs}"


def test_a_template_that_is_answered_to_a_proposal_is_checked(bct: Experiment) -> None:
    jiwoo: User = make_user("jiwoo")
    template, default = "entry_points.train.args_template", "entry_points.train.default"
    row = Proposal.objects.create(experiment=bct, field=template, value="--epochs {epocks}")
    with pytest.raises(RegistryError, match="Did you mean epochs"):
        accept([Answer(pk=row.pk, seen=seen_of(row, "--epochs {epochs}"))], by=jiwoo)
    # A new default is accepted alone: its template may be accepted next.
    make_script(bct, "train_v2.py", parameters=[], parameters_known=True)
    other = Proposal.objects.create(experiment=bct, field=default, value="train_v2.py")
    accept([Answer(pk=other.pk, seen=seen_of(other, "train.py"))], by=jiwoo)
    assert EntryPoint.objects.get().default_script == "train_v2.py"


def test_a_korean_reader_reads_korean() -> None:
    with translation.override("ko"):
        problem = syntax_problem("--epochs {epochs")
        assert problem is not None
        assert message_text(problem).startswith("인자 템플릿의 '{'")
