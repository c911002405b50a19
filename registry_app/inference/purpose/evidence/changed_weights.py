"""Find networks whose weights are cut by hand, or read and only written again.

Both make a model for another program, and no library of exports is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called, walk_below
from registry_app.inference.purpose.call_graph import Reach
from registry_app.inference.purpose.evidence.behaviour import IMAGES, LOOKING
from registry_app.inference.purpose.script_names import QUANT
from registry_app.inference.purpose.sign_tables import STEPPING
from registry_app.inference.purpose.signs import STRONG, Sign, dotted, receiver
from registry_app.inference.purpose.surroundings import Surroundings

# Parts of a layer that a network learns.
_LEARNED = frozenset({"weight", "bias"})
_SAVING = frozenset({"save", "save_weights", "save_checkpoint", "save_darknet_weights"})
_LEARNING = STEPPING | frozenset(
    "fit_generator train_on_batch train_one_epoch apply_gradients GradientTape zero_grad".split()
)
_KERAS = frozenset({"keras", "tensorflow", "tf_keras"})
# The numbers of a graph of TensorFlow 1.
_VARIABLES = frozenset({"global_variables", "trainable_variables"})
# Pictures, and tables of them, that a network would see.
_SEEING = IMAGES - {"open", "glob", "rglob", "listdir", "walk"} | LOOKING | {"imwrite", "Dataset"}


def stored_weights(source: Source, around: Surroundings) -> Iterator[Sign]:
    """Yield that weights of another program are stored by TensorFlow 1, and nothing is fed.

    `load_weights(tf.global_variables(), "yolov3.weights")`, and a `Saver` writes what they became.
    """
    if around.called & (_LEARNING | _SEEING):
        return
    is_filled = any(
        isinstance(given, ast.Call) and called(given) in _VARIABLES
        for call in source.calls("load_weights", "load_darknet_weights")
        for given in call.args
    )
    for call in source.calls("save") if is_filled and source.calls("Saver") else ():
        yield _sign(source, "save", call.lineno)


def changed_weights(source: Source, reach: Reach, around: Surroundings) -> Iterator[Sign]:
    """Yield that weights are written which no training of the script changed."""
    own = frozenset(name for unit in reach.own for name in unit.called)
    if not own & _SAVING or around.called & _LEARNING:
        return
    cut = next(_cut_weights(source), None)
    if cut is not None:
        yield _sign(source, "weight", cut.lineno)
    if not around.called & _SEEING:
        for call in (
            *_written_again(source, own),
            *_saved_again(source, own),
            *_filled_by_hand(source, around),
        ):
            yield _sign(source, "save", call.lineno)


def _filled_by_hand(source: Source, around: Surroundings) -> Iterator[ast.Call]:
    """Yield where a network is saved that got numbers of a binary file, as those of Darknet.

    `np.ndarray(shape, buffer=weights.read(n))` or `np.fromfile(weights)`, and `Model(inputs)`.
    """
    is_read = bool(source.calls("fromfile", "frombuffer")) or any(
        keyword.arg == "buffer" for call in source.calls("ndarray") for keyword in call.keywords
    )
    if is_read and around.libraries & _KERAS and source.calls("Model", "Sequential"):
        yield from source.calls("save", "save_weights")


def _sign(source: Source, name: str, line: int) -> Sign:
    return Sign(kind=QUANT, points=STRONG, name=name, path=source.path, line=line)


def _cut_weights(source: Source) -> Iterator[ast.Assign]:
    """Yield where a layer gets a part of another's weights: `m.weight.data = old.weight.data[i]`.

    Network slimming and other prunings copy the channels that they keep.
    """
    for node in source.nodes(ast.Assign):
        is_of_layer = any(map(_is_learned, node.targets))
        if is_of_layer and any(
            isinstance(part, ast.Subscript) and _is_learned(part.value)
            for part in walk_below(node.value)
        ):
            yield node


def _is_learned(node: ast.expr) -> bool:
    """Whether an expression is the content of a layer: `m.weight.data`."""
    match node:
        case ast.Attribute(attr="data", value=ast.Attribute(attr=name)):
            return name in _LEARNED
    return False


def _written_again(source: Source, own: frozenset[str]) -> Iterator[ast.Call]:
    """Yield where a network of PyTorch is saved whose weights were loaded: `torch.save(...)`."""
    if "load_state_dict" not in own:
        return
    for call in source.calls("save"):
        given = call.args[0] if call.args else None
        is_of_network = isinstance(given, ast.Call) and called(given) == "state_dict"
        if is_of_network and dotted(call.func) == "torch.save":
            yield call


def _saved_again(source: Source, own: frozenset[str]) -> Iterator[ast.Call]:
    """Yield where a saver of TensorFlow 1 writes what it restored; nothing is fed in between."""
    if "restore" not in own or any(
        len(call.args) > 1 or any(word.arg == "feed_dict" for word in call.keywords)
        for call in source.calls("run")
    ):
        return
    yield from (call for call in source.calls("save") if "saver" in receiver(call).lower())
