"""Settings of `make dev`: pages with DEBUG and the debug toolbar, for those who change the portal.

Never for a portal that others reach: pages of errors show code and settings.
"""

from __future__ import annotations

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS, MIDDLEWARE, STORAGES

DEBUG = True
INSTALLED_APPS = [*INSTALLED_APPS, "debug_toolbar"]
MIDDLEWARE = ["debug_toolbar.middleware.DebugToolbarMiddleware", *MIDDLEWARE]
INTERNAL_IPS = ["127.0.0.1", "::1"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# The portal's own cookies, so that DEBUG logs nobody out elsewhere.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
