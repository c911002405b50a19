"""Everything that a run left, as one download."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from runs_app.models import Run
from runs_app.records.whole_archive import Entry, entries, pieces
from runs_app.views.download import SANDBOX
from runs_app.views.page.file_names import run_name

# A download keeps a thread of the web server busy, which has four.
MAX_AT_ONCE = 2
_slots = threading.BoundedSemaphore(MAX_AT_ONCE)


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return outputs, logs and records of a run as a ZIP archive that is made while it is sent."""
    run = get_object_or_404(Run.objects.select_related("experiment"), pk=pk)
    if not _slots.acquire(blocking=False):
        messages.warning(
            request, _("Other archives are being downloaded; try again when they are done.")
        )
        return HttpResponseRedirect(f"{run.get_absolute_url()}#files")
    name = run_name(run)
    outputs = run.files.exclude(kept="").values_list("path", "kept")
    response = StreamingHttpResponse(
        _Held(run, entries(name, list(outputs))), content_type="application/zip"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    return response


class _Held:
    """The pieces of an archive; its slot is free again when they were sent or nobody wants them."""

    def __init__(self, run: Run, wanted: Iterator[Entry]) -> None:
        self._pieces = pieces(run.folder, wanted)
        self._is_held = True

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        finally:
            self.close()

    def close(self) -> None:
        """Give the slot back, once; the server calls it, however the response ended."""
        if self._is_held:
            self._is_held = False
            _slots.release()
