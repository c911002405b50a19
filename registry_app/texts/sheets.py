"""Remarks for the user on how a sheet was read."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

CP949 = TEXTS.add("sheet_cp949", _("The file was read as CP949, the encoding of Korean Excel."))
SHEET = TEXTS.add("sheet_chosen", _("The sheet “{sheet}” was read; those before it are empty."))
OTHER_SHEETS = TEXTS.add(
    "sheet_others", _("Only the sheet “{sheet}” was read; these have rows as well: {others}.")
)
TITLE_ROWS = TEXTS.add(
    "sheet_title_rows", _("The columns are named in row {row}; the rows above it were not read.")
)
