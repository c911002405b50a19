"""What is wrong in a spreadsheet or in one of its cells."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

# The file
OLD_WORKBOOK = TEXTS.add(
    "sheet_old_workbook",
    _(
        "This is a workbook of Excel 97-2003, or one with a password. Save it as XLSX "
        "without a password."
    ),
)
NO_ROWS = TEXTS.add("sheet_no_rows", _("The file holds no rows. Its first row names the columns."))
TOO_LARGE = TEXTS.add(
    "sheet_too_large", _("This file is too large. A spreadsheet has at most {most} MiB.")
)
NO_WORKBOOK = TEXTS.add(
    "sheet_no_workbook",
    _("This workbook cannot be read. Save it as XLSX or as CSV (UTF-8)."),
)
NO_ENCODING = TEXTS.add(
    "sheet_no_encoding",
    _("The file is neither UTF-8 nor CP949. Save it as “CSV UTF-8”, or as XLSX."),
)
NO_CSV = TEXTS.add(
    "sheet_no_csv",
    _("This line cannot be read as CSV: a cell is too long, or a quote is not closed."),
)
TOO_MANY_ROWS = TEXTS.add(
    "sheet_too_many_rows", _("The sheet has more than {most} rows. Split it into several.")
)

# Columns and rows
DUPLICATE_COLUMN = TEXTS.add("sheet_duplicate_column", _("Duplicate column {name}."))
COLUMN_MISSING = TEXTS.add(
    "sheet_column_missing", _("The column {name} is missing; it says which row is meant.")
)
NAMELESS_COLUMN = TEXTS.add(
    "sheet_nameless_column", _("A column has cells but no heading in the first row.")
)
DUPLICATE_ROW = TEXTS.add("sheet_duplicate_row", _("Duplicate row in the file."))
BLANK = TEXTS.add("cell_blank", _("This cell must not be blank."))

# What a name that is unknown should have named
COLUMN = TEXTS.add("name_of_column", _("column"))
EXPERIMENT = TEXTS.add("name_of_experiment", _("experiment"))
TYPE = TEXTS.add("name_of_type", _("type"))
CUSTOMER = TEXTS.add("name_of_customer", _("customer"))
SITE = TEXTS.add("name_of_site", _("site"))
UNKNOWN = TEXTS.add("name_unknown", _("There is no {kind} {name}."))
UNKNOWN_NEAR = TEXTS.add("name_unknown_near", _("There is no {kind} {name}. Did you mean {near}?"))
UNKNOWN_LISTED = TEXTS.add(
    "name_unknown_listed", _("There is no {kind} {name}. Available: {names}.")
)

# Cells
DATE = TEXTS.add(
    "cell_date",
    _("The spreadsheet made a date of this cell. Format the column as text and write it again."),
)
ERROR = TEXTS.add(
    "cell_error",
    _("The spreadsheet shows an error here ({text}). Correct the formula or write a value."),
)
CONTROL = TEXTS.add(
    "cell_control_characters",
    _("This cell holds control characters or line breaks. Take them out."),
)
NO_NUMBER = TEXTS.add("cell_no_number", _("“{text}” is not a whole number."))
NO_FLAG = TEXTS.add("cell_no_flag", _("“{text}” is neither true nor false."))
NO_WORDS = TEXTS.add(
    "cell_no_words", _('Write words with commas between, or a list like ["a", "b"].')
)
NO_PARAMETERS = TEXTS.add(
    "cell_no_parameters",
    _('Write a list of parameters, for example [{{"name": "epochs", "default": 3}}].'),
)
PARAMETER_WITHOUT_NAME = TEXTS.add(
    "cell_parameter_without_name", _('Every parameter needs a "name".')
)
PARAMETER = TEXTS.add("cell_parameter", _("A parameter of these keys is not understood: {problem}"))
VARIABLE_LINE = TEXTS.add(
    "cell_variable_line", _("Write each variable once, as NAME=value in a line of its own: {line}")
)
NO_JSON = TEXTS.add(
    "cell_no_json", _("This is not JSON: something is wrong in line {line} at character {column}.")
)
JSON_TOO_DEEP = TEXTS.add(
    "cell_json_too_deep", _("This is not JSON that can be read: it is nested too deep.")
)
