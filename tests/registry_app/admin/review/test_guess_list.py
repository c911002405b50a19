"""The page on which guesses of a first scan become facts."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, Confidence
from registry_app.fields.names import fields_of_row
from registry_app.findings.store import store
from registry_app.models import ChangeSet, DecidedGuess, Experiment, FieldProvenance
from registry_app.scan.run import scan
from tests.factories import make_member
from tests.stories.browser import Form, Page

pytestmark = pytest.mark.django_db
PAGE = "/admin/registry_app/proposal/"
GUESSES = f"{PAGE}?show=confirm"
ENGLISH = {"accept-language": "en"}
TRAIN = "if __name__ == '__main__':\n    train()\n"


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    for name in ("sampyo-gimhae-plant1-mixer-bct", "donghwa-busan-ppe"):
        make_directory(tmp_path, name)
    store(scan([tmp_path]))
    return tmp_path


def make_directory(root: Path, name: str) -> None:
    (root / name).mkdir()
    (root / name / "train.py").write_text(TRAIN)
    (root / name / "classes.txt").write_text("helmet\nvest\n")


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def look(client: Client, address: str = GUESSES) -> Page:
    answer = client.get(address, headers=ENGLISH)
    assert answer.status_code == 200
    return Page(status=200, url=address, text=answer.text, headers={})


def press(client: Client, verb: str, value: str, **typed: str) -> Any:
    """Send the form as it stands, with one button pressed and some fields filled in."""
    form: Form = look(client).form("accept")
    pairs = {name: text for name, text in form.fields if name not in typed}
    chosen = typed.pop("chosen", "")
    data = pairs | typed | {verb: value} | ({"chosen": chosen.split()} if chosen else {})
    return client.post(GUESSES, data, headers=ENGLISH, follow=True)


def sampyo() -> Experiment:
    return Experiment.objects.get(name__startswith="sampyo")


def test_the_first_scan_fills_the_inbox(root: Path, jiwoo: Client) -> None:
    page = look(jiwoo, PAGE)
    assert "To confirm or fill in 2" in page.words
    assert "sampyo-gimhae-plant1-mixer-bct" in page.words
    assert "0 % confirmed" in page.words
    home = look(jiwoo, "/admin/")
    assert "With guesses to confirm 2" in home.words, home.words
    assert "look=guesses" in home.text


def test_all_sure_values_of_the_page_are_one_change_set(root: Path, jiwoo: Client) -> None:
    page = look(jiwoo)
    output = re.search(r"Confirm all (\d+) sure values, in (\d) of these", page.words)
    assert output is not None
    done = press(jiwoo, "accept", "sure")
    assert f"{output[1]} values are confirmed" in done.text
    made = ChangeSet.objects.latest("pk")
    assert made.origin == ChangeOrigin.REVIEW
    assert made.origin_changes.count() == int(output[1])
    assert all(row.confidence == "sure" for row in made.origin_changes.all())
    shown = look(jiwoo, f"/admin/registry_app/changeset/{made.pk}/change/").words
    assert "Confirmed" in shown
    assert "Undo this change set" in shown
    history = look(jiwoo, f"/admin/registry_app/experiment/{sampyo().pk}/history/").words
    assert "Confirmed Region : gimhae" in history
    undo(made, by=make_member("PM", "sora"))
    assert sampyo().confirmed == 0


def test_one_value_one_experiment_or_the_chosen_are_confirmed(root: Path, jiwoo: Client) -> None:
    pk = sampyo().pk
    press(jiwoo, "accept", f"{pk}:task.type")
    assert sampyo().confirmed == 14
    press(jiwoo, "accept", "chosen", chosen=f"{pk}:site.region {pk}:site.customer")
    assert sampyo().confirmed == 42
    press(jiwoo, "accept", f"all-{pk}")
    assert sampyo().confirmed == sampyo().completeness == 100
    assert "sampyo" not in look(jiwoo).words
    listed = look(jiwoo, "/admin/registry_app/experiment/").words
    assert "2 Metadata complete For stage 3: A run that succeeds." in listed
    assert "1 Scanned For stage 2:" in listed


def test_what_is_missing_is_typed_on_the_same_page(root: Path, jiwoo: Client) -> None:
    donghwa = Experiment.objects.get(name="donghwa-busan-ppe")
    typed = {
        f"value-{donghwa.pk}:site.plant": "1공장",
        f"value-{donghwa.pk}:site.zone": "용접",
        f"value-{donghwa.pk}:task.classes": "helmet\nvest\nhook",
    }
    press(jiwoo, "accept", f"all-{donghwa.pk}", **typed)
    donghwa.refresh_from_db()
    values = fields_of_row(donghwa)
    assert (values["site.plant"], values["site.zone"]) == ("1공장", "용접")
    assert values["task.classes"] == ["helmet", "vest", "hook"]
    assert donghwa.confirmed == 100


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        ({"main.cpp": "int main() {}", "best.onnx": ""}, "has no script that can be started"),
        ({"convert_labels.py": "print('labels')"}, "Name a default script on its page"),
    ],
)
def test_a_default_script_is_asked_for_where_there_are_scripts(
    tmp_path: Path, settings: Any, jiwoo: Client, files: dict[str, str], advice: str
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    (tmp_path / "posco-pohang-steel-defect").mkdir()
    for name, text in files.items():
        (tmp_path / "posco-pohang-steel-defect" / name).write_text(text)
    (tmp_path / "posco-pohang-steel-defect" / "best.pt").write_bytes(b"weights")
    store(scan([tmp_path]))
    Experiment.objects.get().entry_points.all().delete()
    words = look(jiwoo).words
    said = [
        text
        for text in ("has no script that can be started", "Name a default script on its page")
        if text in words
    ]
    assert said == [advice]


def test_a_wrong_guess_is_taken_out(root: Path, jiwoo: Client) -> None:
    key = f"{sampyo().pk}:site.region"
    assert "1 value was cleared" in press(jiwoo, "reject", key).text
    assert fields_of_row(sampyo())["site.region"] == ""


def test_only_values_that_were_decided_singly_count_for_the_hit_rates(
    root: Path, jiwoo: Client
) -> None:
    pk = sampyo().pk
    press(jiwoo, "accept", f"{pk}:task.type")
    press(jiwoo, "accept", "chosen", chosen=f"{pk}:site.region {pk}:site.customer")
    press(jiwoo, "reject", f"{pk}:site.plant")
    press(jiwoo, "accept", f"all-{pk}", **{f"value-{pk}:task.classes": "helmet"})
    decided = dict(DecidedGuess.objects.values_list("field", "is_kept"))
    assert decided == {"task.type": True, "site.plant": False, "task.classes": False}


def test_a_refused_page_keeps_what_was_typed_and_writes_nothing(root: Path, jiwoo: Client) -> None:
    pk = sampyo().pk
    script = f"value-{pk}:entry_points.train.default"
    answer = press(jiwoo, "accept", f"all-{pk}", **{script: "../evil.py"})
    assert answer.status_code == 409
    assert "not a path inside" in html.unescape(answer.text)
    assert "../evil.py" in answer.text
    assert sampyo().confirmed == 0


def test_an_answer_to_an_old_page_is_refused(root: Path, jiwoo: Client) -> None:
    form = look(jiwoo).form("accept")
    key = f"{sampyo().pk}:task.type"
    Experiment.objects.update(task_type="fall")
    answer = jiwoo.post(GUESSES, dict(form.fields) | {"accept": key}, headers=ENGLISH)
    assert answer.status_code == 409
    assert "changed after you opened the page" in answer.text


def test_an_empty_choice_is_reported(root: Path, jiwoo: Client) -> None:
    assert "choose at least one value first" in press(jiwoo, "accept", "chosen").text


def test_a_viewer_sees_the_guesses_and_no_buttons(root: Path, client: Client) -> None:
    client.force_login(make_member("Viewer", "sora"))
    page = look(client)
    assert "sampyo" in page.words
    assert 'name="accept" value="sure"' not in page.text
    assert client.post(GUESSES, {"accept": "sure"}).status_code == 403


def test_filters_narrow_the_page(root: Path, jiwoo: Client) -> None:
    assert "donghwa" not in look(jiwoo, f"{GUESSES}&q=sampyo").words
    sure = look(jiwoo, f"{GUESSES}&confidence=sure").text
    assert 'placeholder="missing"' not in sure
    place = look(jiwoo, f"{GUESSES}&about=site&experiment={sampyo().pk}").words
    assert "Region" in place
    assert "Task type" not in place


def test_names_and_reasons_are_only_text(root: Path, jiwoo: Client) -> None:
    make_directory(root, "<img src=x onerror=alert(1)>-ppe")
    store(scan([root]))
    assert "<img src=x" not in look(jiwoo).text


def test_the_page_costs_the_same_queries_however_many_there_are(root: Path, jiwoo: Client) -> None:
    def queries() -> int:
        look(jiwoo)
        with CaptureQueriesContext(connection) as asked:
            look(jiwoo)
        return len(asked)

    few = queries()
    for number in range(8):
        make_directory(root, f"hanil-danyang-{number}-fire")
    store(scan([root]))
    assert queries() == few


def test_the_most_harmful_doubt_comes_first_as_in_the_review_of_a_scan(
    jiwoo: Client, root: Path
) -> None:
    doubted = Experiment.objects.get(name="sampyo-gimhae-plant1-mixer-bct")
    FieldProvenance.objects.update(confidence=Confidence.SURE)
    rows = FieldProvenance.objects.filter(experiment__name="donghwa-busan-ppe")
    rows.filter(field="site.customer").update(confidence=Confidence.UNSURE)
    rows.filter(field="task.type").update(confidence=Confidence.LIKELY)
    doubts = doubted.provenance.filter(field="entry_points.train.default")
    assert doubts.update(confidence=Confidence.LIKELY) == 1
    text = look(jiwoo).text
    default, task, customer = (
        text.index(f'value="{pk}:{name}"')
        for pk, name in (
            (doubted.pk, "entry_points.train.default"),
            (rows[0].experiment_id, "task.type"),
            (rows[0].experiment_id, "site.customer"),
        )
    )
    assert default < task < customer
