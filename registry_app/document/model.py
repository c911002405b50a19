"""The content of a registry file, as typed values between file, scan, plan and rows.

In every document `None` means "not mentioned": a plan leaves that field alone. An empty text or
an empty tuple means "set to empty": a plan clears the field.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from registry_app.arguments.parameters import Parameter
from registry_app.messages import Message


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Why the scan believes a value: `source` is `file:line`, a file's or a directory's name.

    For a value from a registry file it is the file's name and line, without confidence or reason.
    """

    confidence: str
    source: str
    reason: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SiteDocument:
    customer: str | None = None
    region: str | None = None
    plant: str | None = None
    zone: str | None = None


@dataclass(frozen=True, kw_only=True)
class TaskDocument:
    type: str | None = None
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class ResourcesDocument:
    """The resources of a run of this entry point, in seconds, MiB and whole GPUs."""

    gpus: int | None = None
    gpu_memory_mib: int | None = None
    timeout_s: int | None = None
    grace_s: int | None = None
    overlap: bool | None = None
    log_limit_mib: int | None = None
    background: bool | None = None
    buffered: bool | None = None


@dataclass(frozen=True, kw_only=True)
class EntryPointDocument:
    default: str | None = None
    patterns: tuple[str, ...] | None = None
    args_template: str | None = None
    parameters: tuple[Parameter, ...] | None = None
    interpreter: str | None = None
    working_directory: str | None = None
    start: str | None = None
    environment: dict[str, str] | None = None
    reads: tuple[str, ...] | None = None
    resources: ResourcesDocument = ResourcesDocument()


@dataclass(frozen=True, kw_only=True)
class ExperimentDocument:
    """One experiment of a registry file; `entry_points` is keyed by entry-point type.

    `lines` has the line of each dotted field (`site.customer`, `entry_points.train.default`) if
    the document came from a file; `evidence` has the scan's reasons, or the place in the file, by
    the same keys.
    """

    name: str
    path: str
    site: SiteDocument = SiteDocument()
    task: TaskDocument = TaskDocument()
    entry_points: dict[str, EntryPointDocument] = field(default_factory=dict)
    stage: int | None = None
    stage_reason: str | None = None
    owner: str | None = None
    notes: str | None = None
    aliases: tuple[str, ...] | None = None
    lines: dict[str, int] = field(default_factory=dict, compare=False)
    evidence: dict[str, Evidence] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class CustomerDocument:
    """The display name and the aliases of a customer."""

    name: str
    display_name: str | None = None
    aliases: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class WordDocument:
    """A word of the vocabulary, in the form in which it is looked up; without a task it is silent.

    Language and note that are None are not mentioned.
    """

    word: str
    task: str
    language: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlaceDocument:
    """A customer, a site or a zone; the levels below it are None."""

    customer: str
    region: str | None = None
    plant: str | None = None
    zone: str | None = None

    def __str__(self) -> str:
        return " · ".join(
            part for part in (self.customer, self.region, self.plant, self.zone) if part
        )


@dataclass(frozen=True, kw_only=True)
class RegistryDocument:
    """The content of a file, experiments, customers and words sorted by name.

    A registry file is complete: an experiment that it does not name counts as missing. A sheet is
    not; `places` are the customers, sites and zones that it requests. `remarks` tell the user how
    the file was read.
    """

    experiments: tuple[ExperimentDocument, ...] = ()
    customers: tuple[CustomerDocument, ...] = ()
    vocabulary: tuple[WordDocument, ...] = ()
    places: tuple[PlaceDocument, ...] = ()
    is_whole: bool = True
    remarks: tuple[Message, ...] = ()
