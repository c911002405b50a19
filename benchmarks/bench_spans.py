"""Measures the edits of a registry file in place, in processor time.

    python benchmarks/bench_spans.py [EXPERIMENTS]

Two fields of each experiment change; with 1,000 experiments that takes at most 1 s and changes
exactly 2,000 lines, else the exit status is 1.
"""

from __future__ import annotations

import copy
import os
import sys
import time

MOST_S = 1.0


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from registry_app.document.spans.edits import differences
    from registry_app.document.spans.rewrite import content_of, rewrite
    from tests.registry_app.document.spans.hand_written import large

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    data = large(count).encode()
    begun = time.process_time()
    content = content_of(data)
    wanted = copy.deepcopy(content)
    for entry in wanted["experiments"].values():
        entry["owner"] = "sujin"
        entry["site"]["zone"] = "press"
    after = rewrite(data, content, differences(content, wanted))
    took_s = time.process_time() - begun
    lines = zip(data.splitlines(), after.data.splitlines(), strict=True)
    changed = sum(old != new for old, new in lines)
    print(f"{count} experiments, {changed} changed lines, {took_s:.2f} s of processor time")
    is_good = changed == 2 * count and not after.refusals
    return 0 if is_good and (took_s <= MOST_S or count > 1000) else 1


if __name__ == "__main__":
    sys.exit(main())
