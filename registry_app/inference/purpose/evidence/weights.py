"""Weigh signs: the points of each type, and which types another implies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from registry_app.inference.purpose.script_names import INFER
from registry_app.inference.purpose.sign_tables import GENERIC
from registry_app.inference.purpose.signs import STRONG, Sign
from registry_app.kinds import KINDS, EntryPointType

# Maximum points for all signs of one type, for generic signs, and for signs of other modules.
MOST, MAX_GENERIC, MAX_BORROWED = 6, 2, 2
# A sign with at least this many points is sufficient by itself.
FIRM = 2
# Types that work with a model.
OF_MODELS = frozenset(kind.type for kind in KINDS if kind.needs_model)


def summed(signs: Iterable[Sign]) -> Counter[EntryPointType]:
    """Sum the points of signs, each name once; generic signs together count little."""
    each: dict[tuple[EntryPointType, str], int] = {}
    for sign in signs:
        key = (sign.kind, sign.name)
        each[key] = max(each.get(key, 0), sign.points)
    points: Counter[EntryPointType] = Counter()
    generic = 0
    for (kind, name), count in each.items():
        if name in GENERIC:
            generic += count
        else:
            points[kind] = min(points[kind] + count, MOST)
    if generic:
        points[INFER] = min(points[INFER] + min(generic, MAX_GENERIC), MOST)
    return points


def settled(
    points: Counter[EntryPointType], strong: set[EntryPointType]
) -> Counter[EntryPointType]:
    """Reduce the points of types that are only implied by a type with strong evidence."""
    left = points.copy()
    for kind in KINDS:
        if kind.type in strong and left[kind.type] >= STRONG:
            for other in kind.implies & left.keys():
                left[other] = min(left[other], 1)
    return left


def borrowed(signs: list[Sign]) -> Counter[EntryPointType]:
    left = settled(summed(signs), {sign.kind for sign in signs})
    return Counter({kind: min(count, MAX_BORROWED) for kind, count in left.items()})
