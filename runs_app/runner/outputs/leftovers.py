"""Names of files that file systems and editors leave behind; they are not outputs of a run."""

from __future__ import annotations

import re

_LEFTOVER = re.compile(
    r"""
    \.nfs[0-9a-f]{4,}.*          # deleted on NFS and still open
    | \.fuse_hidden[0-9a-f]+     # the same on FUSE
    | \.ds_store | \._.+         # macOS
    | thumbs\.db | desktop\.ini | ehthumbs\.db
    | \.?.+\.sw[nopx]            # vim
    | \.\#.+ | \#.+\# | .+~      # Emacs and others
    | \.?~lock\..+\# | ~\$.+     # offices
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_leftover(name: str) -> bool:
    """Return whether a file name (without folder) is that of such a leftover."""
    return _LEFTOVER.fullmatch(name) is not None
