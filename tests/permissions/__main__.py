"""Writes docs/permissions.md: `python -m tests.permissions`."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.permissions.document import FILE, text  # noqa: E402  # needs the settings

FILE.write_text(text(), encoding="utf-8")
