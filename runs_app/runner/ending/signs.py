"""The table of what tools print when they fail, and what that means.

The first sign that matches a line counts, so special signs come first. Named groups become the
values of the sentence. Add a row together with its examples in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from registry_app.messages import Message, Text
from runs_app.texts import causes

MAX_VALUE_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A pattern for a line, and the sentence that it means.

    `details` are searched for in the same line; `values` are their defaults.
    `is_final`: this ended the program that printed it, regardless of earlier lines.
    """

    text: Text
    patterns: tuple[str, ...]
    details: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    is_final: bool = False

    def read(self, line: str) -> Message | None:
        """Return the message of a line; None if the line does not match."""
        found = next(
            (hit for pattern in self.patterns if (hit := _compiled(pattern).search(line))), None
        )
        if found is None:
            return None
        groups = dict(self.values)
        for matched in (found, *(_compiled(detail).search(line) for detail in self.details)):
            if matched is not None:
                groups |= {
                    name: value.strip() for name, value in matched.groupdict().items() if value
                }
        return self.text(**{name: value[:MAX_VALUE_LENGTH] for name, value in groups.items()})


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when a line is read: every command loads this table, few read a log."""
    return re.compile(pattern)


def _sign(
    text: Text, *patterns: str, details: tuple[str, ...] = (), is_final: bool = False, **values: str
) -> Sign:
    return Sign(
        text=text,
        patterns=tuple(patterns),
        details=tuple(details),
        values=values,
        is_final=is_final,
    )


SIGNS: tuple[Sign, ...] = (
    _sign(
        causes.CUDA_OUT_OF_MEMORY,
        (
            r"(?:CUDA|HIP|MPS backend) out of memory|"
            r"CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation"
        ),
        r"CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED|OOM when allocating tensor|CUDA error: out of memory",
        r"Out of memory error on GPU|Failed to allocate memory for requested buffer of size",
        r"(?i:RESOURCE_EXHAUSTED): Out of memory|cudaMalloc failed: out of memory",
        details=(
            r"(?:Tried to allocate|Cannot allocate) (?P<size>[\d.]+ ?[KMGT]i?B)",
            r"\bGPU:? ?(?P<gpu>\d+)",
        ),
    ),
    _sign(
        causes.SHARED_MEMORY,
        r"is killed by signal: Bus error",
        r"out of shared memory|insufficient shared memory",
        r"unable to (?:open|allocate|mmap|write).*shared memory|No space left on device.*/dev/shm",
    ),
    _sign(
        causes.KILLED_FOR_MEMORY,
        r"oom-kill|Out of memory: Killed process|OOM Killed|OOMKilled|oom_kill event",
        r"worker .*was killed.* due to (?:memory|the node running low on memory)",
        is_final=True,
    ),
    _sign(
        causes.KILLED,
        r"^(?:\S+: line \d+: +|\S+: \d+: )?(?:\d+ )?Killed(?: |$)",
        r"is killed by signal: Killed|Signal 9 \(SIGKILL\) received|died with <Signals\.SIGKILL",
        r"exit ?code *: -9\b|process terminated unexpectedly.*SIGKILL|with signal SIGKILL",
        is_final=True,
    ),
    _sign(
        causes.OUT_OF_MEMORY,
        r"^(?:[\w.]+\.)?_?(?:Array)?MemoryError\b|std::bad_alloc|Cannot allocate memory",
        r"DefaultCPUAllocator: (?:can't|not enough)|Insufficient memory.*Failed to allocate",
        r"java\.lang\.OutOfMemoryError",
        details=(
            r"[Uu]nable to allocate (?P<size>[\d.]+ ?[KMGT]i?B)",
            r"tried to allocate (?P<size>\d+ bytes)",
        ),
    ),
    _sign(
        causes.DISK_FULL,
        r"No space left on device|\[Errno 28\]|Disk quota exceeded|\[Errno 122\]|\bENOSPC\b",
        r"database or disk is full|PytorchStreamWriter failed writing file",
    ),
    _sign(
        causes.LFS_POINTER,
        r"invalid load key, 'v'|git-lfs\.github\.com/spec|[Gg]it[ -]LFS pointer",
    ),
    _sign(
        causes.WINDOWS_LINE_ENDS,
        (
            r"\$'(?:[^']*\\r)|\\r['’]?: (?:command not found|No such file or "
            r"directory)|bad interpreter: .*\^M"
        ),
        r"set: (?:-\s*|pipefail\s*): invalid option",
        is_final=True,
    ),
    _sign(
        causes.NO_GPU,
        r"(?P<problem>No CUDA GPUs are available|Found no NVIDIA driver on your system)",
        r"(?P<problem>Torch not compiled with CUDA enabled)",
        r"(?P<problem>CUDA driver version is insufficient for CUDA runtime version)",
        (
            r"(?P<problem>Attempting to deserialize object on a CUDA device but "
            r"torch\.cuda\.is_available\(\) is False)"
        ),
        r"(?P<problem>Invalid CUDA 'device=[^']*' requested)",
        r"(?P<problem>CUDA error: (?:no CUDA-capable device is detected|invalid device ordinal))",
    ),
    _sign(
        causes.GPU_ERROR,
        (
            r"(?P<problem>CUDA error: [^\n]+|CUDNN_STATUS_\w+|"
            r"CUBLAS_STATUS_\w+|NCCL (?:error|timeout)[^\n]*)"
        ),
        r"(?P<problem>device-side assert triggered|an illegal memory access was encountered)",
    ),
    _sign(
        causes.WEIGHTS_MISMATCH,
        r"Error\(s\) in loading state_dict for (?P<name>[\w.]+)",
        r"size mismatch for (?P<name>[\w.]+)",
    ),
    _sign(
        causes.DAMAGED_FILE,
        (
            r"PytorchStreamReader failed|invalid header or archive is "
            r"corrupted|_pickle\.UnpicklingError"
        ),
        r"unexpected EOF, expected|EOFError: Ran out of input|file signature not found",
        r"truncated file|BadZipFile|HeaderTooLarge|image file is truncated",
    ),
    _sign(
        causes.NOT_ACTIVATED,
        r"(?:Could not find conda environment|Not a conda environment): (?P<name>\S+)",
        (
            r"(?P<name>conda|mamba|micromamba|activate|workon|pyenv|"
            r"module)(?:: \d+)?: (?:command )?not found"
        ),
        r"not been properly configured to use '(?P<name>\w+) activate'",
        r"(?P<name>\S*(?:bin/activate|conda\.sh)): No such file or directory",
        r"Unable to locate a modulefile for '(?P<name>[^']+)'",
    ),
    _sign(
        causes.MISSING_MODULE,
        r"No module named '(?P<name>[^']+)'",
        r"No module named (?P<name>[\w.]+)",
    ),
    _sign(
        causes.MISSING_NAME,
        (
            r"cannot import name '(?P<name>[^']+)' from (?:partially "
            r"initialized module )?'(?P<module>[^']+)'"
        ),
        r"module '(?P<module>[^']+)' has no attribute '(?P<name>[^']+)'",
    ),
    _sign(
        causes.MISSING_LIBRARY,
        r"(?P<name>[\w.+-]+\.so[\w.]*): cannot open shared object file",
        r"version `(?P<name>GLIBC(?:XX)?_[\d.]+)' not found",
        r"Could not (?:load|find) (?:library|dynamic library) '?(?P<name>lib[\w.+-]+)",
    ),
    _sign(
        causes.BAD_ARGUMENT,
        r"^[\w./-]+(?: \w[\w-]*)?: error: (?P<problem>.+)",
        r"^(?:Error: |│ )(?P<problem>(?:No such (?:option|command)|"
        r"Invalid value|Missing (?:option|argument"
        r"|parameter|command)|Got unexpected extra argument|Option .+ requires|Try )[^│]*)",
        r"(?P<problem>Unknown command line flag '[^']*')",
        (
            r"(?P<problem>Could not override '[^']*'|Key '[^']*' is not "
            r"in struct|Could not load '[^']*')"
        ),
        r"(?P<problem>'[^']*' is not a valid YOLO argument|'[^']*' are not valid YOLO arguments)",
        r"(?P<problem>Could not consume arg: \S+)",
        r"(?P<problem>Some specified arguments are not used by [^\n]*)",
        r"^\S+: (?P<problem>(?:unrecognized|invalid|illegal|unknown) option [^\n]*)",
        is_final=True,
    ),
    _sign(
        causes.MISSING_PROGRAM,
        r"(?P<name>[\w./+-]+): (?:command )?not found$",
        r"command not found: (?P<name>[\w./+-]+)",
        r"env: ['‘](?P<name>[^'’]+)['’]: No such file or directory",
        r"exec: (?P<name>[^:]+): not found",
        (
            r"(?:bad interpreter|failed to run command)[ "
            r":]*['‘]?(?P<name>[^'’: ]+)['’]?: No such file"
        ),
    ),
    _sign(
        causes.MISSING_FILE,
        r"No such file or directory: b?'(?P<path>[^']+)'",
        r"No such file or directory: b?\"(?P<path>[^\"]+)\"",
        r"No such file or directory: (?P<path>\S[^\n]*)",
        r"can't open file '(?P<path>[^']+)'",
        r"Dataset '(?P<path>[^']+)'[^\n]*(?:not found|error)",
        (
            r"^(?:[\w.]*(?:FileNotFound|NotFound|OS)Error): "
            r"'?(?P<path>[^'\n]*?)'? (?:does not exist|not found)"
        ),
        (
            r"(?:cannot|can't|could not|Could not|Can't) (?:stat|access|open|find|"
            r"read|load)(?: \w+)? ['‘\"](?P<path>[^'’\"]+)['’\"]"
        ),
        (
            r"(?:^|: )(?P<path>[^:\n]*[^:\s]): (?:No such file or "
            r"directory|그런 파일이나 디렉(?:터|토)리가 없)"
        ),
        r"does not appear to have a file named (?P<path>\S+)",
        r"^FileNotFoundError: (?P<path>[^\n]+)",
    ),
    _sign(
        causes.NO_PERMISSION,
        r"Permission denied: '?(?P<path>[^'\n]+)'?",
        r"(?:^|: )(?P<path>[^:\n]*[^:\s]): (?:Permission denied|허가 거부)",
        r"^PermissionError: (?P<path>[^\n]+)",
    ),
    _sign(
        causes.PORT_TAKEN,
        r"Address already in use|EADDRINUSE",
    ),
    _sign(
        causes.NETWORK,
        r"Temporary failure in name resolution|Name or service not known|Network is unreachable",
        (
            r"Max retries exceeded with url|[Cc]ouldn't connect to '|"
            r"Connection refused|getaddrinfo failed"
        ),
        r"Could not resolve host|urlopen error|LocalEntryNotFoundError|Connection timed out",
        details=(r"host='(?P<host>[^']+)'", r"connect to 'https?://(?P<host>[^'/]+)"),
    ),
    _sign(
        causes.SHELL_SYNTAX,
        r"(?:^|: )line (?P<number>\d+): (?P<problem>syntax error[^\n]*)",
        r"^\S+: (?P<number>\d+): (?P<problem>Syntax error[^\n]*)",
        is_final=True,
    ),
    _sign(
        causes.CRASHED,
        r"(?P<problem>Segmentation fault|Bus error|Illegal instruction|Floating point exception)",
        r"^(?:\S+: line \d+: +)?(?:\d+ )?(?P<problem>Aborted)(?: |$)",
        r"Fatal Python error: (?P<problem>[^\n]+)",
        r"(?P<problem>DataLoader worker \(pid(?:\(s\))? [\d, ]+\) exited unexpectedly)",
        r"died with <Signals\.(?P<problem>SIG(?:SEGV|ABRT|BUS|ILL|FPE))",
        is_final=True,
    ),
    _sign(
        causes.NAN,
        r"(?i:\bepoch\W{0,3}(?P<epoch>\d+)\b.*?\b(?P<name>[\w/]*loss[\w/]*)\W{1,3}(?:nan)\b)",
    ),
    _sign(
        causes.NAN_VALUES,
        r"(?i:\bloss (?:is|became|=) ?nan|contains? nan|nan (?:or inf )?(?:found|detected|loss))",
        r"(?i:found nan\b|produced nans?\b|nan values? in)",
    ),
)


def read_line(line: str, *, final_only: bool = False) -> Message | None:
    """Return the message of a log line; None if no sign matches."""
    for sign in SIGNS:
        if final_only and not sign.is_final:
            continue
        message = sign.read(line)
        if message is not None:
            return message
    return None
