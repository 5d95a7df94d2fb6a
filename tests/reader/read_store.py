"""Reads and checks a store, written from spec/format.md, parts.md and schema.md alone.

    python3 tests/reader/read_store.py STORE [--seal FILE] [--deep]

Prints a line for each record and a sum; faults as `fault: RECORD: what`, and then exits with 1. Needs pyarrow. It
checks metadata, pages, chain, replayed history, fingerprints, all hashes from those of the parts up, and markers, and
reads every row of every version; --deep: also the parts' hashes, from the values themselves (slow). Not checked: duplicate
sums over the values, the signature of a seal.
"""

import argparse
import hashlib
import json
import re
import struct
import sys
import unicodedata
from pathlib import Path

import pyarrow.parquet

from blake3_plain import blake3
from part_hash import part_hash
from type_names import logical_type, stored_columns

LEVEL_MAX = 20
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
CHAINED = ("seq", "event_id", "event_type", "version", "active_before", "time", "details", "digests", "prev_hash")
MAKES_VERSION = ("create", "update", "append", "upsert", "delete_rows", "upload", "overwrite")
TAIL_MAX, OF_LEVEL_MAX, FAN_OUT = 16, 15, 16


# The required fields of each object, as the tables of format.md have them. A number is so many hex digits.
KINDS = {"number": int, "text": str, "object": dict, "array": list}


def fields(text):
    return {
        name: int(kind) if kind.isdigit() else KINDS[kind] for name, kind in (pair.split(":") for pair in text.split())
    }


METADATA = fields(
    """record_id:text state:text commit_id:32 fence:number name:text created_by:text created_at:text updated_by:text
    current_version:number last_version:number last_approved:number deleted_through:number sealed_through:number
    head:object attributes:object tags:object cuts:object schemas:object versions:array history:array pages:array"""
)
HEAD = fields("seq:number hash:text time:text")
STATE = fields("seq:number hash:64")
ENTRY = fields(
    """version:number status:text seq:number event_id:32 event_type:text created_by:text created_at:text comment:text
    exact_hash:64 duplicate_hash:32 tables:object"""
)
TABLE = fields(
    "schema:16 fingerprint:64 rows:number parts:number exact_hash:64 duplicate_sum:32 files:array runs:array"
)
FILE = fields("name:text bytes:number parts:number root:64")
# What never changes in an entry, and what may: texts when they are redacted, among them the name of the source file.
LASTING = ("version", "seq", "event_id", "event_type", "created_at", "exact_hash", "duplicate_hash", "equals", "drift", "checked", "kept")
CHANGING = ("status", "review", "purged", "erased", "created_by", "comment")
KEPT = fields("what:text name:text sha256:64 bytes:number")
SOURCE = fields("file_name:text sha256:text bytes:number")
REVIEW = fields("seq:number by:text at:text meaning:text reason:text")
EVENT = fields("""seq:number event_id:32 event_type:text time:text details:object digests:object prev_hash:64 hash:64
    texts:object""")
REFERENCE = fields("level:number name:text sha256:64 bytes:number events:array versions:array times:array last_hash:64")


class Damaged(Exception):
    """What is broken, as a sentence."""


def need(condition, sentence):
    if not condition:
        raise Damaged(sentence)


# ---------------------------------------------------------------- section 3: names
def escape(name):
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"
    return b"".join(
        bytes([c]) if c >= 0x80 or (c in plain and not (c == 0x2E and i == 0)) else b"%%%02X" % c
        for i, c in enumerate(name.encode())
    ).decode()


def unescape(segment):
    """The name, or None if this is no escaped one."""
    raw = re.sub(rb"%([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), segment.encode("utf-8", "surrogateescape"))
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        return None
    return name if name and escape(name) == segment else None


def is_inside(name):
    """Whether a stored name stays within the record's folder."""
    return "\0" not in name and not any(segment in ("", ".", "..") for segment in name.split("/"))


# ---------------------------------------------------------------- section 4: JSON
def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def sha256(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


def refuse(text):
    raise Damaged(f"a number that is none of this format: {text[:40]}")


def parse(raw, what):
    try:
        value = json.loads(raw.decode(), parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{what} is no readable JSON: {error}")
    need(isinstance(value, dict), f"{what} is no JSON object")
    return value


def field(value, name, kind, what):
    """A required field: a Python type, or the number of hex digits."""
    found = value.get(name)
    if isinstance(kind, int):
        right = isinstance(found, str) and re.fullmatch(f"[0-9a-f]{{{kind}}}", found)
    elif kind is int:
        right = isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 1 << 63
    else:
        right = isinstance(found, kind)
    need(right, f"{what}: field '{name}' is missing or of another kind")
    return found


def check_format(value, name, what):
    number = field(value, name, int, what)
    need(number <= 1, f"{what} was written by a newer release")
    need(number == 1, f"{what}: '{name}' names no format")


def check_fields(value, expected, what):
    for name, kind in expected.items():
        field(value, name, kind, what)


# ---------------------------------------------------------------- section 8: events
def check_event(event, record):
    what = f"event {event.get('seq')}"
    check_fields(event, EVENT, what)
    need(event["seq"] == record.seq + 1, f"{what} follows event {record.seq}: events are missing or reordered")
    need(event["prev_hash"] == record.hash, f"{what} does not follow from the event before it")
    need(
        sha256(canonical({name: event.get(name) for name in CHAINED})) == event["hash"],
        f"{what} was changed: its hash is another",
    )
    need(TIME.fullmatch(event["time"]) and event["time"] >= record.time, f"{what}: its time is none, or falls")
    for name, salted in event["texts"].items():
        need(name in event["digests"], f"{what} has a text '{name}' without a digest")
        text, salt = field(salted, "text", str, what), field(salted, "salt", str, what)
        if text == salt == "":
            continue  # redacted
        need(re.fullmatch("[0-9a-f]{32}", salt), f"{what}: the salt of its text '{name}' is none: the text is forged")
        need(sha256(salt + text) == event["digests"][name], f"{what}: its text '{name}' was changed")


def text_of(event, name):
    """The text; "" where there never was one; None where it was redacted."""
    if name not in event["digests"]:
        return ""
    salted = event["texts"].get(name)
    return salted["text"] if salted and salted["salt"] else None


# ---------------------------------------------------------------- schema.md: schemas that differ little
def written_out(schemas):
    """The same schemas, none as a difference."""
    whole = {key: stored for key, stored in schemas.items() if "like" not in stored}
    result = dict(whole)
    for key, stored in schemas.items():
        if "like" in stored:
            need(stored["like"] in whole, f"schema {key} is like one that is not there")
            text, edited, done = canonical(whole[stored["like"]]).encode(), b"", 0
            for at, drop, put in stored["edits"]:
                need(done <= at <= at + drop <= len(text), f"schema {key} has an edit out of place")
                edited, done = edited + text[done:at] + put.encode(), at + drop
            result[key] = parse(edited + text[done:], f"schema {key}")
            need(sha256(canonical(result[key]))[:16] == key, f"what schema {key} is like does not lead to it")
    return result


def tell_texts(event, told):
    """What the free texts of an event set; None: a text was redacted, and nobody knows any more."""
    if event["event_type"] in ("create", "upload", "overwrite", "rollback", "set_attributes", "bind_schema"):
        if "name" in event["digests"]:
            told["name"] = text_of(event, "name")
        attributes = text_of(event, "attributes")
        if attributes is None:
            told["attributes"] = None
        if told["attributes"] is not None and attributes:
            merged = {**told["attributes"], **json.loads(attributes)}
            told["attributes"] = {key: value for key, value in merged.items() if value != ""}
    if event["event_type"] == "tag":
        tag = text_of(event, "tag")
        known = tag is not None and told["tags"] is not None
        told["tags"] = {**told["tags"], tag: event["version"]} if known else None


# ---------------------------------------------------------------- section 7: entries
def check_schemas(schemas, entries, what):
    """Each under its key, and just those that the entries use; one that was purged uses none."""
    for key, stored in schemas.items():
        need(sha256(canonical(stored))[:16] == key, f"{what}: the schema {key} was changed")
    left = [entry for entry in entries if not entry.get("purged")]
    used = {table["schema"] for entry in left for table in entry["tables"].values()}
    need(used == set(schemas), f"{what}: schemas are there that no entry uses")


def check_copy(copy, sealed):
    """The entry of a sealed version in metadata.json, and the one in its page."""
    what = f"version {sealed['version']}"

    def lasting(entry):
        source = {**(entry.get("source") or {}), "file_name": ""}
        return [entry.get(name) for name in LASTING] + [entry["tables"], source]

    def changing(entry):
        return [entry.get(name) or None for name in CHANGING] + [(entry.get("source") or {}).get("file_name")]

    need(lasting(copy) == lasting(sealed), f"{what} differs from its page in what never changes")
    same = changing(copy) == changing(sealed)
    need(same or copy.get("changed"), f"{what} is not what its page says, and is not called changed")
    need(not (same and copy.get("changed")), f"{what} is called changed since it was sealed, and is not")


def check_made(events, entries, what):
    """The entries beside events are those of the versions that these events made."""
    made = [event["version"] for event in events if event["event_type"] in MAKES_VERSION]
    numbers = [entry["version"] for entry in entries]
    need(made == numbers, f"{what} makes versions {made}, but the entries beside it are of {numbers}")


# ---------------------------------------------------------------- one record
class Record:
    """A record's metadata, pages and files; `seq`, `hash`, `time`: how far its chain was checked."""

    def __init__(self, store, record_id, deep=False):
        self.store, self.id, self.deep = store, record_id, deep
        self.folder = store / "records" / escape(record_id)
        path = self.folder / "metadata.json"
        need(path.is_file(), "the folder has no metadata.json")
        self.meta = parse(path.read_bytes(), "metadata.json")
        self.meta["schemas"] = written_out(field(self.meta, "schemas", dict, "metadata.json"))
        self.seq, self.hash, self.time = 0, sha256("coreshed record " + record_id), ""
        self.events, self.sealed, self.pages = [], {}, 0
        self.files, self.rows = {}, 0

    def check(self):
        self.check_metadata()
        self.follow(self.meta["pages"], None)
        for event in self.meta["history"]:
            self.take_event(event)
        self.check_unsealed()
        head, end = self.meta["head"], dict(seq=self.seq, hash=self.hash if self.seq else "", time=self.time)
        need({name: head[name] for name in end} == end, "head is not the last event")
        self.entries = {**self.sealed, **{e["version"]: (e, self.meta["schemas"]) for e in self.meta["versions"]}}
        self.replay()
        for number, (entry, schemas) in sorted(self.entries.items()):
            if number > self.meta["deleted_through"] and not entry.get("purged"):
                self.check_version(entry, schemas)

    # -- section 15, 1 to 9
    def check_metadata(self):
        m, what = self.meta, "metadata.json"
        check_format(m, "coreshed", what)
        check_fields(m, METADATA, what)
        if "copying" in m:
            check_fields(m["copying"], STATE, what)
        if "to_sweep" in m:
            need(TIME.fullmatch(m["to_sweep"]), f"{what}: its to_sweep is no time")
        check_fields(m["head"], HEAD, "head")
        need(m["record_id"] == self.id, f"it is the metadata of '{m['record_id']}'")
        need(m["state"] in ("live", "deleted", "void"), f"its state is '{m['state']}'")
        for entry in m["versions"]:
            self.check_entry(entry, m["schemas"])
        numbers, last = [entry["version"] for entry in m["versions"]], m["last_version"]
        need(numbers == sorted(set(numbers)), "versions do not ascend")
        unsealed = [n for n in numbers if n > m["sealed_through"]]
        need(unsealed == list(range(m["sealed_through"] + 1, last + 1)), "versions are not dense")
        active = next((e for e in m["versions"] if e["version"] == m["current_version"]), None)
        if m["state"] == "live":
            whole = active and not active.get("purged") and active["tables"]
            need(whole, "there is not exactly one active version with tables")
        else:
            need(m["current_version"] == 0, "a record that is not live has an active version")
        if m["state"] == "void":
            need(not (m["head"]["seq"] or last or m["pages"] or m["history"]), "a void record has a history")
        tags = m["tags"].values()
        need(all(isinstance(n, int) and 1 <= n <= last for n in tags), "a tag names no version")
        need(max(m["last_approved"], m["deleted_through"]) <= last, "last_approved or deleted_through is no version")
        need(len(m["history"]) <= TAIL_MAX, "it holds more events than fit")
        levels = [field(ref, "level", int, "a reference") for ref in m["pages"]]
        need(levels == sorted(levels, reverse=True), "levels of pages do not fall")
        need(all(levels.count(n) <= OF_LEVEL_MAX for n in levels), "it has more references of one level than fit")
        self.check_familiar(active)

    def check_familiar(self, active):
        review = (active or {}).get("review") or {}
        said = dict(
            table_name=next(iter(active["tables"])) if active and len(active["tables"]) == 1 else None,
            status=active and active["status"],
        )
        for status in ("approved", "rejected"):
            shown = review if active and active["status"] == status else {}
            said.update({status + "_by": shown.get("by"), status + "_at": shown.get("at")})
        for name, value in said.items():
            same = name in self.meta and self.meta[name] == value
            need(same, f"its field '{name}' is not what the active version says")

    def check_entry(self, entry, schemas):
        what = f"version {entry.get('version')}"
        check_fields(entry, ENTRY, what)
        need(entry["status"] in ("draft", "approved", "rejected"), f"{what}: its status is '{entry['status']}'")
        need((entry["status"] == "draft") == (entry.get("review") is None), f"{what}: status and review disagree")
        need(entry["tables"], f"{what} has no tables")
        for name, expected in (("review", REVIEW), ("source", SOURCE)):
            if entry.get(name) is not None:
                check_fields(field(entry, name, dict, what), expected, f"{what}, {name}")
        for kept in entry.get("kept", []):
            check_fields(kept, KEPT, f"{what}, a kept file")
            need(kept["name"].startswith("sources/") and is_inside(kept["name"]), f"{what}: a kept file lies outside")
        for name, table in entry["tables"].items():
            here = f"{what}, table '{name}'"
            check_fields(table, TABLE, here)
            need(entry.get("purged") or table["schema"] in schemas, f"{here}: its schema is missing")
            for file in table["files"]:
                check_fields(file, FILE, here)
                need(is_inside(file["name"]), f"{here}: a file lies outside the record")
            for run in table["runs"]:
                three = isinstance(run, list) and len(run) == 3 and all(isinstance(n, int) and n >= 0 for n in run)
                need(three and run[0] < len(table["files"]) and run[2] > 0, f"{here}: a run is damaged")
                need(
                    run[1] + run[2] <= table["files"][run[0]]["parts"], f"{here}: a run names parts that are not there"
                )
            need(sum(run[2] for run in table["runs"]) == table["parts"], f"{here}: runs do not add up")

    # -- section 9
    def follow(self, refs, above):
        """Read the pages of these references, and those below them, in order."""
        for ref in refs:
            check_fields(ref, REFERENCE, "a reference")
            level, name = ref["level"], ref["name"]
            need(level <= LEVEL_MAX and (above is None or level < above), f"{name}: a level that can't be")
            need(name.startswith("pages/") and is_inside(name), f"{name} lies outside pages/")
            path = self.folder / name
            need(path.is_file(), f"{name} is missing")
            raw = path.read_bytes()
            same = sha256(raw) == ref["sha256"] and len(raw) == ref["bytes"]
            need(same, f"{name} was changed: its SHA-256 is another")
            page = parse(raw, name)
            check_format(page, "coreshed_page", name)
            need(page.get("record_id") == self.id and page.get("level") == level, f"{name} is another page")
            before = (self.seq + 1, max(self.sealed, default=0))
            self.pages += 1
            if level:
                need(1 <= len(field(page, "pages", list, name)) <= FAN_OUT, f"{name} holds no references, or too many")
                times = [page["pages"][0]["times"][0], page["pages"][-1]["times"][1]]
                self.follow(page["pages"], level)
            else:
                need(field(page, "events", list, name), f"{name} holds no events")
                times = [page["events"][0]["time"], page["events"][-1]["time"]]
                self.take_leaf(page, name)
            last = max(self.sealed, default=0)
            holds = [before[1] + 1, last] if last > before[1] else [0, 0]
            found = ([before[0], self.seq], holds, times, self.hash)
            said = (ref["events"], ref["versions"], ref["times"], ref["last_hash"])
            need(found == said, f"{name} does not hold what its reference says")
        whole = above is not None or max(self.sealed, default=0) == self.meta["sealed_through"]
        need(whole, "pages and sealed_through disagree")

    def take_leaf(self, page, name):
        for event in page["events"]:
            self.take_event(event)
        page["schemas"] = written_out(field(page, "schemas", dict, name))
        for entry in field(page, "versions", list, name):
            self.check_entry(entry, page["schemas"])
            following = entry["version"] == max(self.sealed, default=0) + 1
            need(following, f"{name}: version {entry['version']} comes out of order")
            need(not entry.get("changed"), f"{name}: version {entry['version']} is called changed")
            self.sealed[entry["version"]] = (entry, page["schemas"])
        check_schemas(page["schemas"], page["versions"], name)
        check_made(page["events"], page["versions"], name)

    def check_unsealed(self):
        """What metadata.json holds besides pages, and beside what they hold."""
        for entry in self.meta["versions"]:
            if entry["version"] in self.sealed:
                check_copy(entry, self.sealed[entry["version"]][0])
        unsealed = [entry for entry in self.meta["versions"] if entry["version"] not in self.sealed]
        need(not any(e.get("changed") for e in unsealed), "a version is called changed that was never sealed")
        check_schemas(self.meta["schemas"], self.meta["versions"], "metadata.json")
        check_made(self.meta["history"], unsealed, "metadata.json")

    def take_event(self, event):
        check_event(event, self)
        self.seq, self.hash, self.time = event["seq"], event["hash"], event["time"]
        self.events.append(event)

    # -- section 15, 12 to 14
    def replay(self):
        """What the events say that the record must be, compared with what its metadata say."""
        policy = None
        need(len({e["event_id"] for e in self.events}) == len(self.events), "an event id comes twice")
        told = dict(
            state="void", current_version=0, last_version=0, last_approved=0, deleted_through=0, created_at="",
            created_by="", updated_by="", name="", attributes={}, tags={},
        )  # fmt: skip
        due, purged, erased = {}, set(), set()
        bound = None
        for event in self.events:
            what, kind, version = f"event {event['seq']}", event["event_type"], event.get("version")
            before, told["updated_by"] = told["current_version"], text_of(event, "actor")
            need((event.get("active_before") or 0) == before, f"{what} says another version was active before")
            if kind in MAKES_VERSION:
                need(version == told["last_version"] + 1, f"{what} makes version {version}, which is not the next one")
                told.update(state="live", last_version=version, current_version=version)
                due[version] = dict(event=event, status="draft", review=None)
            elif version is not None:
                need(version in due, f"{what} speaks of a version that does not exist")
                content = due[version]["event"]["details"].get("exact_hash")
                need(event["details"].get("exact_hash", content) == content, f"{what} speaks of other content")
            if kind in ("create", "upload"):
                told.update(created_at=event["time"], created_by=text_of(event, "actor"))
                told.update(last_approved=0, attributes={}, tags={})
                policy = event["details"].get("drift_policy")
                bound = event["details"].get("bound_schema")
            elif kind in ("approve", "reject"):
                may = version == before and due[version]["status"] == "draft"
                need(may, f"{what} reviews a version that is not the active one, or no draft")
                due[version].update(status="approved" if kind == "approve" else "rejected", review=event)
            elif kind == "rollback":
                need(version > told["deleted_through"], f"{what} goes back to a version that was deleted")
                told["current_version"] = version
                bound = event["details"].get("bound_schema", bound)
            elif kind == "purge":
                need(version not in purged and version != before, f"{what} purges what it can't")
                purged.add(version)
            elif kind == "erased" and version is not None:
                need(version in purged, f"{what} calls a version erased that was not purged")
                erased.add(version)
            elif kind == "delete":
                purged.update(range(told["deleted_through"] + 1, told["last_version"] + 1))
                told.update(state="deleted", current_version=0, deleted_through=told["last_version"])
                told.update(attributes={}, tags={})
            elif kind == "set_drift_policy":
                policy = event["details"]["drift_policy"]
            elif kind == "bind_schema":
                bound = event["details"]["bound_schema"]
            elif kind in MAKES_VERSION:
                bound = event["details"].get("bound_schema", bound)
            if kind in ("approve", "rollback") and due[version]["status"] == "approved":
                told["last_approved"] = version
            tell_texts(event, told)
        for key, value in told.items():
            need(value is None or self.meta[key] == value, f"its field '{key}' is not what its history says")
        need(self.meta.get("bound_schema") == bound, "its field 'bound_schema' is not what its history says")
        need(self.meta.get("drift_policy") == policy, "its field 'drift_policy' is not what its history says")
        need(sorted(self.entries) == list(range(1, told["last_version"] + 1)), "not every version has an entry")
        for name, numbers in (("purged", purged), ("erased", erased)):
            called = {n for n, (entry, _) in self.entries.items() if entry.get(name)}
            need(numbers == called, f"what is called {name} is not what its history says")
        for number, version in due.items():
            self.compare_entry(self.entries[number][0], version)

    @staticmethod
    def texts_due(**texts):
        """field → text of an event, without those that were redacted."""
        return {name: text_of(*where) for name, where in texts.items() if text_of(*where) is not None}

    def compare_entry(self, entry, due):
        event, review, what = due["event"], due["review"], f"version {entry['version']}"
        said = dict(
            status=due["status"],
            seq=event["seq"],
            event_id=event["event_id"],
            event_type=event["event_type"],
            created_at=event["time"],
            exact_hash=event["details"].get("exact_hash"),
            duplicate_hash=event["details"].get("duplicate_hash"),
            equals=event["details"].get("equals"),
            drift=event["details"].get("drift"),
            checked=event["details"].get("checked"),
        )
        said.update(self.texts_due(created_by=(event, "actor"), comment=(event, "comment")))
        for name, value in said.items():
            need(entry.get(name) == value, f"{what} says {name} {entry.get(name)!r}, but its history says {value!r}")
        keys = {name: table["schema"] for name, table in entry["tables"].items()}
        need(event["details"].get("schemas") == keys, f"{what}: its schemas are not what its history says")
        source = entry.get("source") or {}
        for name in ("sha256", "bytes"):
            same = source.get(name) == event["details"].get("source_" + name)
            need(same, f"{what}: {name} of its source is not what its history says")
        kept = {file["what"]: file["sha256"] for file in entry.get("kept", [])}
        need(kept.get("source", source.get("sha256")) == source.get("sha256"), f"{what} keeps another file than its source")
        need(kept.get("rejects") == event["details"].get("rejects_sha256"), f"{what} keeps other rejects than were told")
        for name, text in self.texts_due(file_name=(event, "file_name")).items():
            need(source.get(name, "") == text, f"{what}: the name of its source is not what its history says")
        if review:
            said = dict(
                seq=review["seq"],
                at=review["time"],
                **self.texts_due(by=(review, "actor"), meaning=(review, "meaning"), reason=(review, "comment")),
            )
            for name, value in said.items():
                need(
                    entry["review"].get(name) == value,
                    f"{what}: its review says {name} {entry['review'].get(name)!r}, its history says {value!r}",
                )

    # -- sections 7 and 13
    def check_version(self, entry, schemas):
        what = f"version {entry['version']}"
        exact, duplicates = [], []
        for name, table in sorted(entry["tables"].items(), key=lambda item: item[0].encode()):
            stored = schemas[table["schema"]]
            need(sha256(canonical(stored))[:16] == table["schema"], f"{what}: the schema of table '{name}' was changed")
            columns = stored_columns(stored)
            need(
                sha256(canonical(sorted(columns))) == table["fingerprint"],
                f"{what}: the fingerprint of table '{name}' is another",
            )
            self.read_table(table, columns, f"{what}, table '{name}'")
            if self.deep:
                self.check_values(table, stored, f"{what}, table '{name}'")
            exact.append([name, [list(column) for column in columns], table["rows"], table["exact_hash"]])
            duplicates.append(duplicate_hash(table, columns, name if len(entry["tables"]) > 1 else ""))
        need(
            sha256(canonical(["coreshed version 1", exact])) == entry["exact_hash"],
            f"{what}: its exact hash does not follow from its tables",
        )
        duplicate = (
            duplicates[0] if len(duplicates) == 1 else sha256(canonical(["coreshed tables 1", sorted(duplicates)]))[:32]
        )
        need(duplicate == entry["duplicate_hash"], f"{what}: its duplicate hash does not follow from its tables")
        for kept in entry.get("kept", []):
            path = self.folder / kept["name"]
            need(path.is_file(), f"{what}: {kept['name']} is missing")
            need(hashlib.sha256(path.read_bytes()).hexdigest() == kept["sha256"], f"{what}: {kept['name']} is another file")
        marker = self.store / "content" / duplicate[:2] / f"{duplicate}.{escape(self.id)}.{entry['version']}"
        need(marker.is_file(), f"{what}: its content marker is missing")

    def read_table(self, table, columns, what):
        """The table's rows, or None if it has none."""
        hashes, total, groups = [], 0, []
        for place, first, count in table["runs"]:
            file = self.open(table["files"][place], what)
            names = [(f.name, logical_type(f)) for f in file["parquet"].schema_arrow]
            need(
                as_in_parquet(names) == as_in_parquet(columns),
                f"{what}: {table['files'][place]['name']} has other columns than the stored schema",
            )
            try:
                groups.append(file["parquet"].read_row_groups(list(range(first, first + count))))
            except (OSError, pyarrow.ArrowException) as error:
                raise Damaged(f"{what}: {table['files'][place]['name']} is not readable: {error}")
            need(
                groups[-1].num_rows == sum(file["parts"]["rows"][first : first + count]),
                f"{what}: row groups have other numbers of rows than they say",
            )
            hashes += file["parts"]["hashes"][first : first + count]
            total += sum(int(s, 16) for s in file["parts"]["sums"][first : first + count])
        rows = sum(group.num_rows for group in groups)
        need(rows == table["rows"], f"{what} has {rows} rows, not {table['rows']}")
        need(
            tagged("coreshed table 1", *hashes) == table["exact_hash"],
            f"{what}: its exact hash does not follow from its parts",
        )
        need(
            f"{total % (1 << 128):032x}" == table["duplicate_sum"],
            f"{what}: its duplicate sum is not that of its parts",
        )
        self.rows += rows
        return pyarrow.concat_tables(groups, promote_options="permissive") if groups else None

    def check_values(self, table, stored, what):
        """The parts' hashes are those of their values; each part is looked at once for each schema."""
        for place, first, count in table["runs"]:
            name = table["files"][place]["name"]
            file = self.files[name]
            for group in range(first, first + count):
                if (table["schema"], group) in file["hashed"]:
                    continue
                file["hashed"].add((table["schema"], group))
                columns = [column.combine_chunks() for column in file["parquet"].read_row_group(group).columns]
                need(
                    part_hash(stored, columns) == file["parts"]["hashes"][group],
                    f"{what}: the values of part {group} of {name} are not those that were written",
                )

    def open(self, said, what):
        """A Parquet file with what its footer says of its parts; each is opened and checked once."""
        if said["name"] not in self.files:
            path = self.folder / said["name"]
            need(path.is_file(), f"{what}: {said['name']} is missing")
            need(
                path.stat().st_size == said["bytes"],
                f"{what}: {said['name']} has {path.stat().st_size} bytes, not {said['bytes']}",
            )
            try:
                parquet = pyarrow.parquet.ParquetFile(path)
                parts = parse(parquet.metadata.metadata[b"coreshed.parts"], "coreshed.parts")
            except (OSError, KeyError, pyarrow.ArrowException) as error:
                raise Damaged(f"{what}: {said['name']} is not readable: {error}")
            need(
                parquet.num_row_groups == len(parts["hashes"]) == len(parts["rows"]) == len(parts["sums"]),
                f"{what}: {said['name']} has other parts than it says",
            )
            for i, count in enumerate(parts["rows"]):
                need(
                    parquet.metadata.row_group(i).num_rows == count,
                    f"{what}: {said['name']}: part {i} has another number of rows",
                )
            self.files[said["name"]] = dict(parquet=parquet, parts=parts, hashed=set())
        hashes = self.files[said["name"]]["parts"]["hashes"]
        root = hashes[0] if len(hashes) == 1 else tagged("coreshed file 1", *hashes)
        need(len(hashes) == said["parts"] and root == said["root"], f"{what}: the root of {said['name']} is another")
        return self.files[said["name"]]


def as_in_parquet(columns):
    """Names and types as far as a file tells them: not whether a child may be null, and not all units."""
    units = {" not null": "", "date64": "date", "time(s)": "time(ms)", "timestamp(s": "timestamp(ms"}
    for before, after in units.items():
        columns = [(name, kind.replace(before, after)) for name, kind in columns]
    return columns


def tagged(tag, *hashes):
    return blake3(tag.encode() + b"\0" + struct.pack("<Q", len(hashes)) + b"".join(map(bytes.fromhex, hashes))).hex()


def duplicate_hash(table, columns, counted_name):
    def text(value):
        return struct.pack("<Q", len(value.encode())) + value.encode()

    data = b"coreshed duplicate 1\0" + struct.pack("<Q", len(columns))
    for name, kind in sorted(columns, key=lambda column: (column[0].encode(), column[1].encode())):
        data += text(name) + text(kind)
    data += (
        struct.pack("<Q", table["rows"])
        + bytes.fromhex(table["duplicate_sum"])
        + (text(counted_name) if counted_name else b"")
    )
    return blake3(data).hex()[:32]


# ---------------------------------------------------------------- section 14: seals
def merkle_root(lines):
    level = [sha256("0" + line) for line in lines] or [sha256("")]
    while len(level) > 1:
        pairs = [sha256("1" + a + b) for a, b in zip(level[::2], level[1::2])]
        level = pairs + (level[-1:] if len(level) % 2 else [])
    return level[0]


def check_seal(text, store_id, records):
    """(record, fault) for everything that the seal knows otherwise."""
    head, *lines = text.splitlines()
    head = parse(head.encode(), "the first line of the seal")
    need(
        head["coreshed_seal"] == 1 and head["records"] == len(lines) and merkle_root(lines) == head["root"],
        "the seal's lines do not give its root",
    )
    need(head["store_id"] == store_id, "the seal was made of another store")
    for line in lines:
        record_id, seq, last_hash = json.loads(line)
        record = records.get(record_id)
        if record is None:
            yield record_id, "the record is gone since the seal"
        elif seq > len(record.events):
            yield record_id, f"its history was cut: event {seq} that the seal knows is gone"
        elif record.events[seq - 1]["hash"] != last_hash:
            yield record_id, f"its history was rewritten: event {seq} is not the one that the seal knows"


# ---------------------------------------------------------------- the store
def check_store(store, seal=None, out=print, deep=False):
    """How many faults there are; tells each."""
    info = parse((store / "coreshed.json").read_bytes(), "coreshed.json")
    need(field(info, "format", int, "coreshed.json") == 1, "a newer release made this store")
    store_id = field(info, "store_id", 32, "coreshed.json")
    records, faults, sums = {}, 0, dict(versions=0, events=0, pages=0, rows=0)
    folders = (
        sorted((f.name for f in (store / "records").iterdir() if f.is_dir() and not f.is_symlink()), key=str.encode)
        if (store / "records").is_dir()
        else []
    )
    for segment in folders:
        record_id = unescape(segment)
        if record_id is None:
            continue
        try:
            need(unicodedata.is_normalized("NFC", record_id), "its id is not in normalisation form C")
            record = Record(store, record_id, deep)
            record.check()
            records[record_id] = record
            active, last = record.meta["current_version"], record.meta["last_version"]
            counts = dict(versions=last, events=record.seq, pages=record.pages, rows=record.rows)
            said = ", ".join(f"{count} {name}" for name, count in counts.items())
            out(f"{record_id}: {record.meta['state']}, version {active} of {last} active: {said}")
            sums = {name: sums[name] + count for name, count in counts.items()}
        except Damaged as damage:
            faults += 1
            out(f"fault: {record_id}: {damage}")
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            faults += 1
            out(f"fault: {record_id}: something of another kind than the format has: {error!r}")
    for record_id, sentence in check_seal(seal, store_id, records) if seal else ():
        faults += 1
        out(f"fault: {record_id}: {sentence}")
    out(
        f"{len(folders)} records, "
        + ", ".join(f"{count} {name}" for name, count in sums.items())
        + f", {faults} faults"
    )
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--seal", type=Path, help="compare with a seal made earlier")
    parser.add_argument("--deep", action="store_true", help="hash all values, too")
    options = parser.parse_args()
    seal = options.seal.read_text() if options.seal else None
    try:
        return 1 if check_store(options.store, seal, deep=options.deep) else 0
    except (Damaged, OSError) as damage:
        print(f"fault: {damage}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
