"""A reader of the scan that is stuck at certain files on any machine, however fast or busy.

    python -m tests.registry_app.scan.hostile_reader REQUESTS REPLIES PLACE LIMITS

At `spins.py` it uses the processor for ever, at `eats.py` all memory that it can get; at
`blocks.py` it waits until a file `go` is next to it.
"""

from __future__ import annotations

import time
from pathlib import Path

SPINS, EATS, BLOCKS, GO = "spins.py", "eats.py", "blocks.py", "go"


def get_stuck(path: str) -> None:
    """Get stuck where the file is one of these; else return at once."""
    file = Path(path)
    while file.name == SPINS:
        pass
    eaten = []
    while file.name == EATS:
        eaten.append(bytes(2**26))
    while file.name == BLOCKS and not file.with_name(GO).exists():
        time.sleep(0.01)


def main() -> None:
    from registry_app.scan import reader  # sets up Django for itself
    from registry_app.scan.files import Files

    real = Files.read

    def read(self: Files, path: str) -> bytes | None:
        data = real(self, path)
        get_stuck(str(self.listing.directory / path))
        return data

    Files.read = read  # type: ignore[method-assign]
    reader.main()


if __name__ == "__main__":
    main()
