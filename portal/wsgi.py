"""The door for web servers."""

import os

from django.core.wsgi import get_wsgi_application

from registry_app.files import umask

umask.keep_private()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
