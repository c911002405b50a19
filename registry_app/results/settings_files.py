"""Settings files: the inputs of a script, given or recorded, however numeric."""

from __future__ import annotations

import posixpath
import re

# A file is a settings file if its name ends in one of these: `eval_config.json`.
_SETTINGS = (
    r"args?|arguments|configs?|configuration|cfg|conf|opts?|options|hyps?|hyper_?params?"
    r"|hyper_?parameters?|hparams?|params?|parameters?|settings?|preferences|env|environment"
)
# These may also occur in the name of a result: `metrics_info.json`.
_SURROUNDINGS = (
    r"setup|environ|info|meta|metadata|model_card|spec|specs|(?:conda|pip)_(?:list|freeze)"
    r"|versions?|system|hardware|machine|git|data|datasets?|schema|tokenizer|vocab|preprocessor"
    r"|processor|search_space|sweep|scheduler|optimizer|architecture|model_index|job|launch"
)
_COUNTER = r"(?:_v?\d+)?"
_ENDS_IN_SETTINGS = re.compile(rf"(?:.*_)?(?:{_SETTINGS}){_COUNTER}")
_BEGINS_WITH_SETTINGS = re.compile(rf"(?:(?:{_SETTINGS})_.*|(?:.*_)?(?:{_SURROUNDINGS}){_COUNTER})")
_SUFFIXES = (".json", ".csv", ".tsv", ".txt", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".cfg")
_FOLDERS = frozenset({"config", "configs", "cfg", "cfgs", ".hydra", "hydra", "settings"})
_RESULTS = re.compile(
    r"(?:^|_)(?:metrics?|results?|evals?|evaluation|scores?|loss|losses|history|benchmark|report"
    r"|accuracy|logs?|trainer_state|scalars|summary|perf|performance|stats)(?:_|$|\d)"
)


def is_settings_file(path: str) -> bool:
    """Return whether a file holds settings, by its name and folder.

    `training_args.json` and `eval_config.json` do; `config_metrics.csv` does not.
    """
    folder, name = posixpath.split(path.lower())
    stem, suffix = posixpath.splitext(name)
    if suffix not in _SUFFIXES:
        return False
    words = re.sub(r"[^a-z0-9가-힣]+", "_", stem).strip("_")
    if _ENDS_IN_SETTINGS.fullmatch(words):
        return True
    if _RESULTS.search(words):
        return False
    is_named = bool(_BEGINS_WITH_SETTINGS.fullmatch(words))
    return is_named or posixpath.basename(folder) in _FOLDERS
