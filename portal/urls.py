"""URLs of the portal."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

import registry_app.row_numbers  # noqa: F401  # knows <row:pk>
from portal import views
from portal.home import visits

admin.autodiscover()

handler400 = "portal.refused_pages.bad_request"
handler403 = "portal.refused_pages.forbidden"
handler404 = "portal.refused_pages.not_found"
handler500 = "portal.refused_pages.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", views.healthz),
    path("metrics", views.metrics),
    path("i18n/", include("django.conf.urls.i18n")),
    path(
        "admin/notices/<row:pk>/close/",
        admin.site.admin_view(views.close_notice),
        name="close_notice",
    ),
    path("admin/session/", admin.site.admin_view(views.session), name="session"),
    path("admin/home/visit/", admin.site.admin_view(visits.report_visit), name="report_visit"),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
