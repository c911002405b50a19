"""Static files as they are served: hashed names, compressed in advance, fonts reduced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from portal.frame import fonts


class PortalStaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; the theme's fonts keep only the characters and icons of the pages."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if not dry_run:
            paths |= {
                name: self._reduced(name, *paths[name]) for name in fonts.REDUCED & set(paths)
            }
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _reduced(self, name: str, source: Any, path: str) -> tuple[Any, str]:
        """Replace the collected copy of a font; return where it is found from now on."""
        with source.open(path) as file:
            reduced = fonts.reduce(name, file.read())
        self.delete(name)
        return self, self.save(name, ContentFile(reduced))
