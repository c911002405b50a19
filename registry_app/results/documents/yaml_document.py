"""YAML documents of results, such as a dump of the numbers of an evaluation."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from registry_app.messages import Text
from registry_app.results import reasons
from registry_app.results.documents.json_document import JsonDocument
from registry_app.results.documents.lenient import NoJsonError, bare_value

# PyYAML reads about 2 MB a second.
MAX_BYTES = 2**20
# Aliases can make a small document endless.
MAX_NODES = 50_000
MAX_DEPTH = 40
_NUMBER = re.compile(r"[-+]?\.(?:nan|inf)", re.IGNORECASE)


class YamlDocument(JsonDocument):
    """Reads one document; tags, as Python's own dump writes them, are ignored."""

    name = "yaml"
    max_bytes: ClassVar[int] = MAX_BYTES
    broken: ClassVar[Text] = reasons.BROKEN_YAML

    def _parsed(self, text: str) -> Any:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            node = yaml.compose(text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            raise NoJsonError(error.problem_mark.line + 1 if error.problem_mark else 1) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise NoJsonError(1) from error
        return _Plain().of(node, 0)


class _Plain:
    """Turns nodes into plain values, up to MAX_NODES of them."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def of(self, node: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH or node is None:
            return None
        if node.id == "mapping":
            return {
                str(key.value): self.of(value, depth + 1)
                for key, value in node.value
                if key.id == "scalar"
            }
        if node.id == "sequence":
            return [self.of(item, depth + 1) for item in node.value]
        return node.value if node.style in {"'", '"'} else _bare(node.value)


def _bare(word: str) -> Any:
    if _NUMBER.fullmatch(word):
        word = word.replace(".", "", 1)
    return None if word in {"", "~"} else bare_value(word)
