"""The parameters of a run: what differs from the previous one comes first."""

from __future__ import annotations

from runs_app.models import Run
from runs_app.views.page.parameters import parameters_of


def run(
    *, left: dict[str, str] | None = None, secrets: tuple[str, ...] = (), **params: object
) -> Run:
    return Run(params=params, left_to_script=left or {}, secrets=list(secrets))


def test_what_differs_from_the_previous_run_is_apart() -> None:
    found = parameters_of(run(batch=32, lr=0.01, imgsz=640), run(batch=16, lr=0.01, seed=1))
    assert [(one.name, one.now, one.before) for one in found.changed] == [
        ("batch", "32", "16"),
        ("imgsz", "640", None),
        ("seed", None, "1"),
    ]
    assert [one.name for one in found.same] == ["lr"]


def test_first_run_of_an_entry_point_only_lists_its_parameters() -> None:
    found = parameters_of(run(batch=32, data=["a.yaml", "b c.yaml"]), None)
    assert found.changed == ()
    assert [(one.name, one.now) for one in found.same] == [
        ("batch", "32"),
        ("data", "a.yaml 'b c.yaml'"),
    ]


def test_default_of_the_script_is_told_apart() -> None:
    found = parameters_of(run(batch=16, left={"batch": "--batch"}), None)
    assert found.same[0].is_left


def test_secrets_are_never_compared() -> None:
    before, now = run(token="***a", secrets=("token",)), run(token="***b", secrets=("token",))
    assert parameters_of(now, before).changed == ()


def test_long_list_is_named_by_its_first() -> None:
    found = parameters_of(run(a=1, b=2, c=3, d=4, e=5), None)
    assert found.few == "a 1, b 2, c 3, d 4 …"
