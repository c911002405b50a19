"""Settings of `make dev`: DEBUG and the debug toolbar, for developers of the portal.

Never for a portal on a network: error pages show code and settings.
"""

from __future__ import annotations

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS, MIDDLEWARE, SILENCED_SYSTEM_CHECKS, STORAGES

DEBUG = True
# That DEBUG is on is meant here.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "portal.E003"]
INSTALLED_APPS = [*INSTALLED_APPS, "debug_toolbar"]
# The toolbar writes into pages, so it comes after what compresses them.
_AT = MIDDLEWARE.index("portal.frame.compression.CompressPages") + 1
MIDDLEWARE = [
    *MIDDLEWARE[:_AT],
    "debug_toolbar.middleware.DebugToolbarMiddleware",
    *MIDDLEWARE[_AT:],
]
# The toolbar keeps requests in memory; its table would make every database look older.
MIGRATION_MODULES = {"debug_toolbar": None}
INTERNAL_IPS = ["127.0.0.1", "::1"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Separate cookies, so that DEBUG does not log users out of another portal.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False

# Open only where asked for: it would cover half of a page.
DEBUG_TOOLBAR_CONFIG = {"SHOW_COLLAPSED": True}
