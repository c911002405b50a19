"""The WSGI entry point for web servers."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from registry_app.files import umask

umask.keep_private()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from portal import database  # noqa: E402  # needs the settings

# The status by which gunicorn knows not to retry.
CANNOT_BE_LOADED = 4

if problem := database.problem_at_start():
    sys.stderr.write(f"guardianflow: {problem}\n")
    sys.exit(CANNOT_BE_LOADED)
