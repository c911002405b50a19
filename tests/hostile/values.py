"""Values that people, crawlers and attackers put where a number, a word or a date is meant."""

from __future__ import annotations

VALUES: tuple[str, ...] = (
    *("", " ", "x", "0", "-1", "00", "1.5", "1e400", "NaN", "Infinity", "None", "true", "null"),
    *(str(2**31), str(2**63), str(-(2**63) - 1), "9" * 19, "9" * 23, "9" * 400, "9" * 5000),
    *("\x00", "1\x00", "a\x00b", "\ud800", "\udcff", "\U0001f9ea", "안전모", "\u202egnp.txt"),
    *("٣", "１２", "²", "Ⅷ", "௧"),
    *("a" * 3000, "%", "%s", "%(x)s", "{0}", "\\", "'", '"', "';--", "<img src=x>", "../../etc"),
    *("[]", "{}", "[1]", '["a", {"b": 1}]', "[" * 2000, '{"a": NaN}', '[{"name": "\\ud800"}]'),
    *("1,2", "1,x", ",", "1,99999999999999999999", "()", "(.+)+!$", "[", "*", "^(.+)+!$"),
    *("0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01"),
    *("2026-11-28T25:61:61Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-23:59"),
    *("_5F", "_", "1_2F2", "1/2", "/", "//", ".", "..", "~", "\r\nSet-Cookie: a=b"),
)

LOOKUPS: tuple[str, ...] = (
    *("", "__exact", "__iexact", "__regex", "__iregex", "__in", "__isnull", "__contains"),
    *("__icontains", "__contained_by", "__has_key", "__has_any_keys", "__range", "__gt", "__lte"),
    *("__year", "__month", "__date", "__week_day", "__startswith", "__0", "__pk", "__id", "__x"),
)
