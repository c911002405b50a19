"""What pages show of secrets that are in the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from registry_app.arguments.secret_text import masked, masked_template, unmasked_parameters
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet, EntryPoint
from tests.factories import make_entry_point, make_experiment, make_member, make_script
from tests.stories.browser import Page

SECRET = "pw-Okapi-88"
PARAMETERS: list[dict[str, Any]] = [
    {"name": "password", "flag": "--password", "default": SECRET},
    {"name": "epochs"},
]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("--epochs {epochs} --password {password}", "--epochs {epochs} --password {password}"),
        ("--password x --epochs 3", "--password *** --epochs 3"),
        ("--password=x", "--password=***"),
        ("--password 'a b' c", "--password *** c"),
        ('--api-key "a b"', "--api-key ***"),
        ("db.password=x +db.apiKey=y n=3", "db.password=*** +db.apiKey=*** n=3"),
        ("--password --epochs 3", "--password --epochs 3"),
        ("--verbose --hf-token abc", "--verbose --hf-token ***"),
        ("--max-tokens 512 --n-token 5", "--max-tokens 512 --n-token 5"),
        ("", ""),
    ],
)
def test_a_literal_secret_of_a_template_is_masked(template: str, expected: str) -> None:
    assert masked_template(template) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [(True, "--hf *** --hf {hf}"), (None, "--hf x --hf {hf}"), (False, "--hf x --hf {hf}")],
)
def test_what_was_marked_at_the_entry_point_is_masked_too(
    marked: bool | None, expected: str
) -> None:
    parameters: list[dict[str, Any]] = [
        {"name": "hf_key", "flag": "--hf"},
        {"name": "password", "secret": False},
    ]
    parameters[0] |= {} if marked is None else {"secret": marked}
    assert masked_template("--hf x --hf {hf}", parameters) == expected
    assert masked_template("--password x", parameters) == "--password x"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("-pabc -p abc -p {password}", "-p*** -p *** -p {password}"),
        ("-p{password} -pa{b}", "-p{password} -p***"),
        ("-n5 --patch 3", "-n5 --patch 3"),
        ("-p=abc", "-p=***"),
    ],
)
def test_a_value_that_is_glued_to_the_short_flag_of_a_secret_is_masked(
    template: str, expected: str
) -> None:
    parameters = [{"name": "password", "flag": "-p"}, {"name": "n", "flag": "-n"}]
    assert masked_template(template, parameters) == expected


def test_a_mask_that_comes_back_means_the_stored_default() -> None:
    sent: list[dict[str, Any]] = [
        {"name": "password", "default": "***", "help": "new"},
        {"name": "b", "default": 3},
    ]
    assert unmasked_parameters(sent, PARAMETERS)[0]["default"] == SECRET
    with pytest.raises(LookupError, match="password"):
        unmasked_parameters(sent, [])


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["Viewer", "PM", "Engineer", "Administrator"])
def test_no_page_shows_a_secret_default(client: Client, group: str) -> None:
    experiment = make_experiment()
    make_script(
        experiment,
        parameters=PARAMETERS,
        args_template=f"--password {SECRET}",
        fixed_values=[{"name": "API_KEY", "value": SECRET, "source": "train.py:3"}],
    )
    with change_set(ChangeOrigin.ADMIN):
        entry = make_entry_point(experiment)
        entry.parameters = PARAMETERS
        entry.save()
    made = ChangeSet.objects.get()
    client.force_login(make_member(group))
    pages = [
        f"/admin/registry_app/experiment/{experiment.pk}/",
        f"/admin/registry_app/experiment/{experiment.pk}/change/",
        f"/admin/registry_app/experiment/{experiment.pk}/timeline/",
        f"/admin/registry_app/experiment/{experiment.pk}/history/",
        f"/admin/registry_app/changeset/{made.pk}/change/",
        f"/admin/runs_app/run/new/?type=train&experiment={experiment.pk}",
        "/admin/portal/auditentry/",
    ]
    seen = [client.get(page) for page in pages]
    assert seen[0].status_code == 200
    for page, answer in zip(pages, seen, strict=True):
        assert SECRET not in answer.content.decode(), page


@pytest.mark.django_db
def test_no_page_shows_the_literal_of_a_parameter_that_was_marked(client: Client) -> None:
    experiment = make_experiment()
    entry = make_entry_point(
        experiment, parameters=[{"name": "hf", "flag": "--hf", "secret": True}]
    )
    with change_set(ChangeOrigin.ADMIN):
        entry.args_template = f"--hf {SECRET}"
        entry.save()
    for group, page in (
        ("Viewer", f"/admin/registry_app/experiment/{experiment.pk}/"),
        ("Viewer", f"/admin/registry_app/experiment/{experiment.pk}/timeline/"),
        ("Viewer", f"/admin/registry_app/changeset/{ChangeSet.objects.get().pk}/change/"),
        ("Engineer", f"/admin/runs_app/run/new/?type=train&experiment={experiment.pk}"),
        ("Administrator", "/admin/portal/auditentry/"),
    ):
        client.force_login(make_member(group, f"{group}{len(page)}"))
        text = client.get(page).content.decode()
        assert "***" in text, page
        assert SECRET not in text, page


@pytest.mark.django_db
def test_saving_the_page_keeps_the_default_that_it_masks(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    (tmp_path / "bct").mkdir()
    experiment = make_experiment("bct", path=str(tmp_path / "bct"))
    entry = make_entry_point(experiment, default_script="", parameters=PARAMETERS)
    client.force_login(make_member("Administrator"))
    address = f"/admin/registry_app/experiment/{experiment.pk}/change/"
    answer = client.get(address)
    page = Page(status=200, url=address, text=answer.content.decode(), headers={})
    sent = dict(page.form("owner", "entry_points-0-parameters").fields)
    assert "***" in sent["entry_points-0-parameters"]

    changed = sent | {"owner": "이지우", "_save": "1"}
    assert client.post(address, changed).status_code == 302
    entry.refresh_from_db()
    assert entry.parameters == PARAMETERS
    seen = dict(
        Page(status=200, url=address, text=client.get(address).content.decode(), headers={})
        .form("owner")
        .fields
    )
    name = "entry_points-0-parameters"
    epochs = seen[name].replace('"epochs"', '"epochs", "default": 7')
    assert client.post(address, seen | {name: epochs, "_save": "1"}).status_code == 302
    entry.refresh_from_db()
    assert entry.parameters == [PARAMETERS[0], {"name": "epochs", "default": 7}]
    row = EntryPoint.history.filter(id=entry.pk).latest()
    assert row.parameters[0]["default"] == SECRET


def test_variables_are_shown_one_a_line() -> None:
    variables = {"PPE_DATA": "/nas/ppe", "EPOCHS": "3", "DB_PASSWORD": "s3cret"}
    shown = ["DB_PASSWORD=***", "EPOCHS=3", "PPE_DATA=/nas/ppe"]
    assert masked("entry_points.train.environment", variables) == shown
    assert masked("environment", {}) == []
