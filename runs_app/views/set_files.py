"""The files of scenarios and pipelines: what each would start, and the button that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry_app.fields.line_diff import Line, line_diff
from registry_app.reading import error_text, message_text
from registry_app.sync.chosen import is_core
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.prepare import outline
from runs_app.models import HostHeartbeat, RunSet
from runs_app.preflight import confirmation
from runs_app.queue.not_before import parse_not_before
from runs_app.sets import confirmed
from runs_app.sets.confirmed import UnreadFileError
from runs_app.sets.definitions import Definition, read
from runs_app.sets.from_file import start_file
from runs_app.sets.places import PIPELINES, SCENARIO, SourceFile, source_files
from runs_app.sets.plan import Planned, plan
from runs_app.views.wording import command_text

FOLDERS = (SCENARIO, PIPELINES)
CURATE = "registry_app.change_experiment"
QUEUE = "runs_app.queue_run"
LIST = "admin:runs_app_runset_files"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a file says, or its problems; what must be read before it is started."""

    definition: Definition | None = None
    problems: str = ""
    members: Sequence[Planned] = ()
    lines: Sequence[Line] = ()
    # Why it must be read, one sentence for the file and some for each changed command.
    to_read: Sequence[str] = ()
    digests: frozenset[str] = frozenset()

    @property
    def refusals(self) -> int:
        return sum(member.refusal is not None for member in self.members)

    @property
    def shown(self) -> list[tuple[str, str, str]]:
        """Each member: its name, its exact command, and why it is refused."""
        return [
            (
                member.name,
                command_text(member.prepared.argv) if member.prepared else "",
                message_text(member.refusal) if member.refusal else "",
            )
            for member in self.members
        ]

    @property
    def read(self) -> str:
        return ",".join(sorted(self.digests))


def files(request: HttpRequest) -> HttpResponse:
    """List the files of the synced commit; with `?file=`, show one, with `?new=`, begin one."""
    if (path := request.GET.get("file")) is not None:
        return page(request, file_at(path))
    if (folder := request.GET.get("new")) in FOLDERS and request.user.has_perms((CURATE,)):
        from runs_app.views.set_file_edit import blank

        return blank(request, str(folder))
    found: list[tuple[SourceFile, Definition | None]] = []
    problem = ""
    try:
        found = [
            (file, _definition(file, folder)) for folder in FOLDERS for file in source_files(folder)
        ]
    except RefusedError as error:
        problem = error_text(error)
    context = {
        **admin.site.each_context(request),
        "title": _("Scenarios and pipelines"),
        "opts": RunSet._meta,
        "original": _("Scenarios and pipelines"),
        "rows": [(file, definition, address_of(file.path)) for file, definition in found],
        "problem": problem,
        "is_core": is_core(),
        "folders": FOLDERS,
        "may_edit": request.user.has_perms((CURATE,)),
    }
    return TemplateResponse(request, "admin/runs_app/runset/files.html", context)


def start(request: HttpRequest) -> HttpResponse:
    """Queue what a file says, once however often the form is sent."""
    user: Any = request.user
    try:
        file = file_at(request.POST.get("file", ""))
    except Http404:
        messages.error(request, _("Nothing was queued: the file is not there any more."))
        return HttpResponseRedirect(reverse(LIST))
    try:
        if file.digest != request.POST.get("digest"):
            messages.error(
                request, _("Nothing was queued: the file was changed after this page was shown.")
            )
            return page(request, file, status=409)
        made, is_new = start_file(
            read(file, folder_of(file.path)),
            key=_token(request),
            user=user,
            leave_out="leave_out" in request.POST,
            read=request.POST.get("read", "").split(","),
            not_before=parse_not_before(request.POST.get("not_before", "").replace("\0", "")),
        )
    except UnreadFileError:
        messages.error(request, _("Nothing was queued: read the file and tick that you did."))
        return page(request, file, status=422)
    except RefusedError as error:
        messages.error(request, error_text(error))
        return page(request, file, was_refused=True, status=422)
    if not is_new:
        messages.warning(request, _("This form was sent before; nothing was queued again."))
    elif not any(host.is_alive() for host in HostHeartbeat.objects.all()):
        messages.warning(request, _("No worker is running; `guardianflow worker` starts one."))
    return HttpResponseRedirect(made.get_absolute_url())


def page(
    request: HttpRequest,
    file: SourceFile,
    *,
    text: str | None = None,
    seen: str | None = None,
    problems: str = "",
    is_stale: bool = False,
    was_refused: bool = False,
    name: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show one file; `text` is an edited content that was not saved, and what it would start.

    `is_stale`: `file` is what another user saved meanwhile. `was_refused`: queueing it found more
    than looking does. `name`: what a new file was called.
    """
    folder = folder_of(file.path)
    shown = file if text is None else SourceFile(path=file.path, data=text.encode())
    content = Content(problems=problems) if problems else content_of(shown, folder)
    may_edit = request.user.has_perms((CURATE,))
    context = {
        **admin.site.each_context(request),
        "title": file.path.removesuffix("/"),
        "opts": RunSet._meta,
        "original": file.path.removesuffix("/"),
        "file": file,
        "folder": folder,
        "content": content,
        "is_chain": folder == PIPELINES,
        "is_edited": text is not None,
        "is_new": file.path.endswith("/"),
        "name": name,
        "was_refused": was_refused,
        "theirs": line_diff(file.data.decode("utf-8", "replace"), text or "") if is_stale else (),
        "text": shown.data.decode("utf-8", "replace"),
        "seen": (file.digest if file.commit else "") if seen is None else seen,
        "token": uuid4(),
        "may_edit": may_edit and _is_text(file.data) and is_core(),
        "may_queue": request.user.has_perms((QUEUE,)),
    }
    return TemplateResponse(request, "admin/runs_app/runset/file.html", context, status=status)


def content_of(file: SourceFile, folder: str) -> Content:
    """Return what a file would start, as far as nothing must be started for that."""
    try:
        definition = read(file, folder)
    except RefusedError as error:
        return Content(problems=error_text(error))
    waiting = confirmed.unread(definition)
    if waiting is not None:
        members, changed = waiting.members, waiting.entries
        to_read = [confirmed.summary(waiting)]
    else:
        wanted, to_read = definition.wanted(), []
        members = tuple(plan(wanted, is_chain=definition.is_chain, look=outline))
        changed = tuple(confirmed.changed_commands(wanted))
    for entry in changed:
        to_read += [confirmation.summary(entry), *confirmation.lines(entry)]
    return Content(
        definition=definition,
        members=members,
        lines=waiting.lines if waiting else (),
        to_read=to_read,
        digests=waiting.digests if waiting else frozenset(entry.digest for entry in changed),
    )


def file_at(path: str) -> SourceFile:
    """Return a file of the synced commit; raises Http404."""
    folder = folder_of(path)
    try:
        found = [file for file in source_files(folder) if file.path == path] if folder else []
    except RefusedError as error:
        raise Http404(error_text(error)) from error
    if not found:
        raise Http404(path)
    return found[0]


def folder_of(path: str) -> str:
    """Return the folder of a path, '' for one that has no run sets."""
    folder = path.partition("/")[0]
    return folder if folder in FOLDERS else ""


def address_of(path: str) -> str:
    """Return the address of the page of a file."""
    return f"{reverse(LIST)}?{urlencode({'file': path})}"


def _definition(file: SourceFile, folder: str) -> Definition | None:
    try:
        return read(file, folder)
    except RefusedError:
        return None


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _token(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid4()
