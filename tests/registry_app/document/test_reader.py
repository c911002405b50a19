"""The registry file: its documented form, and every mistake at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

from registry_app.arguments.parameters import Parameter
from registry_app.changes.planning import make_plan
from registry_app.document.model import RegistryDocument, ResourcesDocument
from registry_app.document.reader import MAX_BYTES, dump, load
from registry_app.exceptions import RegistryFileError
from registry_app.models import Customer, Experiment

ROOT = Path("/roots/experiments")

WHOLE = """\
customers:
  donghwa-entec:
    display_name: 동화엔텍
experiments:
  donghwa-entec-ppe:
    path: /roots/experiments/donghwa-entec-ppe
    site:
      customer: donghwa-entec
      region: busan
      plant: plant1
      zone: welding
    task:
      type: ppe
      classes: [headgear, 안전고리]
    entry_points:
      train:
        default: train_yolov11_v2.py
        patterns: ["train*.py"]
        args_template: "--epochs {epochs}"
        parameters:
        - name: epochs
          flag: --epochs
          type: int
          default: 3
          choices: [1, 3]
          help: |-
            첫 줄
            둘째 줄
        interpreter: conda:yolo
        resources:
          gpus: 0
          gpu_memory_mib: 8000
          timeout_s: 3600
          grace_s: 0
          overlap: false
          log_limit_mib: 10
          background: true
          buffered: true
    stage: 2
    owner: 지우
    notes: |
      여러
      줄
    aliases: [ppe-1]
"""


def read(text: str) -> RegistryDocument:
    return load(text.encode(), roots=[ROOT])


def problems(text: str | bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(RegistryFileError) as caught:
        load(text if isinstance(text, bytes) else text.encode(), roots=[ROOT])
    return [(problem.line, str(problem.message)) for problem in caught.value.problems]


def one_experiment(lines: str) -> str:
    """Return a file whose given lines begin on line 4."""
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return f"experiments:\n  bct:\n    path: bct\n{body}"


def test_a_whole_file_is_written_as_it_was_read() -> None:
    assert dump(read(WHOLE)) == WHOLE


def test_every_key_is_read() -> None:
    (experiment,) = read(WHOLE).experiments
    train = experiment.entry_points["train"]
    assert experiment.site.zone == "welding"
    assert experiment.task.classes == ("headgear", "안전고리")
    assert train.parameters == (
        Parameter(
            name="epochs",
            flag="--epochs",
            type="int",
            default=3,
            choices=(1, 3),
            help="첫 줄\n둘째 줄",
        ),
    )
    assert train.resources == ResourcesDocument(
        gpus=0,
        gpu_memory_mib=8000,
        timeout_s=3600,
        grace_s=0,
        overlap=False,
        log_limit_mib=10,
        background=True,
        buffered=True,
    )
    assert (experiment.stage, experiment.owner, experiment.aliases) == (2, "지우", ("ppe-1",))
    assert experiment.notes == "여러\n줄\n"
    assert read(WHOLE).customers[0].display_name == "동화엔텍"


def test_the_lines_of_fields_are_known() -> None:
    (experiment,) = read(WHOLE).experiments
    lines = WHOLE.splitlines()
    for field, word in [
        ("site.customer", "customer:"),
        ("task.classes", "classes:"),
        ("entry_points.train.default", "default:"),
        ("entry_points.train.resources.gpus", "gpus:"),
        ("owner", "owner:"),
    ]:
        assert lines[experiment.lines[field] - 1].strip().startswith(word)


def test_the_order_of_a_file_does_not_matter() -> None:
    text = "experiments:\n  b:\n    path: b\n  a:\n    owner: x\n    path: a\n"
    assert dump(read(text)) == (
        "experiments:\n  a:\n    path: a\n    owner: x\n  b:\n    path: b\n"
    )


def test_a_path_is_kept_as_written() -> None:
    home = os.path.expanduser("~")
    text = "experiments:\n  a:\n    path: ~/experiments/a\n  b:\n    path: b+ 한글\n"
    assert dump(load(text.encode(), roots=[Path(home, "experiments")])) == text


def test_unmentioned_differs_from_empty() -> None:
    (silent,) = read(one_experiment("")).experiments
    (cleared,) = read(
        one_experiment("owner: ''\naliases: []\nsite: {zone: ''}\ntask: {classes: []}")
    ).experiments
    assert (silent.owner, silent.aliases, silent.site.zone, silent.task.classes) == (None,) * 4
    assert (cleared.owner, cleared.aliases) == ("", ())
    assert (cleared.site.zone, cleared.task.classes) == ("", ())


@pytest.mark.parametrize(
    "lines",
    ["owner:", "notes: ~", "aliases:", "stage: ~", "site: {zone: ~}", "task: {classes: ~}",
     "task:", "entry_points: {train: {default: ~}}",
     "entry_points: {train: {resources: {gpus: ~, overlap: ~}}}"],
)  # fmt: skip
def test_a_key_without_a_value_says_nothing(lines: str) -> None:
    (experiment,) = read(one_experiment(lines)).experiments
    (silent,) = read(one_experiment("")).experiments
    assert (experiment.owner, experiment.notes, experiment.aliases, experiment.stage) == (None,) * 4
    assert experiment.site == silent.site
    assert experiment.task == silent.task
    assert all(entry.default is None for entry in experiment.entry_points.values())


def test_a_customer_without_a_display_name_keeps_the_one_it_has() -> None:
    assert read("customers:\n  a: {}\n  b:\nexperiments: {}\n").customers == ()


@pytest.mark.parametrize("text", ["'1'", "'yes'", "'~'", "''''", "'a: b'", "'#x'", "'2026-01-02'"])
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    document = read(one_experiment(f"owner: {text}"))
    assert read(dump(document)) == document


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        ("ownr: x", 4, "bct has no key ownr. Did you mean owner?"),
        ("site: {custmer: x}", 4, "bct.site has no key custmer. Did you mean customer?"),
        ("site: [x]", 4, "bct.site must be a mapping"),
        ("task:\n  typ: x", 5, "Did you mean type?"),
        ("task: {classes: helmet}", 4, "must be a list, like [a, b]"),
        ("task: {type: 1}", 4, "must be a text; put it in quotes"),
        ("stage: 6", 4, "whole number from 1 to 5"),
        ("stage: two", 4, "whole number from 1 to 5"),
        ("owner: 7", 4, "must be a text"),
        ("entry_points: {trian: {}}", 4, "Did you mean train?"),
        ("entry_points: {train: {defualt: x.py}}", 4, "Did you mean default?"),
        ("entry_points:\n  train:\n    default: ../x.py", 6, "not a path inside the experiment"),
        ("entry_points:\n  train:\n    default: /bin/sh", 6, "not a path inside the experiment"),
        ('entry_points: {train: {args_template: "--a \'b"}}', 4, "open quote"),
        ('entry_points: {train: {args_template: "--a {}"}}', 4, "'{}' in the argument template"),
        ("entry_points: {train: {resources: {gpu: 1}}}", 4, "Did you mean gpus?"),
        (
            "entry_points: {train: {working_directory: ../x}}",
            4,
            "not a folder inside the experiment",
        ),
        ("entry_points: {train: {working_directory: /x}}", 4, "not a folder inside the experiment"),
        ("entry_points: {train: {environment: {LD_PRELOAD: x}}}", 4, "can start other code"),
        ("entry_points: {train: {environment: {HF_TOKEN: x1y2}}}", 4, "looks like a secret"),
        ("entry_points: {train: {environment: {A: 1}}}", 4, "must be a text; put it in quotes"),
        ("entry_points: {train: {environment: [A]}}", 4, "must be a mapping of keys"),
        ("entry_points: {train: {resources: {gpus: -1}}}", 4, "whole number from 0"),
        ("entry_points: {train: {resources: {timeout_s: 0}}}", 4, "whole number from 1"),
        ("entry_points: {train: {resources: {grace_s: 86401}}}", 4, "0 to 86400"),
        ("entry_points: {train: {resources: {overlap: 1}}}", 4, "must be true or false"),
        ("entry_points: {train: {parameters: [{nam: x}]}}", 4, "Did you mean name?"),
        ("entry_points: {train: {parameters: [{flag: x}]}}", 4, "A parameter needs a name"),
        ("entry_points: {train: {parameters: [{name: a}, {name: a}]}}", 4, "names a twice"),
        ("entry_points: {train: {parameters: [{name: a, default: {b: 1}}]}}", 4, "A default is"),
    ],
)
def test_a_mistake_is_named_with_its_line(lines: str, line: int, says: str) -> None:
    found = problems(one_experiment(lines))
    assert (line, True) in [(number, says in message) for number, message in found]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/etc/passwd", "outside every root (/roots/experiments)"),
        ("/roots/experiments", "outside every root"),
        ("/roots/experiments2/a", "outside every root"),
        ("/roots/experiments/../a", "climbs with"),
        ("../a", "climbs with"),
        (".", "names a root itself"),
        ("''", "needs the path"),
        ("'a\\0b'", "outside"),
    ],
)
def test_a_path_outside_every_root_is_refused(path: str, says: str) -> None:
    if "\\0" in path:
        path, says = '"a\\0b"', "control characters"
    found = problems(f"experiments:\n  bct:\n    path: {path}\n")
    assert found[0][0] == 3
    assert any(says in message for _line, message in found)


def test_an_experiment_needs_a_path() -> None:
    ((line, message),) = problems("experiments:\n  bct:\n    owner: x\n")
    assert line == 2
    assert "needs the path" in message


def test_a_script_that_leads_out_by_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bct").mkdir()
    (tmp_path / "bct" / "train.py").symlink_to("/bin/sh")
    text = one_experiment("entry_points: {train: {default: train.py}}")
    with pytest.raises(RegistryFileError, match="by a link"):
        load(text.encode(), roots=[tmp_path])


def test_one_directory_is_one_experiment() -> None:
    ((line, message),) = problems(
        "experiments:\n  a:\n    path: x\n  b:\n    path: /roots/experiments/x\n"
    )
    assert line == 5
    assert "b and a name the same directory" in message


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "is empty"),
        ("just words", 1, "must be a mapping"),
        ("[a]", 1, "must be a mapping"),
        ("customers: {}\n", 1, "has no key experiments"),
        ("experimants: {}\n", 1, "Did you mean experiments?"),
        ("experiments: [a]\n", 1, "must be a mapping"),
        ("experiments:\n  a: x\n", 2, "must be a mapping"),
        ("customers:\n  a: {displayname: x}\nexperiments: {}\n", 2, "Did you mean display_name?"),
        ('experiments:\n  "a\\u202eb":\n    path: a\n', 2, "printable characters"),
        (f"customers:\n  {'a' * 101}: {{}}\nexperiments: {{}}\n", 2, "at most 100 printable"),
        (f"experiments:\n  {'a' * 201}:\n    path: a\n", 2, "printable characters"),
    ],
)
def test_a_file_of_another_form_is_refused(text: str, line: int, says: str) -> None:
    found = problems(text)
    assert any(number == line and says in message for number, message in found)


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    found = problems(
        """\
experiments:
  a:
    path: /etc
    ownr: x
  b:
    path: b
    site: {customer: 1}
    entry_points:
      train: {default: ../x}
      tarin: {}
"""
    )
    assert [line for line, _message in found] == [3, 4, 7, 9, 10]


def test_an_empty_registry_is_a_registry() -> None:
    assert read("experiments: {}\n") == RegistryDocument()
    assert dump(RegistryDocument()) == "experiments: {}\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "data",
    [
        b"[",
        b"a: &a [*a]",
        b"experiments: {a: {path: /etc}}",
        b"experiments: {a: {path: a}, a: {path: b}}",
        b"\xff\xfe",
        b"x" * (MAX_BYTES + 1),
    ],
)
def test_a_refused_file_changes_nothing(data: bytes) -> None:
    with pytest.raises(RegistryFileError):
        make_plan(load(data, roots=settings.GUARDIANFLOW_ROOTS))
    assert not Experiment.objects.exists()
    assert not Customer.objects.exists()
