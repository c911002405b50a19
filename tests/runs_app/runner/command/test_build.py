"""From a template, parameters and what was asked for to the exact words of a command line."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.build import BuiltCommand, build_command, cleared, parse_assignments
from runs_app.runner.exceptions import (
    CommandError,
    MissingParameterError,
    ParameterValueError,
    TemplateError,
    UnknownParameterError,
)


def fixed(parameter: Parameter, default: Any = None) -> Parameter:
    """The parameter as an entry point of its own says it: its default is passed."""
    default = parameter.default if default is None else default
    return replace(parameter, default=default, fixed=True)


def positional(name: str, **facts: Any) -> Parameter:
    return Parameter(name=name, positional=True, **facts)


def switch(action: str, flag: str, name: str, default: Any = None) -> Parameter:
    return Parameter(name=name, flag=flag, action=action, default=default)


EPOCHS = Parameter(name="epochs", flag="--epochs", type="int", default=3)
BATCH = Parameter(name="batch_size", flag="--batch", type="int")
WEIGHTS = Parameter(name="weights", flag="--weights", default_expr="ROOT / 'weights'")
NAME = Parameter(name="name", flag="--name")
DATA = Parameter(name="data", flag="--data", required=True)
CLASSES = Parameter(name="classes", flag="--classes", nargs="+")
AMP = Parameter(name="amp", flag="--amp", action="store_true", default=False)
SOURCE = Parameter(name="source", positional=True, required=True)
TARGET = Parameter(name="target", positional=True, required=True)

HOSTILE = [
    "a b",
    "it's",
    'say "no"',
    "$(touch pwned)",
    "`id`; rm -rf ~ && echo | cat > x",
    "first\nsecond",
    "tab\there",
    "*.png",
    "\\",
    "{epochs}",
    "한글 값",
    "",
    " ",
    "-",
    "-x",
    "--epochs=9",
    "-1.5",
    "\x1b[31m",
]


def command(
    template: str = "",
    *parameters: Parameter,
    known: bool = True,
    extra: tuple[str, ...] = (),
    **values: Any,
) -> BuiltCommand:
    return build_command(
        launcher=("python", "train.py"),
        template=template,
        parameters=parameters,
        parameters_known=known,
        values=values,
        extra_args=extra,
    )


def words(*args: Any, **values: Any) -> list[str]:
    """The words behind the script."""
    built = command(*args, **values)
    assert built.argv[:2] == ("python", "train.py")
    return list(built.argv[2:])


def of(name: str, value: Any) -> dict[str, Any]:
    """One value under a name that need not be one of Python's."""
    return {name: value}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", []),
        ("--a   b", ["--a", "b"]),
        ("--name 'two words'", ["--name", "two words"]),
        ('--name "two \\" words"', ["--name", 'two " words']),
        ("--name two\\ words", ["--name", "two words"]),
        ("--name=''", ["--name="]),
        ("--a '$(id)' '*' ~ $HOME # not a comment", "--a $(id) * ~ $HOME # not a comment".split()),
        ("--a\n--b", ["--a", "--b"]),
    ],
)
def test_template_is_split_once_by_posix_rules_and_no_shell_sees_it(
    template: str, expected: list[str]
) -> None:
    assert words(template) == expected


@pytest.mark.parametrize("value", HOSTILE)
def test_value_arrives_as_it_is_in_any_script(tmp_path: Path, value: str) -> None:
    script = tmp_path / "show.py"
    script.write_text(
        "import argparse, json\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--name'); parser.add_argument('-s'); parser.add_argument('--own')\n"
        "parser.add_argument('source')\n"
        "print(json.dumps(vars(parser.parse_args())))\n",
        encoding="utf-8",
    )
    built = build_command(
        launcher=(sys.executable, str(script)),
        template="--name {name}",
        parameters=[NAME, Parameter(name="s", flag="-s"), SOURCE],
        parameters_known=True,
        values={"name": value, "s": value, "source": value},
        extra_args=[f"--own={value}"],
    )
    done = subprocess.run(built.argv, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout).values()) == {value}
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("template", "parameters", "values", "expected"),
    [
        ("--epochs {epochs}", [EPOCHS], {}, []),
        ("--epochs {epochs}", [EPOCHS], {"epochs": 9}, ["--epochs", "9"]),
        ("--epochs={epochs}", [EPOCHS], {}, []),
        ("--epochs={epochs}", [EPOCHS], {"epochs": 9}, ["--epochs=9"]),
        ("--tag e{epochs}b{batch_size}", [EPOCHS, BATCH], {}, []),
        ("--tag e{epochs}b{batch_size}", [EPOCHS, BATCH], {"batch_size": 8, "epochs": 3},
         ["--tag", "e3b8"]),
        ("--tag e{epochs}b{batch_size}", [EPOCHS, BATCH], {"batch_size": 8}, ["--batch", "8"]),
        ("--json '{{\"e\": {epochs}}}'", [EPOCHS], {"epochs": 3}, ["--json", '{"e": 3}']),
        ("--epochs {epochs}", [EPOCHS], {"epochs": "9"}, ["--epochs", "9"]),
        ("--epochs {epochs}", [], {}, []),
        ("--batch {batch-size}", [BATCH], {"batch_size": 4}, ["--batch", "4"]),
        ("--batch {batch}", [BATCH], {"batch": 4}, ["--batch", "4"]),
        ("--batch {batch_size}", [BATCH], {"batch-size": "4"}, ["--batch", "4"]),
        ("--weights {model_weights}", [WEIGHTS], {"model-weights": "w"}, ["--weights", "w"]),
    ],
)  # fmt: skip
def test_a_placeholder_gives_the_flag_and_only_what_was_given_the_value(
    template: str, parameters: list[Parameter], values: dict[str, Any], expected: list[str]
) -> None:
    assert words(template, *parameters, **values) == expected


def test_computed_default_is_never_passed() -> None:
    template = "--weights {weights} --epochs {epochs}"
    assert words(template, WEIGHTS, EPOCHS) == []
    both = Parameter(name="weights", flag="--weights", default="a.pt", default_expr="ROOT / 'a.pt'")
    assert words(template, fixed(both), EPOCHS) == []
    assert words(template, WEIGHTS, EPOCHS, weights="b.pt")[:2] == ["--weights", "b.pt"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("--a --batch {batch_size} --b", ["--a", "--b"]),
        ("--verbose --batch={batch_size}", ["--verbose"]),
        ("--amp {batch_size}", ["--amp"]),  # a switch takes no value
        ("--size=3 {batch_size}", ["--size=3"]),
        ("word {batch_size}", ["word"]),
        ("-- {batch_size}", ["--"]),
        ("-b {batch_size}", []),
        ("--epochs {epochs} --batch {batch_size}", []),
        ("--range {epochs}-{batch_size}", []),
    ],
)
def test_word_without_a_value_is_dropped_with_the_option_that_takes_it(
    template: str, expected: list[str]
) -> None:
    assert words(template, EPOCHS, BATCH, AMP) == expected


@pytest.mark.parametrize("template", ["", "--data {data}", "--data={data}", "{data}"])
def test_missing_required_parameter_is_refused_by_its_name(template: str) -> None:
    with pytest.raises(MissingParameterError, match="--param data=VALUE") as refused:
        command(template, DATA, EPOCHS)
    assert refused.value.name == "data"


def test_required_parameter_may_stand_behind_the_dashes() -> None:
    assert words("--data {data}", DATA, extra=("--data=x.yaml",)) == ["--data=x.yaml"]
    assert words("", SOURCE, extra=("pictures",)) == ["pictures"]


@pytest.mark.parametrize(
    ("parameter", "given", "expected"),
    [
        (AMP, None, []),
        (AMP, True, ["--amp"]),
        (AMP, "yes", ["--amp"]),
        (AMP, False, []),
        (AMP, "0", []),
        (switch("store_true", "--amp", "amp", True), None, []),
        (fixed(switch("store_true", "--amp", "amp", True)), None, ["--amp"]),
        (fixed(switch("store_true", "--amp", "amp", True)), False, []),
        (switch("store_false", "--no-amp", "amp", True), None, []),
        (switch("store_false", "--no-amp", "amp", True), False, ["--no-amp"]),
        (switch("store_false", "--no-amp", "amp", True), True, []),
        (switch("store_false", "--no-amp", "no_amp", True), True, ["--no-amp"]),
        (switch("store_false", "--no-amp", "no_amp", True), False, []),
        (switch("boolean_optional", "--amp", "amp", True), None, []),
        (fixed(switch("boolean_optional", "--amp", "amp", True)), None, ["--amp"]),
        (fixed(switch("boolean_optional", "--amp", "amp", False)), None, ["--no-amp"]),
        (fixed(switch("store_false", "--no-amp", "amp", False)), None, ["--no-amp"]),
        (switch("boolean_optional", "--amp", "amp"), None, []),
        (switch("boolean_optional", "--amp", "amp", True), False, ["--no-amp"]),
        (switch("boolean_optional", "--amp", "amp"), "true", ["--amp"]),
        (switch("store_const", "--half", "half", 1), None, []),
        (switch("store_const", "--half", "half", 1), True, ["--half"]),
        (switch("append_const", "--half", "half", ["fp32"]), True, ["--half"]),
        (switch("count", "-v", "verbose", 0), 2, ["-v", "-v"]),
        (switch("count", "-v", "verbose", 2), None, []),
        (switch("count", "-v", "verbose", 1), "3", ["-v", "-v"]),
    ],
)
def test_switch_is_passed_alone_or_not_at_all(
    parameter: Parameter, given: Any, expected: list[str]
) -> None:
    values = {} if given is None else {parameter.name: given}
    own = f"{{{parameter.name}}}"
    for template in (f"{parameter.flag} {own}", own):
        assert words(template, parameter, **values) == expected
    if given is not None:
        assert words("", parameter, **values) == expected


@pytest.mark.parametrize("value", ["perhaps", "", "2", ["true", "true"]])
def test_switch_takes_nothing_but_true_and_false(value: Any) -> None:
    with pytest.raises(ParameterValueError, match="amp is a switch"):
        command("", AMP, amp=value)


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (CLASSES, ["hard hat", "vest"], ["--classes", "hard hat", "vest"]),
        (CLASSES, "hard hat", ["--classes", "hard hat"]),
        (Parameter(name="size", flag="--size", nargs=2, type="int"), [640, "480"],
         ["--size", "640", "480"]),
        (Parameter(name="tag", flag="--tag", action="append", default=["x"]), ["a", "b"],
         ["--tag", "a", "--tag", "b"]),
        (Parameter(name="tag", flag="--tag", action="append", default=["x"]), None, []),
        (Parameter(name="at", flag="--at", nargs="?"), "x", ["--at", "x"]),
    ],
)  # fmt: skip
def test_several_values_are_each_a_word_of_their_own(
    parameter: Parameter, value: Any, expected: list[str]
) -> None:
    values = {} if value is None else {parameter.name: value}
    assert words(f"{parameter.flag} {{{parameter.name}}}", parameter, **values) == expected
    assert words("", parameter, **values) == expected


def test_wrong_number_of_values_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="takes 1 value, not 2"):
        command("", EPOCHS, epochs=["1", "2"])
    with pytest.raises(ParameterValueError, match="takes 2 values, not 1"):
        command("", Parameter(name="size", flag="--size", nargs=2), size="640")
    with pytest.raises(ParameterValueError, match="one value here"):
        command("--classes={classes}", CLASSES, classes=["a", "b"])


@pytest.mark.parametrize(
    ("template", "values", "extra", "expected"),
    [
        ("", {"source": "in", "target": "out"}, (), ["in", "out"]),
        ("", {"target": "out", "source": "in"}, (), ["in", "out"]),
        ("{target} {source} --epochs {epochs}", {"source": "in", "target": "out"}, (),
         ["in", "out"]),
        ("", {"source": "in", "target": "out", "epochs": 4}, (), ["--epochs", "4", "in", "out"]),
        ("", {"source": "-in", "target": "out"}, (), ["--", "-in", "out"]),
        ("", {"source": "in", "target": "out", "classes": ["a", "b"]}, (),
         ["--classes", "a", "b", "--", "in", "out"]),
        ("", {"source": "in", "target": "out"}, ("--x", "1"), ["in", "out", "--x", "1"]),
        ("", {"source": "-in", "target": "out"}, ("--x", "1"), ["--x", "1", "--", "-in", "out"]),
    ],
)  # fmt: skip
def test_positional_parameters_go_last_in_their_order(
    template: str, values: dict[str, str], extra: tuple[str, ...], expected: list[str]
) -> None:
    parameters = [SOURCE, EPOCHS, TARGET, CLASSES]
    assert words(template, *parameters, extra=extra, **values) == expected


@pytest.mark.parametrize(
    ("values", "missing"),
    [({}, "source"), ({"target": "out"}, "source"), ({"source": 1}, "target")],
)
def test_missing_positional_parameter_is_refused(values: dict[str, Any], missing: str) -> None:
    with pytest.raises(MissingParameterError) as refused:
        command("", SOURCE, TARGET, **values)
    assert refused.value.name == missing


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (positional("source", nargs="?", default="data"), ["data", "out"]),
        (positional("source", nargs="*"), ["out"]),
        (fixed(positional("source", default="a", required=True)), ["a", "out"]),
    ],
)
def test_place_before_a_given_one_is_filled_or_left_to_the_script(
    first: Parameter, expected: list[str]
) -> None:
    assert words("", first, TARGET, target="out") == expected


def test_place_that_cannot_be_filled_is_refused() -> None:
    first = positional("source", nargs="?", default_expr="ROOT")
    with pytest.raises(MissingParameterError, match="source as well"):
        command("", first, positional("target", nargs="?"), target="out")


def test_optional_positional_is_left_to_the_script_unless_the_template_names_it() -> None:
    parameter = positional("source", nargs="?", default="data")
    assert words("", parameter) == []
    assert words("{source}", parameter) == []
    assert words("{source}", fixed(parameter)) == ["data"]


def test_positional_inside_a_longer_word_is_not_passed_twice() -> None:
    assert words("in={source}", SOURCE, source="a") == ["in=a"]


def test_given_parameter_outside_the_template_is_passed_by_its_flag() -> None:
    assert words("--epochs {epochs}", EPOCHS, BATCH, batch_size=4) == [
        *("--batch", "4"),
    ]
    for name in ("batch_size", "batch-size", "--batch", "batch"):
        assert words("", BATCH, **of(name, 4)) == ["--batch", "4"]


def test_parameter_that_is_given_under_two_names_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="given twice"):
        command("", BATCH, **of("batch_size", 4), **of("--batch", 5))


@pytest.mark.parametrize(
    ("name", "hint"),
    [("epoch", "did you mean epochs"), ("batchsize", "batch_size"), ("zzz", "it takes epochs,")],
)
def test_unknown_name_is_refused_with_the_nearest_ones(name: str, hint: str) -> None:
    with pytest.raises(UnknownParameterError, match=hint):
        command("--epochs {epochs}", EPOCHS, BATCH, **of(name, 1))


def test_unread_script_gets_unknown_names_with_a_warning() -> None:
    built = command("", known=False, lr="0.1", tags=["a b", "c"], frozen=None)
    assert built.argv[2:] == ("--lr", "0.1", "--tags", "a b", "c")
    assert "lr is passed as --lr, unchecked" in str(built.warnings[0])
    assert built.params == {"lr": "0.1", "tags": ["a b", "c"]}


@pytest.mark.parametrize("name", ["a b", "x;y", "", "--", "=", "a\nb"])
def test_unread_script_gets_no_name_that_cannot_be_one(name: str) -> None:
    with pytest.raises(UnknownParameterError):
        command("", known=False, **of(name, "1"))


@pytest.mark.parametrize(
    ("known", "passed"),
    [
        (Parameter(name="lr", flag="--lr="), ["--x.y=1", "--x.y=-2"]),
        (Parameter(name="lr", flag="lr="), ["x.y=[1,-2]"]),
    ],
)
def test_an_unread_name_is_written_like_those_that_are_known(
    known: Parameter, passed: list[str]
) -> None:
    assert words("", known, known=False, **of("x.y", ["1", "-2"])) == passed


JOINED = [
    Parameter(name="lr", flag="--lr=", type="float", default=0.1),
    Parameter(name="amp", flag="--amp=", type="bool", default=True),
    Parameter(name="gpu", flag="--gpu=", type="int", action="append"),
    Parameter(name="data", flag="--data=", required=True),
]


def test_an_option_may_be_one_word_with_its_value() -> None:
    template = "--lr={lr} --data={data}"
    given = {"data": "-q", "amp": "no", "gpu": ["0", "1"], "lr": 0.1}
    passed = ["--lr=0.1", "--data=-q", "--amp=False", "--gpu=0", "--gpu=1"]
    assert words(template, *JOINED, **given) == passed
    assert words("", *JOINED, extra=("--data=x",)) == ["--data=x"]
    with pytest.raises(MissingParameterError):
        words("", *JOINED)


def test_a_required_parameter_is_asked_for_although_it_has_a_default() -> None:
    batch = Parameter(name="batch", flag="batch=", default=4, required=True)
    with pytest.raises(MissingParameterError, match="The script needs batch"):
        words("batch={batch}", batch)
    assert words("batch={batch}", fixed(batch)) == ["batch=4"]


def test_further_arguments_are_appended_as_they_are() -> None:
    extra = ("--epochs", "9", "", "a b", "--", "{epochs}", "line\nline")
    assert words("--epochs {epochs}", EPOCHS, extra=extra) == list(extra)


def test_params_hold_what_the_script_will_understand() -> None:
    parameters = [EPOCHS, CLASSES, AMP, SOURCE, WEIGHTS]
    built = command(
        "--epochs {epochs}", *parameters, classes=["a"], amp="yes", source="in", extra=("--x",)
    )
    assert built.params == {"epochs": 3, "classes": ["a"], "amp": True, "source": "in"}
    assert built.given == {"classes": ["a"], "amp": True, "source": "in"}
    assert built.left == {"epochs": "epochs"}


TUNED = [
    EPOCHS,
    Parameter(name="batch_size", flag="--batch", type="int", default=16),
    Parameter(name="lr", flag="--lr", type="float", default=1),
    Parameter(name="scale", flag="--scale", default=0.5),
    Parameter(name="tags", flag="--tags", nargs="*", default=["a", "b"]),
    switch("boolean_optional", "--amp", "amp", True),
    switch("store_true", "--half", "half", False),
    Parameter(name="token", flag="--token", default="hf_abc"),
    Parameter(name="config", flag="--config", default="a.yaml", withheld=True),
    WEIGHTS,
    positional("folder", nargs="?", default="runs"),
]


@pytest.mark.parametrize(
    ("extra", "left"),
    [
        ((), "epochs batch_size lr scale tags amp folder"),
        (("--epochs", "9"), "batch_size lr scale tags amp"),
        (("--epo=9",), "batch_size lr scale tags amp folder"),
        (("--other",), "epochs batch_size lr scale tags amp folder"),
        (("out",), "epochs batch_size lr scale tags amp"),
        (("-e", "9"), ""),  # who knows which option that is
    ],
)
def test_what_the_script_takes_by_itself_is_noted_where_nothing_else_can_set_it(
    extra: tuple[str, ...], left: str
) -> None:
    built = command("", *TUNED, extra=extra)
    assert list(built.argv[2:]) == list(extra)
    assert list(built.left) == left.split()
    assert built.params == {name: OWN[name] for name in left.split()}


OWN = {
    "epochs": 3, "batch_size": 16, "lr": 1.0, "scale": 0.5, "tags": ["a", "b"], "amp": True,
    "folder": "runs",
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "given", "passed", "params"),
    [
        ("--epochs 7", {}, ["--epochs", "7"], {"epochs": 7}),
        ("--epochs=7", {}, ["--epochs=7"], {"epochs": 7}),
        ("--epochs 7", {"epochs": 9}, ["--epochs", "9"], {"epochs": 9}),
        ("--epochs=7", {"epochs": 9}, ["--epochs=9"], {"epochs": 9}),
        ("--epochs 7 --x 1", {"epochs": None}, ["--x", "1"], {}),
        ("--epochs 7 --epochs 8", {"epochs": 9}, ["--epochs", "9"], {"epochs": 9}),
        ("--epochs 7 --epochs 8", {}, ["--epochs", "7", "--epochs", "8"], {"epochs": 8}),
        ("--classes a b --x", {}, ["--classes", "a", "b", "--x"], {"classes": ["a", "b"]}),
        ("--classes a b --x", {"classes": ["c"]}, ["--classes", "c", "--x"], {"classes": ["c"]}),
        ("--amp --x", {}, ["--amp", "--x"], {"amp": True}),
        ("--amp --x", {"amp": False}, ["--x"], {"amp": False}),
        ("-- --epochs 7", {"epochs": 9}, ["--", "--epochs", "7", "--epochs", "9"], {"epochs": 9}),
    ],
)
def test_what_is_given_takes_the_place_of_a_literal_of_the_template(
    template: str, given: dict[str, Any], passed: list[str], params: dict[str, Any]
) -> None:
    built = command(template, replace(EPOCHS, default=None), CLASSES, AMP, **given)
    assert list(built.argv[2:]) == passed
    assert built.params == params
    assert built.given == given


@pytest.mark.parametrize(
    ("template", "given", "passed"),
    [
        ("in.jpg out.jpg", {}, "in.jpg out.jpg"),
        ("in.jpg out.jpg --epochs 7", {"target": "x.jpg"}, "--epochs 7 in.jpg x.jpg"),
        ("in.jpg {target}", {"target": "x.jpg"}, "in.jpg x.jpg"),
        ("predict in.jpg out.jpg", {"source": "x.jpg"}, "predict x.jpg out.jpg"),
        ("--classes a b -- in.jpg out.jpg", {}, "--classes a b -- in.jpg out.jpg"),
        ("in.jpg -- out.jpg", {"epochs": 4}, "--epochs 4 in.jpg out.jpg"),
        # What may belong to an option that is not known stays where it is.
        ("--new in.jpg a.jpg b.jpg", {}, "--new in.jpg a.jpg b.jpg"),
        ("in.jpg --new -x out.jpg", {"target": "b.jpg"}, "--new -x out.jpg in.jpg b.jpg"),
    ],
)
def test_a_literal_positional_value_is_fixed_as_well(
    template: str, given: dict[str, Any], passed: str
) -> None:
    built = build_command(
        launcher=(),
        template=template,
        parameters=[EPOCHS, CLASSES, SOURCE, TARGET],
        parameters_known=True,
        commands=("predict",),
        values=given,
    )
    assert " ".join(built.argv) == passed
    with pytest.raises(MissingParameterError, match="needs source"):
        build_command(
            launcher=(),
            template=template,
            parameters=[EPOCHS, CLASSES, SOURCE, TARGET],
            parameters_known=True,
            commands=("predict",),
            values=given | {"source": None},
        )


def test_a_word_is_no_positional_value_where_sub_commands_are_not_known() -> None:
    optional = positional("folder", nargs="?")
    assert words("train", optional, folder="runs") == ["train", "runs"]


def test_a_fixed_default_is_passed_unless_it_is_taken_off() -> None:
    ten = fixed(EPOCHS, 10)
    for template in ("", "--epochs {epochs}"):
        assert words(template, ten) == ["--epochs", "10"]
        assert words(template, ten, epochs=4) == ["--epochs", "4"]
        assert words(template, ten, epochs=None) == []
    taken_off = command("", ten, epochs=None)
    assert (taken_off.params, taken_off.given) == ({}, {"epochs": None})
    assert command("", EPOCHS, epochs=None).given == {}
    with pytest.raises(MissingParameterError, match="needs data"):
        command("", fixed(DATA, "a.yaml"), data=None)


def test_what_was_given_for_a_word_is_never_lost() -> None:
    nameless = Parameter(name="size")
    with pytest.raises(MissingParameterError, match="give batch_size as well"):
        command("--tag s{size}b{batch_size}", nameless, BATCH, size=1)


def test_a_literal_of_an_unread_script_may_be_given_another_value() -> None:
    assert words("--epochs 7 --fast", known=False) == ["--epochs", "7", "--fast"]
    assert words("--epochs 7 --fast", known=False, epochs="9") == ["--epochs", "9", "--fast"]
    assert words("--epochs=7", known=False, epochs=None) == []


def test_value_among_several_that_looks_like_an_option_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="taken for an option"):
        command("", CLASSES, classes=["a", "--b"])


def test_option_without_a_flag_needs_the_template() -> None:
    bare = Parameter(name="lr")
    assert words("lr={lr}", bare, lr="1") == ["lr=1"]
    with pytest.raises(CommandError, match=r"Put \{lr\} into the argument template"):
        command("", bare, lr="1")


def test_default_that_the_script_would_refuse_is_not_passed() -> None:
    odd = Parameter(name="mode", flag="--mode", default="auto", choices=("fast", "slow"))
    assert words("--mode {mode}", odd) == []
    gap = positional("mode", nargs="?", default="auto", choices=("fast", "slow"))
    with pytest.raises(MissingParameterError, match="give mode as well"):
        words("", gap, positional("target", nargs="?"), target="out")


def test_template_is_held_against_the_parameters_where_they_are_known() -> None:
    """An unknown name is omitted with a warning; a value for it is refused."""
    left_out = command("--epochs {epocks}", EPOCHS)
    assert list(left_out.argv[2:]) == []
    assert tuple(map(str, left_out.warnings)) == (
        "'{epocks}' in the argument template is ignored: the script has no parameter 'epocks'.",
    )
    with pytest.raises(UnknownParameterError, match="did you mean epochs"):
        command("--epochs {epocks}", EPOCHS, epocks="9")
    unread = command("--epochs {epocks}", EPOCHS, known=False, epocks="9")
    assert list(unread.argv[2:]) == ["--epochs", "9"]
    assert not unread.warnings


@pytest.mark.parametrize("template", ["--name 'open", "--name \\", "{", "--a {a b}", "}", "{}"])
def test_broken_template_is_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        command(template)


def test_assignments_of_one_name_are_collected() -> None:
    assert parse_assignments(["a=1", "b=x=y", "a=2", "c="]) == {
        "a": ["1", "2"],
        "b": "x=y",
        "c": "",
    }
    for bad in ("a", "=1", ""):
        with pytest.raises(CommandError, match="NAME=VALUE"):
            parse_assignments([bad])


def test_an_empty_assignment_takes_a_value_off_the_command_line() -> None:
    assigned = cleared(parse_assignments(["epochs=", "name=x", "tags=", "tags=a"]))
    assert assigned == {"epochs": None, "name": "x", "tags": ["", "a"]}
    assert words("--epochs 7 --fast", fixed(NAME, "run"), known=False, epochs=None) == [
        "--fast",
        "--name",
        "run",
    ]


def test_argparse_reads_back_what_was_asked_for() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--classes", nargs="+")
    parser.add_argument("--amp", action=argparse.BooleanOptionalAction)
    parser.add_argument("target")
    given = {"source": "-1", "epochs": 5, "classes": ["a", "b c"], "amp": False, "target": "--t"}
    amp = switch("boolean_optional", "--amp", "amp")
    found = words("--epochs {epochs}", SOURCE, EPOCHS, CLASSES, amp, TARGET, **given)
    assert vars(parser.parse_args(found)) == given


@pytest.mark.parametrize(
    ("template", "parameter"),
    [
        ("{weights}", fixed(Parameter(name="weights", flag="--weights", default="-exec"))),
        ("--amp {weights}", fixed(Parameter(name="weights", flag="--weights", default="--run=x"))),
        ("{weights}.pt", fixed(Parameter(name="weights", flag="--weights", default="-x"))),
        ("", fixed(positional("weights", default="-rf", required=True))),
    ],
)
def test_a_default_never_becomes_an_option_of_its_own(template: str, parameter: Parameter) -> None:
    with pytest.raises(CommandError, match=r"weights: its default '-.*' begins with a dash"):
        command(template, AMP, parameter)


def test_behind_its_option_or_given_it_is_passed_as_a_value() -> None:
    weights = fixed(Parameter(name="weights", flag="--weights", default="-x"))
    assert command("--weights {weights}", weights).argv[1:] == ("train.py", "--weights=-x")
    place = positional("weights", default="-rf")
    assert command("", place, weights="-rf").argv[-2:] == ("--", "-rf")


def test_a_negative_number_is_no_option() -> None:
    threads = fixed(positional("threads", type="int", default=-1, required=True))
    assert command("", threads).argv[-1] == "-1"
