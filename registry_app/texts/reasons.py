"""The scan's reasons for its values."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

CALLS = TEXTS.add("calls", _("calls {name} in line {line}"))
CALLS_ELSEWHERE = TEXTS.add("calls_elsewhere", _("runs {path}, which calls {name} in line {line}"))
IMPORTS = TEXTS.add("imports", _("imports {name}"))
STARTS = TEXTS.add("starts", _("starts {script}"))
TURNS_FILES = TEXTS.add("turns_files", _("reads files and writes others"))
NAME_SPEAKS_OF = TEXTS.add("name_speaks_of", _("its name suggests {kind}"))
SUB_COMMAND = TEXTS.add("sub_command", _("its sub-command “{name}”"))
ONLY_ONE = TEXTS.add("only_one", _("the only {kind} script"))
HIGHEST_VERSION = TEXTS.add("highest_version", _("highest version among {count} {kind} scripts"))
NAMED_ELSEWHERE = TEXTS.add("named_elsewhere", _("named in a note or launcher"))
RUNNERS_UP = TEXTS.add("runners_up", _("next: {paths}"))
NEAREST_TO_TOP = TEXTS.add(
    "nearest_to_top", _("first of {count} {kind} scripts, nearest to the top")
)
OPTIONS_OF_DEFAULT = TEXTS.add("options_of_default", _("the options of the default script"))
COMMAND_OF_MLPROJECT = TEXTS.add("command_of_mlproject", _("the command of MLproject"))
STARTED_SO = TEXTS.add("started_so", _("{file} starts it so"))
COMMAND_OF_RECIPE = TEXTS.add("command_of_recipe", _("the command of {file}"))
STARTED_THERE = TEXTS.add("started_there", _("starts {script} there"))
FILE_ONLY_THERE = TEXTS.add("file_only_there", _("names {path}, which only that folder has"))
LINKED = TEXTS.add("linked", _("a link to {target}"))
KEY_OF_YAML = TEXTS.add("key_of_yaml", _("key “{key}” of a YAML file"))
LIST_OF_NAMES = TEXTS.add("list_of_names", _("a list of names"))
LABEL_MAP = TEXTS.add("label_map", _("a label map"))
ANNOTATIONS = TEXTS.add("annotations", _("categories of annotations"))
CONSTANT = TEXTS.add("constant", _("the constant {name}"))
BEFORE_TASK = TEXTS.add("before_task", _("before the task in the name"))
BEFORE_REGION = TEXTS.add("before_region", _("before the region {region} in the name"))
BEFORE_PLACE = TEXTS.add(
    "before_place", _("before the place in the name; no person has confirmed it yet")
)
LAST_WORD = TEXTS.add("last_word", _("the last word of the name"))
LAST_AFTER_REGION = TEXTS.add("last_after_region", _("the last word of the name, after the region"))
REGION_NAME = TEXTS.add("region_name", _("the name of a region"))
PLANT_NUMBER = TEXTS.add("plant_number", _("the number of a plant"))
BETWEEN = TEXTS.add("between", _("between region and task in the name"))
NOTE = TEXTS.add("note", _("a note says so"))
KNOWN_SPELLING = TEXTS.add("known_spelling", _("“{spelling}” is the known customer {customer}"))
GUESSED_SPELLING = TEXTS.add(
    "guessed_spelling",
    _("“{spelling}” is the customer {customer} of another directory's name"),
)
SOUNDS_GUESSED = TEXTS.add(
    "sounds_guessed",
    _("“{spelling}” sounds like the customer {customer} of another directory's name"),
)
SOUNDS_KNOWN = TEXTS.add(
    "sounds_known", _("“{spelling}” sounds like the known customer {customer}")
)
KNOWN_PLACE = TEXTS.add("known_place", _("a known place of this customer"))
CLASS_NAMES = TEXTS.add("class_names", _("the names of the classes"))
WORD_OF_NAME = TEXTS.add("word_of_name", _("a word of the name"))
WORDS_OF_CODE = TEXTS.add("words_of_code", _("what the scripts mention"))
VOCABULARY = TEXTS.add("vocabulary", _("“{word}”: vocabulary"))
WHAT_IT_IMPORTS = TEXTS.add("what_it_imports", _("what it imports"))
FOUND_THERE = TEXTS.add("found_there", _("the directory is there"))
NAMES_ENVIRONMENT = TEXTS.add("names_environment", _("it names the conda environment {name}"))
SAME_SCRIPTS = TEXTS.add(
    "same_scripts", _("{same} of {count} scripts are those of the directory that is gone")
)
