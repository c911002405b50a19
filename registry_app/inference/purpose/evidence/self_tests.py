"""Recognise modules of networks that only try themselves out when they are started.

`net = UNet(3); print(net(torch.rand(1, 3, 64, 64)).shape)` shows its author that the parts fit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called, walk_below
from registry_app.inference.purpose.script_names import name_words, type_of_function
from registry_app.inference.purpose.sign_tables import MADE_UP

# Base classes of network parts: `class Detect(nn.Module)`, `class Conv(keras.layers.Layer)`.
_PARTS = frozenset({"Module", "Layer", "Model", "LightningModule", "HybridBlock"})
# Calls that make up an input, move it and show the result.
_HARMLESS = MADE_UP | frozenset(
    "print pprint summary cuda cpu to half float double type dim size numel shape format tensor"
    " Tensor FloatTensor empty full arange randn_like normal uniform seed manual_seed"
    " requires_grad_ Input Variable parameters state_dict named_parameters children modules sum"
    " mean max min abs len range list tuple str int dict items keys values isinstance join round"
    " device is_available no_grad inference_mode time perf_counter synchronize profile"
    " clever_format get_model_complexity_info FlopCountAnalysis contiguous permute view reshape"
    " squeeze unsqueeze flatten numpy detach clone append zip enumerate"
    # What a loss of made-up input is made of, and what its gradient is.
    " backward item softmax sigmoid relu CrossEntropyLoss MSELoss L1Loss BCELoss BCEWithLogitsLoss"
    " cross_entropy allclose".split()
)
# What reads, learns or keeps something: then it is more than a test.
_REAL = frozenset(
    "imread open glob listdir VideoCapture DataLoader step fit export save trace parse_args".split()
)
_LOADING = (
    "load load_state_dict load_weights load_model load_from_checkpoint attempt_load from_pretrained"
    " restore load_url load_state_dict_from_url"
).split()


def defines_parts(source: Source, *, at_least: int) -> bool:
    """Whether a file defines so many parts of a network that other files assemble."""
    return len(_parts(source)) >= at_least


def only_tries_its_parts(source: Source) -> bool:
    """Whether a module of a network is started only to build it, with made-up input at most."""
    if source.tree is None or not _parts(source):
        return False
    guards = [statement for statement in source.tree.body if _is_guard(statement)]
    return bool(guards) and all(_is_harmless(guard, source) for guard in guards)


def feeds_made_up_input(source: Source) -> bool:
    """Whether a module is started only to give made-up input to what it defines.

    A class may learn from it, as from pictures; the caller is another file.
    """
    guards = [node for node in source.tree.body if _is_guard(node)] if source.tree else []
    calls = [node for guard in guards for node in walk_below(guard) if isinstance(node, ast.Call)]
    names = {called(call) for call in calls}
    is_named = any(type_of_function(name) is not None for name in names - {"eval"})
    is_real = names & _REAL or source.calls("parse_args")
    return bool(names & MADE_UP and names & source.outline.classes.keys() and not is_real
                and not is_named)  # fmt: skip


def only_prints_a_shape(source: Source) -> bool:
    """Whether a module is started only to see the shape of what its class answers.

    `print(Extractor("ckpt.t7")(picture).shape)` is no answer that anybody looks at.
    """
    guards = [node for node in source.tree.body if _is_guard(node)] if source.tree else []
    steps = [step for guard in guards if isinstance(guard, ast.If) for step in guard.body]
    made = {called(node) for step in steps for node in walk_below(step)
            if isinstance(node, ast.Call)}  # fmt: skip
    shown = [step.value for step in steps if isinstance(step, ast.Expr)]
    return (
        bool(shown and made & source.outline.classes.keys())
        and all(isinstance(step, ast.Assign | ast.Expr) for step in steps)
        and all(map(_prints_shape, shown))
    )


def _prints_shape(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="print"), args=[*_, ast.Attribute(attr="shape")]):
            return True
        case ast.Call(
            func=ast.Name(id="print"), args=[*_, ast.Call(func=ast.Attribute(attr="size"))]
        ):
            return True
    return False


def loads_nothing(source: Source) -> bool:
    """Whether a file loads no weights: what it traces then was never trained."""
    return not source.calls(*_LOADING)


def _is_harmless(guard: ast.stmt, source: Source) -> bool:
    calls = [node for node in walk_below(guard) if isinstance(node, ast.Call)]
    names = {called(call) for call in calls if not _switches(call)} - {""}  # `make()(x)`
    held = {name for node in walk_below(guard) if isinstance(node, ast.Assign)
            for name in _names(node)}  # fmt: skip
    own = source.outline.functions.keys()
    tried = {name for name in own if names & MADE_UP and type_of_function(name) is None}
    tried |= {name for name in names & own if _tests_itself(name, source)}
    return bool(names) and names <= ((_HARMLESS - own) | held | tried | _parts(source))


def _tests_itself(name: str, source: Source) -> bool:
    """Whether a function is named as a test, and all that it has is made up: `test_losses()`."""
    if "test" not in name_words(f"{name}.py") or source.calls(*_LOADING):
        return False
    calls = [node for node in walk_below(source.outline.functions[name])
             if isinstance(node, ast.Call)]  # fmt: skip
    names = {called(call) for call in calls}
    return bool(names & MADE_UP) and not names & _REAL


def _switches(call: ast.Call) -> bool:
    """Whether a call only switches a network's mode: `net.eval()`."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "eval" and not call.args


def _names(node: ast.Assign) -> Iterator[str]:
    return (
        target.id
        for targets in node.targets
        for target in walk_below(targets)
        if isinstance(target, ast.Name)
    )


def _is_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in walk_below(statement.test)
    )


def _parts(source: Source) -> frozenset[str]:
    """Return the classes of a file that are parts of a network."""
    return frozenset(
        node.name
        for node in source.nodes(ast.ClassDef)
        if any(_last(base) in _PARTS for base in node.bases)
    )


def _last(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
