"""Find objects that are made of a file of weights, whatever their class is called, and asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.script_names import INFER
from registry_app.inference.purpose.signs import STRONG, Sign, receiver

_WEIGHTS = tuple(".onnx .pt .pth .engine .trt .tflite .rknn .hef .h5 .keras .om".split())
_ASKING = ("predict", "infer", "inference", "detect", "recognize", "classify", "segment")
# Parts of names of classes that write, turn or only find such a file.
_ASIDE = re.compile(
    r"Path|File|Checkpoint|Conver|Export|Build|Calib|Quant|Pars|Logg|Train|Stop|Optimi|Compil"
)


def asked_objects(source: Source) -> Iterator[Sign]:
    """Yield that such an object answers: `eyes = Eyes("eyes.onnx")` and `eyes.predict(path)`."""
    calls = source.calls(*_ASKING)
    names = {
        target.id
        for node in (source.nodes(ast.Assign) if calls else ())
        if _is_of_weights(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in calls if names else ():
        if call.args and receiver(call) in names:
            name = called(call)
            yield Sign(kind=INFER, points=STRONG, name=name, path=source.path, line=call.lineno)


def _is_of_weights(node: ast.expr) -> bool:
    """Whether an object of a class is made of a file of weights."""
    if not isinstance(node, ast.Call):
        return False
    name = called(node)
    if not name[:1].isupper() or _ASIDE.search(name):
        return False
    given = (*node.args, *(keyword.value for keyword in node.keywords))
    return any(
        isinstance(word, ast.Constant)
        and isinstance(word.value, str)
        and word.value.endswith(_WEIGHTS)
        for word in given
    )
