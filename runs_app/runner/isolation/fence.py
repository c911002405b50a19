"""Keeps the process that calls it, and all that it starts, out of the portal's folders.

    report = restrict(json.loads(text))   # in a forked child, then exec

It uses Landlock, which needs no rights and exists since Linux 5.13. Landlock only allows: what no
rule names is refused, and rules add up. "Everything but the home" is therefore a rule for each
entry beside the way that leads to the home. What comes to be there later is refused as well.

It is a fence, not a wall. Not covered are stat, chmod, chown, access lists and times of files,
and sockets that have a path; signals only from level 6 on. Standard library only, Python 3.8.
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
# Why there is no fence although one is wanted.
NO_LANDLOCK, OPEN_FOLDER = "no_landlock", "open_folder"
# Below it no file can be renamed into another folder, which scripts do.
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
# Up to TRUNCATE. IOCTL_DEV is left alone: it would take the GPUs away.
_ALL = (1 << 15) - 1
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

# Files of the kernel that speak for other processes, the portal's among them.
_KERNEL = ("/proc", "/sys")


def restrict(
    fence: dict[str, Any], keep_fds: Collection[int] = (1, 2), level: int | None = None
) -> dict[str, Any]:
    """Put the fence up around this process for good, and return what it is.

    `fence` holds, every path absolute and `~/` meaning this user's own home:

    - `mode`: `portal` (all can be written but what is protected), `strict` (only what is named
      can be written) or `off`
    - `hide`: files and folders that cannot be opened
    - `protect`: files and folders that can be read only
    - `open`: folders in which everything can be written by anybody; what is hidden inside of one
      cannot be hidden, so then there is no fence
    - `create`: folders to create first where they would be refused later
    - `write`: further folders that can be written; links are followed, but never to what is hidden
      or protected, as a script may have put them there
    - `own`, `read`: what lies inside of `hide` or `protect` and can be written, or read, all the
      same; no link is followed
    - `signals`: whether processes outside of the fence can be signalled

    The files behind `keep_fds` stay writable by path. `level` is the level of Landlock to use at
    most. The result has `fence` (the mode that is active), `abi` (the level, 0 without Landlock),
    `rules` (how many there are), and where none is active `reason` and `path`.
    Raises OSError where the kernel refuses to put it up.
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
    """Return the level of Landlock that this kernel offers, 0 where it has none."""
    version = 1
    return max(0, _syscall(_CREATE_RULESET, None, 0, version))


def hindrance(fence: dict[str, Any], abi: int) -> tuple[str, str]:
    """Return why these folders cannot be fenced, and the path that it is about; '' if they can."""
    if abi < OLDEST_LEVEL:
        return NO_LANDLOCK, ""
    hidden = real_paths(fence, "hide")
    for path in real_paths(fence, "open"):
        if any(is_inside(one, path) for one in hidden):
            return OPEN_FOLDER, path
    return "", ""


def create_folders(fence: dict[str, Any]) -> None:
    """Create the folders that programs expect to be able to make in the user's own home.

    One that cannot be made is left out, and all are where that home stays open for new entries.
    """
    needed = fence["mode"] == STRICT or not frozen_folders(fence).isdisjoint(own_home())
    for path in real_paths(fence, "create") if needed else ():
        try:
            os.makedirs(path, 0o700, exist_ok=True)
        except OSError:
            continue


def own_home() -> list[str]:
    """Return this user's home directory without links; nothing for a user who has none."""
    return real_paths({"home": ["~"]}, "home")


def grants(fence: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield what the rules allow, as path and access, outside of what is hidden."""
    hidden = set(real_paths(fence, "hide"))
    protected = {*_KERNEL, *real_paths(fence, "protect")}
    yield "/", _READ_DIR  # the way to what is hidden stays listable, and with it the names there
    ways = {_READ: _above(hidden), _ALL: _above(hidden | protected)}
    yield from _beside("/", _READ if fence["mode"] == STRICT else _ALL, hidden, protected, ways)
    yield from ((path, _ALL) for path in written_folders(fence))


def written_folders(fence: dict[str, Any]) -> list[str]:
    """Return the folders that a rule of their own lets be written, but for those of `own`."""
    kept = [*real_paths(fence, "hide"), *real_paths(fence, "protect"), *_KERNEL]
    return real_paths(fence, "open") + [
        path
        for path in real_paths(fence, "write")
        if not any(is_inside(path, one) or is_inside(one, path) for one in kept)
    ]


def frozen_folders(fence: dict[str, Any]) -> set[str]:
    """Return the folders in which, by this fence, existing entries can be used but none made."""
    protected = real_paths(fence, "protect")
    above = _above([*real_paths(fence, "hide"), *protected])
    return {path for path in above if not any(is_inside(path, one) for one in protected)}


def _beside(
    folder: str,
    access: int,
    hidden: set[str],
    protected: set[str],
    ways: dict[int, set[str]],
) -> Iterator[tuple[str, int]]:
    """Yield each entry beside the ways from `folder` to what is hidden or only readable.

    `ways` holds the folders on those ways, by the access that there is so far: what can only be
    read anyway needs no way to what is protected.
    """
    try:
        with os.scandir(folder) as entries:
            found = [entry.path for entry in entries if not entry.is_symlink()]
    except OSError:  # another user's: what is in there cannot be reached anyway
        return
    for path in found:
        if path in hidden:
            continue
        allowed = _READ if path in protected else access
        if path in ways[allowed]:
            yield from _beside(path, allowed, hidden, protected, ways)
        else:
            yield path, allowed


def _above(paths: Collection[str]) -> set[str]:
    """Return every folder that lies above one of the paths."""
    found = set()
    for path in paths:
        folder = path
        while folder != "/":
            folder = os.path.dirname(folder)
            found.add(folder)
    return found


def real_paths(fence: dict[str, Any], key: str) -> list[str]:
    """Return the paths under a key without links; of `own` and `read` as they are written.

    What begins with `~/` is left out for a user who has no home.
    """
    paths = fence.get(key, ())
    if key in ("own", "read"):
        return list(paths)
    return [
        os.path.realpath(path) for path in map(os.path.expanduser, paths) if os.path.isabs(path)
    ]


def is_inside(path: str, folder: str) -> bool:
    """Return whether a path is a folder or lies in it; both are absolute and without links."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


class Ruleset:
    """The rules of one fence while they are being made."""

    def __init__(self, abi: int, *, signals: bool) -> None:
        self.count = 0
        self.handled = (1 << 13) - 1
        self.handled |= (1 << 13 if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0)
        scopes = _SCOPE_ABSTRACT_SOCKETS | (0 if signals else _SCOPE_SIGNALS)
        attributes = struct.pack("QQQ", self.handled, 0, scopes if abi >= 6 else 0)
        size = 8 if abi < 4 else 16 if abi < 6 else 24  # as the kernel of that level knows it
        self.descriptor = _checked("landlock_create_ruleset", _CREATE_RULESET, attributes, size, 0)
        # Made once: there may be hundreds of rules.
        words = (_ADD_RULE, self.descriptor, _RULE_PATH_BENEATH)
        self._start_of_call = [ctypes.c_long(word) for word in words]

    def allow(self, path: str, access: int, *, follow: bool = True) -> None:
        """Add a rule for a file, or for a folder and all below; nothing for what is not there."""
        try:
            descriptor = _opened(path) if follow else _opened_without_links(path)
        except OSError:  # gone, or a link, or behind a folder of another user
            return
        try:
            self._add(descriptor, access)
        finally:
            os.close(descriptor)

    def allow_file(self, descriptor: int) -> None:
        """Add a rule to write an open file by its path, as `echo x > /dev/stderr` does."""
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # pipes and terminals have no rule of ours
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
        """Put the rules into force; from here on no program of this process gains rights."""
        if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise _failure("prctl(PR_SET_NO_NEW_PRIVS)", ctypes.get_errno())
        _checked("landlock_restrict_self", _RESTRICT_SELF, self.descriptor, 0)

    def close(self) -> None:
        os.close(self.descriptor)


def _opened(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)


def _opened_without_links(path: str) -> int:
    """Open a path no part of which is a link: a script may have put one there."""
    how = struct.pack("QQQ", os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_NO_SYMLINKS)
    name = os.fsencode(path) + b"\0"
    return _checked("openat2", _OPENAT2, _AT_FDCWD, name, how, len(how))


_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
_NO_FLAGS = ctypes.c_long(0)


def _syscall(number: int, *words: Any) -> int:
    """Make a system call; numbers are handed on in full width."""
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
    # Whoever reads the number must not take it for a program that is not there.
    return OSError(errno.EPERM, text % (name, os.strerror(number)))
