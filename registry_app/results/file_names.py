"""Which files are worth opening for results, by their names alone.

Every start of a run asks this, long before a file is read, so no reader is imported here.
"""

from __future__ import annotations

import posixpath
import re

TABLES = (".csv", ".tsv", ".tab")
DOCUMENTS = (".json", ".jsonl", ".ndjson", ".json.log")
_LOGS = (".log", ".out")
_TEXTS = (".txt", ".dat")
_LOG_NAME = re.compile(
    r"(?i)(?:^|[._-])(?:log|logs|result|results|metric|metrics|history|loss|losses|train|training"
    r"|val|eval|evaluation|test|benchmark|score|scores|report|progress)(?:$|[._-]|\d)"
)
EVENT_FILE = "tfevents"
# What a trainer of the standard interface writes.
TRAINER_RECORD = "trainer.jsonl"
YAML = (".yaml", ".yml")
# Of YAML, which mostly holds settings, only what is named after results is read.
_YAML_NAME = re.compile(r"(?:.*[._-])?(?:metrics?|results?|scores?|history|accuracy|summary)\d*")
# Files with numbers that are not results, whatever their format.
_DATA_NAME = re.compile(
    r"(?i)^(?:requirements.*|classes|labels?|names|readme.*|license.*|(?:train|val|test|trainval)"
    r"|.*annotations?.*|instances_.*|vocab|merges|tokenizer.*|special_tokens_map|added_tokens"
    r"|package(?:-lock)?|.*manifest.*|.*index|id2label|label_?map|categories)$"
)


def may_hold_results(path: str) -> bool:
    """Return whether a file is worth opening, by its name alone."""
    name = posixpath.basename(path).lower()
    if EVENT_FILE in name:
        return True
    stem, suffix = posixpath.splitext(name)
    if suffix in _LOGS:
        return True
    if suffix in TABLES or name.endswith(DOCUMENTS):
        return not _DATA_NAME.match(stem)
    if suffix in YAML:
        return bool(_YAML_NAME.fullmatch(stem))
    is_text = suffix in _TEXTS and not _DATA_NAME.match(stem)
    return is_text and bool(_LOG_NAME.search(stem))
