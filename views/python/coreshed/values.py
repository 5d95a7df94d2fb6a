"""What Coreshed hands out: values that never change, with the names that the specification and every other face use.

Times are `datetime` in UTC, with microseconds; hashes and ids are lower-case hex.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from coreshed.display import Listing, Row, html_table


class Status(StrEnum):
    """The review status of a version."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"


class DriftClass(StrEnum):
    """How serious a change of schema is."""

    NONE = "none"
    ADDITIVE = "additive"
    BREAKING = "breaking"


class SchemaDriftPolicy(StrEnum):
    """What happens to a breaking change of schema: refused, taken with a warning, or taken."""

    REJECT = "reject"
    WARN = "warn"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `type` is a logical type (spec/schema.md, "Logical types")."""

    name: str
    type: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class DriftChange:
    """One difference between two schemas of one table."""

    kind: str
    table: str
    column: str | None
    before: str | None
    after: str | None
    widening: bool
    drift_class: DriftClass
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Drift:
    """All differences, and the worst class among them."""

    drift_class: DriftClass
    changes: tuple[DriftChange, ...]
    overridden: bool

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        return "\n".join([str(self.drift_class), *(f"  {change}" for change in self.changes)])

    def __repr__(self) -> str:
        words = [str(self.drift_class), *map(str, self.changes)] + ["overridden"] * self.overridden
        return f"<Drift: {'; '.join(words)}>"

    def _repr_html_(self) -> str:
        rows = [
            (change.drift_class, change.table, change.column, change.kind, change.before, change.after)
            for change in self.changes
        ]
        over = " (overridden)" if self.overridden else ""
        table = html_table(["class", "table", "column", "change", "before", "after"], rows) if rows else ""
        return f"<div>Drift: <b>{self.drift_class}</b>{over}</div>{table}"


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One table of a version."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    fingerprint: str
    exact_hash: str
    duplicate_hash: str
    parts: int
    files: int


@dataclass(frozen=True, slots=True)
class CheckedBy:
    """The named schema that a version was checked by."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Source:
    """The file that the data of a version came from; `size_bytes` and `sha256` are of its bytes."""

    file_name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Review:
    """A review: who, when, what it meant and why."""

    by: str
    at: datetime
    meaning: str
    reason: str


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable state of all tables of a record, with its review status."""

    record_id: str
    version: int
    status: Status
    active: bool
    created_by: str
    created_at: datetime
    comment: str
    tables: tuple[TableInfo, ...]
    review: Review | None
    tags: list[str]
    drift: Drift
    warnings: list[str]
    source: Source | None
    checked: CheckedBy | None
    equals_version: int | None
    event_type: str
    event_id: str
    exact_hash: str
    duplicate_hash: str
    purged: bool
    erased: bool

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)

    def __repr__(self) -> str:
        words = [str(self.status)] + ["active"] * self.active + ["purged"] * self.purged
        shape = ", ".join(f"{t.name} {t.rows} × {len(t.columns)}" for t in self.tables)
        return f"<Version {self.version} of {self.record_id!r}: {', '.join(words)}; {shape}>"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a record's history; its hash covers `prev_hash` and so all that came before.

    `texts` holds whatever people wrote, by name: "actor", "comment", "why" (of what was refused), "tag", "file_name", …
    """

    seq: int
    event_type: str
    version: int | None
    actor: str
    time: datetime
    comment: str
    active_before: int | None
    details: dict[str, Any]
    texts: dict[str, str]
    event_id: str
    prev_hash: str
    hash: str

    def __repr__(self) -> str:
        what = f" v{self.version}" if self.version else ""
        said = f": {self.comment}" if self.comment else ""
        return f"<Event {self.seq} {self.event_type}{what} by {self.actor}, {self.time:%Y-%m-%d %H:%M:%S} UTC{said}>"


class History(Listing[Event]):
    """Events, oldest first."""

    def _header(self) -> list[str]:
        return ["#", "time (UTC)", "by", "event", "version", "about"]

    def _row(self, entry: Event) -> Row:
        version = f"v{entry.version}" if entry.version else ""
        return entry.seq, entry.time, entry.actor, entry.event_type, version, _about(entry)


def _about(event: Event) -> str:
    """What was said, and what a list of types leaves open: which tag, what a review meant, why something was refused."""
    said = [event.texts.get("meaning", ""), event.texts.get("tag", ""), event.comment, event.texts.get("why", "")]
    return "; ".join(text for text in said if text)


class Versions(Listing[Version]):
    """Versions, oldest first."""

    def _header(self) -> list[str]:
        return ["version", "", "status", "rows", "written (UTC)", "by", "reviewed by", "comment"]

    def _row(self, entry: Version) -> Row:
        state = "active" if entry.active else "purged" if entry.purged else ""
        reviewer = entry.review.by if entry.review else ""
        written = entry.created_at, entry.created_by, reviewer, entry.comment
        return f"v{entry.version}", state, entry.status, entry.rows, *written


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """One record as the list shows it; `rows` of the active version, `corrupt` says what is broken."""

    record_id: str
    name: str
    tables: list[str]
    current_version: int
    versions: int
    status: Status
    rows: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime
    attributes: dict[str, str]
    drift_policy: SchemaDriftPolicy | None
    bound_schema: str | None
    corrupt: str | None

    def __repr__(self) -> str:
        if self.corrupt:
            return f"<Record {self.record_id!r}: damaged: {self.corrupt}>"
        return f"<Record {self.record_id!r}: v{self.current_version} {self.status}, {self.rows} rows>"


class Records(Listing[RecordInfo]):
    """Records, sorted by id."""

    def _header(self) -> list[str]:
        return ["record", "active", "status", "rows", "tables", "last event (UTC)", "by", "name", "attributes"]

    def _row(self, entry: RecordInfo) -> Row:
        if entry.corrupt:
            return entry.record_id, "", "damaged", "", "", "", "", entry.name, entry.corrupt
        attributes = ", ".join(f"{name}={value}" for name, value in entry.attributes.items())
        name = entry.name if entry.name != entry.record_id else ""
        last = entry.updated_at, entry.updated_by, name, attributes
        return entry.record_id, f"v{entry.current_version}", entry.status, entry.rows, ", ".join(entry.tables), *last


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record that was created, changed or deleted; `record` is None where it is gone."""

    record_id: str
    record: RecordInfo | None


@dataclass(frozen=True, slots=True)
class ContentMatch:
    """A version with given content; `corrupt` says why nobody can tell, where the record is damaged."""

    record_id: str
    version: int
    status: Status
    active: bool
    corrupt: str | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Rows of a dataset's active version, and what says which they were: number, exact hash and event type of the version."""

    data: Any
    record_id: str
    table: str
    version: int
    exact_hash: str
    event_type: str
    status: Status


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Versions of several records with the same content; `hash` is their duplicate hash."""

    hash: str
    matches: tuple[ContentMatch, ...]


@dataclass(frozen=True, slots=True)
class NamedSchema:
    """A schema as the store keeps it; `definition` is its JSON form (spec/validation.md) as Python has it."""

    name: str
    number: int
    definition: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reject:
    """A value, or a row, that breaks a rule; `record` counts from 1, `line` is 0 where it is not known."""

    table: str
    file: str
    record: int
    line: int
    column: str
    value: str | None
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rows that broke a schema. `file` holds them as they were written, to be mended and sent again: a CSV file, of several
    tables a ZIP file of them. `pandas.DataFrame(rejects.faults)` makes a table of the faults."""

    faults: tuple[Reject, ...]
    by_rule: dict[str, int]
    good_rows: int
    rejected_rows: int
    file: bytes | None
    file_name: str

    def __bool__(self) -> bool:
        return bool(self.faults)


class UploadOutcome(StrEnum):
    """What an upload came to."""

    CREATED = "created"
    NEW_VERSION = "new_version"
    UNCHANGED = "unchanged"
    REACTIVATED = "reactivated"


@dataclass(frozen=True, slots=True)
class UploadResult:
    """What `Store.save_upload` did; `upload_id` is the dataset's record id, `duplicates` are versions of other records."""

    upload_id: str
    outcome: UploadOutcome
    version: Version
    duplicates: tuple[ContentMatch, ...]
    rejects: Rejects

    @property
    def warnings(self) -> list[str]:
        """What a person should know: drift, how the file was read, duplicates."""
        return self.version.warnings

    @property
    def drift(self) -> Drift:
        """How its columns differ from those of the version before."""
        return self.version.drift


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a ref stands for; `table` is None where the version has several and none was named."""

    record_id: str
    version: Version
    table: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault found; `record_id` is None for the store itself."""

    record_id: str | None
    object: str | None
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `Store.verify` found."""

    records: int
    versions: int
    events: int
    files: int
    bytes_read: int
    faults: tuple[Fault, ...]
    notes: list[str]

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What `Store.copy` did; make the same call after `again_after`, if there is one."""

    records: int
    copied: int
    files: int
    bytes: int
    faults: tuple[Fault, ...]
    again_after: datetime | None
    left: list[str]

    @property
    def ok(self) -> bool:
        """Every record is there as it is here."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What `Store.import_store` did; `notes` say what was not kept, and what nobody told."""

    records: int
    imported: int
    unchanged: int
    versions: int
    events: int
    faults: tuple[Fault, ...]
    notes: list[str]

    @property
    def ok(self) -> bool:
        """Every record of the older store is here, as it is there."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What `Store.repair` did."""

    records: int
    versions: int
    markers: int


@dataclass(frozen=True, slots=True)
class VacuumReport:
    """What `Store.vacuum` removed, or would remove; `objects` names at most 1,000."""

    records: int
    records_cleaned: int
    files: int
    temporary: int
    bytes: int
    objects: list[str]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of an erasure; make the same call after `again_after`, if there is one."""

    files: int
    bytes: int
    erased: bool
    left: list[str]
    again_after: datetime | None


@dataclass(frozen=True, slots=True)
class Stats:
    """Sizes and counts of a store."""

    records: int
    versions: int
    events: int
    corrupt: int
    data_files: int
    data_bytes: int
    metadata_bytes: int
    by_status: dict[str, int]
