"""A guess that a person decides by itself is remembered as kept or corrected, until an undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from registry_app.changes.guesses import GuessAnswer, answer, origins_of_rows, seen_of
from registry_app.changes.undo import undo
from registry_app.fields.names import fields_of_row
from registry_app.fields.provenance import hand_back
from registry_app.findings.hit_rates import stored_rates
from registry_app.findings.store import store
from registry_app.models import DecidedGuess, Experiment, FieldProvenance
from registry_app.scan.run import scan
from tests.factories import make_directory, make_user

pytestmark = pytest.mark.django_db
FIT = "if __name__ == '__main__':\n    model.fit(data)\n"
SHOW = "if __name__ == '__main__':\n    print('ready')\n"
DEFAULT, TYPE = "entry_points.train.default", "entry_points.train.type"


@pytest.fixture
def minsu(tmp_path: Path, settings: Any) -> User:
    """A user beside an experiment whose training script is plain."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    files = {"train.py": FIT, "train_old.py": FIT, "report.py": SHOW, "classes.txt": "truck\n"}
    make_directory(tmp_path, "sampyo-gimhae-plant1-mixer-bct", files)
    store(scan([tmp_path]))
    return make_user("minsu")


def shown(field: str, value: Any = None, *, is_single: bool = True) -> GuessAnswer:
    row = Experiment.objects.get()
    origin = origins_of_rows([row.pk]).get((row.pk, field))
    seen = seen_of(fields_of_row(row).get(field), origin)
    return GuessAnswer(experiment=row.pk, field=field, seen=seen, value=value, is_single=is_single)


def remembered() -> dict[str, bool]:
    return dict(DecidedGuess.objects.values_list("field", "is_kept"))


def test_kept_corrected_and_cleared_guesses_are_remembered(minsu: User) -> None:
    confidence = FieldProvenance.objects.get(field="task.type").confidence
    answer([shown("task.type")], by=minsu)
    answer([shown("site.region", "busan"), shown("site.zone", "")], by=minsu)
    assert remembered() == {"task.type": True, "site.region": False, "site.zone": False}
    assert DecidedGuess.objects.get(field="task.type").confidence == confidence
    assert {str(row.by) for row in DecidedGuess.objects.all()} == {"minsu"}


def test_what_is_confirmed_together_with_others_is_not_counted(minsu: User) -> None:
    together = [shown(name, is_single=False) for name in ("task.type", "site.region")]
    answer(together, by=minsu)
    assert remembered() == {}


def test_the_same_value_typed_again_is_kept(minsu: User) -> None:
    answer([shown("task.classes", ["truck"])], by=minsu)
    assert remembered() == {"task.classes": True}


def test_a_default_script_tells_about_its_type_too(minsu: User) -> None:
    answer([shown(DEFAULT)], by=minsu)
    assert remembered() == {DEFAULT: True, TYPE: True}


@pytest.mark.parametrize(("script", "is_known"), [("train_old.py", True), ("report.py", False)])
def test_another_default_tells_whether_its_type_was_known(
    minsu: User, script: str, is_known: bool
) -> None:
    answer([shown(DEFAULT, script)], by=minsu)
    assert remembered() == {DEFAULT: False, TYPE: is_known}


def test_an_undone_answer_is_counted_no_longer(minsu: User) -> None:
    made = answer([shown(DEFAULT)], by=minsu)
    answer([shown("task.type")], by=minsu)
    undo(made, by=minsu)
    assert remembered() == {"task.type": True}


def test_a_persons_value_that_was_given_back_is_no_guess(minsu: User) -> None:
    answer([shown("task.type", "fall")], by=minsu)
    hand_back(Experiment.objects.get(), "task.type", by=minsu)
    answer([shown("task.type")], by=minsu)
    assert remembered() == {"task.type": False}


def test_the_rates_are_those_of_the_rows(minsu: User) -> None:
    answer([shown("site.region", "busan"), shown("task.type")], by=minsu)
    rates = {rate.field: (rate.kept, rate.corrected) for rate in stored_rates()}
    assert rates == {"site.region": (0, 1), "task.type": (1, 0)}
