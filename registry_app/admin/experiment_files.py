"""What the list of experiments offers for all of them: scan, registry file, spreadsheets."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import action

from registry_app.admin import imports, registry_file


class ExperimentFiles(ExportMixin):
    """Mixin for the admin of experiments."""

    export_form_class = ExportForm
    export_formats = (CSV, XLSX)
    to_encoding = "utf-8-sig"  # else Excel garbles Korean
    actions_list: ClassVar = [
        "scan",
        {
            "title": gettext_lazy("Import and export"),
            "icon": "swap_vert",
            "items": ["import_yaml", "export_yaml", "import_table", "export_table"],
        },
    ]
    actions_list_hide_default = True  # the spreadsheets are in the menu above

    @action(
        description=gettext_lazy("Scan now"),
        url_path="scan-now",
        permissions=["scan"],
        icon="document_search",
    )
    def scan(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the page that confirms a scan."""
        return HttpResponseRedirect(reverse("admin:registry_app_scanjob_add"))

    @action(
        description=gettext_lazy("Import YAML"),
        url_path="import-yaml",
        permissions=["import"],
        icon="upload_file",
    )
    def import_yaml(self, request: HttpRequest) -> HttpResponse:
        """Take a registry file and show what it would change; apply it when confirmed."""
        return imports.import_page(request, self, sheets=False)

    @action(
        description=gettext_lazy("Export YAML"),
        url_path="export-yaml",
        permissions=["export"],
        icon="file_save",
    )
    def export_yaml(self, request: HttpRequest) -> HttpResponse:
        """Return the registry file."""
        return registry_file.download()

    @action(
        description=gettext_lazy("Import spreadsheet"),
        url_path="import-spreadsheet",
        permissions=["import"],
        icon="table",
    )
    def import_table(self, request: HttpRequest) -> HttpResponse:
        """Take a CSV or XLSX file and show what it would change; apply it when confirmed."""
        return imports.import_page(request, self, sheets=True)

    @action(
        description=gettext_lazy("Export spreadsheet"),
        url_path="export-spreadsheet",
        permissions=["export"],
        icon="table",
    )
    def export_table(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the page that exports a CSV or XLSX file."""
        return HttpResponseRedirect(reverse("admin:registry_app_experiment_export"))

    def get_resource_classes(self, request: HttpRequest) -> list[type]:
        from registry_app import resources

        return [
            resources.ExperimentResource,
            resources.EntryPointResource,
            resources.CustomerResource,
            resources.SiteResource,
            resources.ZoneResource,
        ]

    def get_export_filename(self, request: HttpRequest, queryset: Any, file_format: Any) -> str:
        return registry_file.dated("experiments", file_format.get_extension())

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the list shows, for pages that export them."""
        try:
            rows: QuerySet[Any] = super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise BadRequest(_("The list has no such filter.")) from error
        return rows

    def has_scan_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("registry_app.add_scanjob")

    def has_import_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perms(
            ("registry_app.add_experiment", "registry_app.change_experiment")
        )

    def has_export_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_view_permission(request))
