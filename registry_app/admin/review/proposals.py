"""The page on which users answer proposals of scans."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.admin.base import person
from registry_app.admin.guarded import GuardedAdmin
from registry_app.admin.known_places import known_places
from registry_app.admin.review.answered_guesses import answer_guesses, sent_guesses
from registry_app.admin.review.guess_list import SentGuesses
from registry_app.admin.review.proposal_list import CONFIRM, Filters, Sent, shown_page
from registry_app.changes.answers import Answer, accept, reconsider, reject
from registry_app.exceptions import RegistryError
from registry_app.fields.names import same
from registry_app.models import Proposal
from registry_app.reading import error_text
from registry_app.row_numbers import row_number

TEMPLATE = "admin/registry_app/proposal/list.html"
GUESSES = "admin/registry_app/proposal/guesses.html"
SEE = "registry_app.view_experiment"
CURATE = "registry_app.change_experiment"
# The value of a button for all selected proposals rather than one.
CHOSEN = "chosen"


@admin.register(Proposal)
class ProposalAdmin(GuardedAdmin):
    """One page: users who may view experiments see proposals, users who curate answer them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(SEE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the list: a proposal has no page of its own."""
        return HttpResponseRedirect(reverse("admin:registry_app_proposal_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show proposals; a POST answers some of them and shows the list again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._answer(request)
        return self._page(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(CURATE):
            raise PermissionDenied
        if Filters.of(request.GET).show == CONFIRM:
            return self._answer_guesses(request)
        try:
            _carry_out(request)
        except RegistryError as error:
            messages.error(request, error_text(error))
            sent = Sent(
                chosen=frozenset(request.POST.getlist("chosen")),
                values={
                    row_number(name.removeprefix("value-")): str(value)
                    for name, value in request.POST.items()
                    if name.startswith("value-")
                },
            )
            return self._page(request, sent, status=409)
        return HttpResponseRedirect(request.get_full_path())

    def _answer_guesses(self, request: HttpRequest) -> HttpResponse:
        try:
            answer_guesses(request)
        except RegistryError as error:
            messages.error(request, str(error))
            return self._page(request, guesses=sent_guesses(request), status=409)
        return HttpResponseRedirect(request.get_full_path())

    def _page(
        self,
        request: HttpRequest,
        sent: Sent | None = None,
        *,
        guesses: SentGuesses | None = None,
        status: int = 200,
    ) -> HttpResponse:
        filters = Filters.of(request.GET)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Review"),
            "may_answer": request.user.has_perm(CURATE),
            **shown_page(
                filters, request.GET.get("page"), sent or Sent(), guesses or SentGuesses()
            ),
        }
        if filters.show == CONFIRM:
            context["known_places"] = known_places()
        template = GUESSES if filters.show == CONFIRM else TEMPLATE
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, context, status=status)


def _carry_out(request: HttpRequest) -> None:
    """Apply the pressed button, and show what was done; raises RegistryError."""
    by = person(request)
    verb = next((name for name in ("accept", "reject", "reconsider") if name in request.POST), "")
    if not verb:
        raise RegistryError(_("Nothing was done: press one of the buttons."))
    answers = _answers(request, request.POST.get(verb, ""))
    if verb == "accept":
        made = accept(answers, by=by)
        count = len(answers)
        text = ngettext("%(n)d value was accepted.", "%(n)d values were accepted.", count)
        address = reverse("admin:registry_app_changeset_change", args=[made.pk])
        link = format_html('<a class="gf-link" href="{}">{}</a>', address, _("View or undo"))
        messages.success(request, format_html("{} {}", text % {"n": count}, link))
    elif verb == "reject":
        count = reject(answers, by=by)
        text = ngettext(
            "%(n)d proposal was rejected and will not come again.",
            "%(n)d proposals were rejected and will not come again.",
            count,
        )
        messages.success(request, text % {"n": count})
    else:
        count = reconsider([answer.pk for answer in answers])
        text = ngettext("%(n)d proposal is open again.", "%(n)d proposals are open again.", count)
        messages.success(request, text % {"n": count})


def _answers(request: HttpRequest, pressed: str) -> list[Answer]:
    """Return the proposals that a button covers, with what the user saw and typed."""
    named = request.POST.getlist("chosen") if pressed == CHOSEN else [pressed]
    pks = [pk for pk in map(row_number, dict.fromkeys(named)) if pk]
    if not pks:
        raise RegistryError(_("Nothing was done: choose at least one proposal first."))
    values = dict(Proposal.objects.filter(pk__in=pks).values_list("pk", "value"))
    return [_read(request, pk, values.get(pk)) for pk in pks]


def _read(request: HttpRequest, pk: int, proposed: Any) -> Answer:
    seen, written = request.POST.get(f"seen-{pk}", ""), request.POST.get(f"value-{pk}")
    if written is None:
        return Answer(pk=pk, seen=seen)
    value: Any = written.strip()
    if isinstance(proposed, list):
        value = [line.strip() for line in written.splitlines() if line.strip()]
    return Answer(pk=pk, seen=seen, value=value, is_edited=not same(value, proposed))
