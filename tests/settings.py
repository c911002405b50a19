"""The portal's settings with a home of its own for every test process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="guardianflow-tests-"))
_owner = os.getpid()


def _tidy_up() -> None:
    if os.getpid() == _owner:  # not in a process that was forked from ours
        shutil.rmtree(_home, ignore_errors=True)


atexit.register(_tidy_up)
for _name in [name for name in os.environ if name.startswith(("GUARDIANFLOW_", "MLFLOW_"))]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)
os.environ["GUARDIANFLOW_HOME"] = str(_home)
os.environ["GUARDIANFLOW_ROOTS"] = str(_home / "experiments")

from portal.settings import *  # noqa: E402, F403
from portal.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# A file, so that threads and processes of one test see the same database.
DATABASES["default"]["TEST"] = {"NAME": str(_home / "test.sqlite3")}
# Its own, so that collecting the real files meanwhile disturbs no test.
STATIC_ROOT = _home / "static"
STATIC_ROOT.mkdir()
