"""The form that takes a spreadsheet; files that no registry fills are refused unread."""

from __future__ import annotations

import zipfile
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.contrib.import_export.forms import ImportForm

MAX_BYTES = 5 * 2**20
MAX_UNPACKED_BYTES = 50 * 2**20


class SheetImportForm(ImportForm):
    """A file of at most MAX_BYTES; a workbook is a zip and may not grow beyond its own limit."""

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > MAX_BYTES or _unpacked_bytes(file) > MAX_UNPACKED_BYTES:
            raise ValidationError(
                _("This file is too large. A spreadsheet has at most {most} MiB.").format(
                    most=MAX_BYTES // 2**20
                )
            )
        return file


def _unpacked_bytes(file: Any) -> int:
    if not zipfile.is_zipfile(file):
        size = 0
    else:
        with zipfile.ZipFile(file) as workbook:
            size = sum(part.file_size for part in workbook.infolist())
    file.seek(0)
    return size
