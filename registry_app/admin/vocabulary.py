"""The vocabulary: words by which a scan knows tasks, before the built-in ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from registry_app.admin.base import RegistryAdmin
from registry_app.inference.task.general_tasks import GENERAL, PAIRS
from registry_app.inference.task.task_words import TASKS
from registry_app.models import VocabularyWord

SAYS_NOTHING = "-"
# A word of a task goes before that of a general one, as in a scan.
BUILT_IN = GENERAL | PAIRS | TASKS


@dataclass(frozen=True, kw_only=True)
class BuiltInWord:
    """A word that comes with the portal; `is_overruled`: the company has it as well."""

    text: str
    is_overruled: bool


class TaskFilter(DropdownFilter):
    title = gettext_lazy("task")
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tasks = VocabularyWord.objects.order_by("task").values_list("task", flat=True).distinct()
        return [(task or SAYS_NOTHING, task or _("says nothing")) for task in tasks]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[VocabularyWord]
    ) -> QuerySet[VocabularyWord]:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(task="" if chosen == SAYS_NOTHING else chosen)


@admin.register(VocabularyWord)
class VocabularyWordAdmin(RegistryAdmin):
    """Words of the company, with the built-in ones below the list."""

    detail_template = "admin/registry_app/vocabularyword/detail.html"
    list_before_template = "admin/registry_app/vocabularyword/_how.html"
    list_after_template = "admin/registry_app/vocabularyword/_built_in.html"
    list_display = ("word", "says", "language", "built_in", "note")
    list_filter = (TaskFilter, "language")
    search_fields = ("word", "task", "note")
    fields = ("word", "task", "language", "note")

    @admin.display(description=gettext_lazy("task"), ordering="task")
    def says(self, row: VocabularyWord) -> str:
        return row.task or _("says nothing")

    @admin.display(description=gettext_lazy("built in"), empty_value="–")
    def built_in(self, row: VocabularyWord) -> str | None:
        return BUILT_IN.get(row.word) or None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        own = set(VocabularyWord.objects.values_list("word", flat=True))
        context = {
            "built_in": built_in_by_task(own),
            "built_in_count": len(BUILT_IN),
            "has_words": bool(own),
            **(extra_context or {}),
        }
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def detail_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return super().detail_context(request, row) | {"built_in": BUILT_IN.get(row.word)}


def built_in_by_task(own: set[str]) -> list[tuple[str, list[BuiltInWord]]]:
    """Return the built-in words by task, those that say nothing last; `own` are the company's."""
    found: dict[str, list[BuiltInWord]] = {}
    for word, task in BUILT_IN.items():
        found.setdefault(task, []).append(BuiltInWord(text=word, is_overruled=word in own))
    return sorted(found.items(), key=lambda pair: (not pair[0], pair[0]))
