"""Keeps the calling process, and all processes that it starts, out of the portal's folders.

    report = restrict(json.loads(text))   # in a forked child, then exec

It uses Landlock, which needs no privileges and exists since Linux 5.13. Landlock rules only allow:
anything that no rule names is refused, and rules add up. "Everything except the home" is therefore
one rule for each entry next to the path to the home. Entries created there later are refused too.

It is a fence, not a wall. It does not cover stat, chmod, chown, access lists and times of files,
or sockets that have a path; it covers signals only from level 6 on. Standard library only,
Python 3.8.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost memory
    from collections.abc import Collection, Iterator
    from typing import Any

PORTAL, STRICT, OFF = "portal", "strict", "off"
# Why there is no fence although one was requested.
NO_LANDLOCK, OPEN_FOLDER = "no_landlock", "open_folder"
# Below this level no file can be renamed into another folder, which scripts do.
OLDEST_LEVEL = 2

# The same numbers on x86-64, arm64 and every other architecture since 2019.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _OPENAT2 = 444, 445, 446, 437
_PR_SET_NO_NEW_PRIVS = 38
_RULE_PATH_BENEATH = 1
_RESOLVE_NO_SYMLINKS = 4
_AT_FDCWD = -100

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
# Up to TRUNCATE. IOCTL_DEV is not restricted: it would block access to the GPUs.
_ALL = (1 << 15) - 1
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

# Kernel files that control other processes, including the portal's.
_KERNEL = ("/proc", "/sys")


def restrict(
    fence: dict[str, Any], keep_fds: Collection[int] = (1, 2), level: int | None = None
) -> dict[str, Any]:
    """Fence in this process permanently, and return what is in force.

    `fence` has these keys; every path is absolute, and `~/` means this user's own home:

    - `mode`: `portal` (everything except protected paths can be written), `strict` (only named
      paths can be written) or `off`
    - `hide`: files and folders that cannot be opened
    - `protect`: files and folders that are read-only
    - `open`: folders in which everything is writable; a hidden path inside such a folder cannot be
      hidden, so then there is no fence
    - `create`: folders to create first if creating them would be refused later
    - `write`: further writable folders; links are followed, but never to hidden or protected
      paths, as a script may have created the links
    - `own`, `read`: paths inside `hide` or `protect` that can still be written, or read; no link
      is followed
    - `signals`: whether processes outside the fence can be signalled

    The files of `keep_fds` stay writable by path. `level` is the maximum level of Landlock to use.
    The result has `fence` (the active mode), `abi` (the level, 0 without Landlock), `rules` (their
    number), and without an active fence `reason` and `path`.
    Raises OSError if the kernel refuses the rules.
    """
    known = supported_level()
    abi = known if level is None else min(known, level)
    report = {"fence": OFF, "abi": abi, "rules": 0, "reason": "", "path": ""}
    if fence.get("mode", OFF) == OFF:
        return report
    create_folders(fence)
    reason, path = hindrance(fence, abi)
    if reason:
        return dict(report, reason=reason, path=path)
    rules = Ruleset(abi, signals=bool(fence.get("signals")))
    try:
        for path, access in grants(fence):
            rules.allow(path, access)
        for path in real_paths(fence, "own"):
            rules.allow(path, _ALL, follow=False)
        for path in real_paths(fence, "read"):
            rules.allow(path, _READ, follow=False)
        for descriptor in keep_fds:
            rules.allow_file(descriptor)
        rules.enforce()
    finally:
        rules.close()
    return dict(report, fence=fence["mode"], rules=rules.count)


def supported_level() -> int:
    """Return the Landlock level of this kernel, 0 if it has none."""
    version = 1
    return max(0, _syscall(_CREATE_RULESET, None, 0, version))


def hindrance(fence: dict[str, Any], abi: int) -> tuple[str, str]:
    """Return why these folders cannot be fenced, and the path concerned; '' if they can."""
    if abi < OLDEST_LEVEL:
        return NO_LANDLOCK, ""
    hidden = real_paths(fence, "hide")
    for path in real_paths(fence, "open"):
        if any(is_inside(entry, path) for entry in hidden):
            return OPEN_FOLDER, path
    return "", ""


def create_folders(fence: dict[str, Any]) -> None:
    """Create the folders that programs expect to be able to create in the user's own home.

    A folder that cannot be created is skipped; all are skipped if new entries are allowed there.
    """
    needed = fence["mode"] == STRICT or not frozen_folders(fence).isdisjoint(own_home())
    for path in real_paths(fence, "create") if needed else ():
        try:
            os.makedirs(path, 0o700, exist_ok=True)
        except OSError:
            continue


def own_home() -> list[str]:
    """Return this user's home directory without links; empty for a user without one."""
    return real_paths({"home": ["~"]}, "home")


def grants(fence: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield what the rules allow, as path and access, except hidden paths."""
    hidden = set(real_paths(fence, "hide"))
    protected = {*_KERNEL, *real_paths(fence, "protect")}
    yield "/", _READ_DIR  # folders above hidden paths stay listable, including the names in them
    ways = {_READ: _above(hidden), _ALL: _above(hidden | protected)}
    yield from _entries_around(
        "/", _READ if fence["mode"] == STRICT else _ALL, hidden, protected, ways
    )
    yield from ((path, _ALL) for path in written_folders(fence))


def written_folders(fence: dict[str, Any]) -> list[str]:
    """Return the folders that rules of their own make writable, except those of `own`."""
    kept = [*real_paths(fence, "hide"), *real_paths(fence, "protect"), *_KERNEL]
    return real_paths(fence, "open") + [
        path
        for path in real_paths(fence, "write")
        if not any(is_inside(path, entry) or is_inside(entry, path) for entry in kept)
    ]


def frozen_folders(fence: dict[str, Any]) -> set[str]:
    """Return the folders in which existing entries can be used but none can be created."""
    protected = real_paths(fence, "protect")
    above = _above([*real_paths(fence, "hide"), *protected])
    return {path for path in above if not any(is_inside(path, entry) for entry in protected)}


def _entries_around(
    folder: str,
    access: int,
    hidden: set[str],
    protected: set[str],
    ways: dict[int, set[str]],
) -> Iterator[tuple[str, int]]:
    """Yield each entry next to the paths from `folder` to hidden or read-only entries.

    `ways` holds the folders on those paths, by the access so far: in a folder that is read-only
    anyway, protected paths need no rules of their own.
    """
    try:
        with os.scandir(folder) as entries:
            found = [entry.path for entry in entries if not entry.is_symlink()]
    except OSError:  # another user's folder: its entries cannot be reached anyway
        return
    for path in found:
        if path in hidden:
            continue
        allowed = _READ if path in protected else access
        if path in ways[allowed]:
            yield from _entries_around(path, allowed, hidden, protected, ways)
        else:
            yield path, allowed


def _above(paths: Collection[str]) -> set[str]:
    """Return every folder above one of the paths."""
    found = set()
    for path in paths:
        folder = path
        while folder != "/":
            folder = os.path.dirname(folder)
            found.add(folder)
    return found


def real_paths(fence: dict[str, Any], key: str) -> list[str]:
    """Return the paths under a key with links resolved; `own` and `read` are left as written.

    Paths that begin with `~/` are skipped for a user without a home.
    """
    paths = fence.get(key, ())
    if key in ("own", "read"):
        return list(paths)
    return [
        os.path.realpath(path) for path in map(os.path.expanduser, paths) if os.path.isabs(path)
    ]


def is_inside(path: str, folder: str) -> bool:
    """Return whether a path is a folder or is in it; both are absolute and without links."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


class Ruleset:
    """The rules of one fence under construction."""

    def __init__(self, abi: int, *, signals: bool) -> None:
        self.count = 0
        self.handled = (1 << 13) - 1
        self.handled |= (1 << 13 if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0)
        scopes = _SCOPE_ABSTRACT_SOCKETS | (0 if signals else _SCOPE_SIGNALS)
        attributes = struct.pack("QQQ", self.handled, 0, scopes if abi >= 6 else 0)
        size = 8 if abi < 4 else 16 if abi < 6 else 24  # the size at that kernel's level
        self.descriptor = _checked("landlock_create_ruleset", _CREATE_RULESET, attributes, size, 0)
        # Created once: there may be hundreds of rules.
        words = (_ADD_RULE, self.descriptor, _RULE_PATH_BENEATH)
        self._start_of_call = [ctypes.c_long(word) for word in words]

    def allow(self, path: str, access: int, *, follow: bool = True) -> None:
        """Add a rule for a file, or for a folder and all below; skip a missing path."""
        try:
            descriptor = _opened(path) if follow else _opened_without_links(path)
        except OSError:  # gone, or a link, or in another user's folder
            return
        try:
            self._add(descriptor, access)
        finally:
            os.close(descriptor)

    def allow_file(self, descriptor: int) -> None:
        """Add a rule that an open file can be written by path, as `echo x > /dev/stderr` does."""
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # pipes and terminals need no rule
            self._add(descriptor, _FILE)

    def _add(self, descriptor: int, access: int) -> None:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISLNK(mode):
            return
        access &= self.handled if stat.S_ISDIR(mode) else self.handled & _FILE
        if access:
            rule = struct.pack("=Qi", access, descriptor)
            if _LIBC.syscall(*self._start_of_call, rule, _NO_FLAGS):
                raise _failure("landlock_add_rule", ctypes.get_errno())
            self.count += 1

    def enforce(self) -> None:
        """Enforce the rules; from now on no program of this process gains privileges."""
        if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise _failure("prctl(PR_SET_NO_NEW_PRIVS)", ctypes.get_errno())
        _checked("landlock_restrict_self", _RESTRICT_SELF, self.descriptor, 0)

    def close(self) -> None:
        os.close(self.descriptor)


def _opened(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)


def _opened_without_links(path: str) -> int:
    """Open a path no part of which is a link: a script may have created one."""
    how = struct.pack("QQQ", os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_NO_SYMLINKS)
    name = os.fsencode(path) + b"\0"
    return _checked("openat2", _OPENAT2, _AT_FDCWD, name, how, len(how))


_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
_NO_FLAGS = ctypes.c_long(0)


def _syscall(number: int, *words: Any) -> int:
    """Make a system call; numbers are passed in full width."""
    wide = [ctypes.c_long(word) if isinstance(word, int) else word for word in words]
    result: int = _LIBC.syscall(ctypes.c_long(number), *wide)
    return result


def _checked(name: str, number: int, *words: Any) -> int:
    result = _syscall(number, *words)
    if result < 0:
        raise _failure(name, ctypes.get_errno())
    return result


def _failure(name: str, number: int) -> OSError:
    text = "the fence cannot be put up: %s: %s; GUARDIANFLOW_FENCE=off starts scripts without it"
    # The caller must not read the errno as a missing program.
    return OSError(errno.EPERM, text % (name, os.strerror(number)))
