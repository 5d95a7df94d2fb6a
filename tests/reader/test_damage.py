"""Stores that the library wrote, damaged and forged: both the script that was written from the pages alone and
`coreshed verify` must name what is wrong."""

import json
import shutil

import pytest

from made_store import SEVERAL, faults_of, run
from read_store import CHAINED, Damaged, Record, canonical, check_store, escape, sha256


# ---------------------------------------------------------------- ways to damage a store
def metadata(store, record_id="BH-7"):
    return store / "records" / escape(record_id) / "metadata.json"


def edit(path, change):
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value, ensure_ascii=False))


def in_metadata(change, record_id="BH-7"):
    return lambda store: edit(metadata(store, record_id), change)


def active(meta):
    return next(entry for entry in meta["versions"] if entry["version"] == meta["current_version"])


def in_active(change, record_id="BH-7"):
    return in_metadata(lambda meta: change(active(meta)), record_id)


def in_reviewed(change):
    """A version that was reviewed after it had been sealed: metadata.json has it too, and it is `changed`."""
    return in_metadata(lambda meta: change(next(e for e in meta["versions"] if "review" in e)))


def last_event_of(meta, kind):
    return next(event for event in reversed(meta["history"]) if event["event_type"] == kind)


def in_event(kind, change):
    return in_metadata(lambda meta: change(last_event_of(meta, kind)))


def rechained(change):
    """The events of metadata.json changed, and the chain made anew over them."""

    def damage(meta):
        change(meta["history"])
        before = meta["pages"][-1]["last_hash"]
        for event in meta["history"]:
            event["prev_hash"] = before
            before = event["hash"] = sha256(canonical({name: event[name] for name in CHAINED}))
        meta["head"] = {name: meta["history"][-1][name] for name in ("seq", "hash", "time")}

    return in_metadata(damage)


def forge_page(change, pick=lambda refs: refs[-1]):
    """A page changed, and the reference to it with it. `pick`: the reference, from those in metadata.json."""

    def damage(meta, folder):
        ref = pick(meta["pages"])
        path = folder / ref["name"]
        edit(path, change)
        ref.update(sha256=sha256(path.read_bytes()), bytes=path.stat().st_size)

    return lambda store: edit(metadata(store), lambda meta: damage(meta, metadata(store).parent))


def forge_inner(change):
    return forge_page(lambda page: change(page["pages"]), lambda refs: refs[0])


def forge_sealed(version, change):
    """The entry of a version in its leaf changed, and every reference down to it."""

    def damage(folder, refs):
        ref = next(ref for ref in refs if ref["versions"][0] <= version <= ref["versions"][1])
        path = folder / ref["name"]
        page = json.loads(path.read_text())
        if ref["level"] > 0:
            damage(folder, page["pages"])
        else:
            change(next(entry for entry in page["versions"] if entry["version"] == version))
        path.write_text(json.dumps(page, ensure_ascii=False))
        ref.update(sha256=sha256(path.read_bytes()), bytes=path.stat().st_size)

    return lambda store: edit(metadata(store), lambda meta: damage(metadata(store).parent, meta["pages"]))


def newest_leaf(store):
    refs = json.loads(metadata(store).read_text())["pages"]
    return metadata(store).parent / refs[-1]["name"]


def cut_page(store):
    path = newest_leaf(store)
    path.write_bytes(path.read_bytes()[:-100])


def unseal(store):
    """The newest leaf taken back into metadata.json: all of it is true, and more than may be there."""
    leaf = json.loads(newest_leaf(store).read_text())

    def take_back(meta):
        meta["pages"].pop()
        meta["history"] = leaf["events"] + meta["history"]
        for entry in meta["versions"]:
            entry.pop("changed", None)
        meta["sealed_through"] -= len(leaf["versions"])

    edit(metadata(store), take_back)


def data_file(store, version):
    record = Record(store, "BH-7")
    record.check()
    return record.folder / record.entries[version][0]["tables"]["data"]["files"][0]["name"]


def flip_byte_of_data(store):
    path = data_file(store, 5)
    raw = bytearray(path.read_bytes())
    raw[60] ^= 1
    path.write_bytes(raw)


def flip_byte_of_comment(store):
    path = metadata(store)
    raw = path.read_bytes()
    assert raw.count(b"fits the logs") == 2  # in the event and in the review
    at = raw.rindex(b"fits the logs")
    path.write_bytes(raw[:at] + b"F" + raw[at + 1 :])


def extend_salt(event):
    text = event["texts"]["actor"]
    text.update(salt=text["salt"] + text["text"][:2], text=text["text"][2:])


def recount_head(meta):
    """Drop the last event, and make the head what is left."""
    meta["history"].pop()
    last = meta["history"][-1]
    meta["head"] = {name: last[name] for name in ("seq", "hash", "time")}


def move_range(refs, name, first, second):
    """Two neighbours that say consistently what is not so."""
    refs[-2][name], refs[-1][name] = first, second


def swap(items, i):
    items[i], items[i + 1] = items[i + 1], items[i]


def add_schema(value):
    schema = {"fields": [{"name": "hole", "type": "utf8"}]}
    value["schemas"][sha256(canonical(schema))[:16]] = schema


def require_column(meta, in_its_own_name):
    """No hash of content knows whether a column may be null: only the schema's own key, and the files."""
    table = active(meta)["tables"]["data"]
    schema = json.loads(json.dumps(meta["schemas"][table["schema"]]))
    schema["fields"][0]["nullable"] = False
    if in_its_own_name:
        meta["schemas"][table["schema"]] = schema
    else:
        table["schema"] = sha256(canonical(schema))[:16]
        meta["schemas"][table["schema"]] = schema


def activate_reviewed(meta):
    """Another version active, and the fields that people look for with it."""
    entry = next(entry for entry in meta["versions"] if "review" in entry)
    by, at = entry["review"]["by"], entry["review"]["at"]
    meta.update(current_version=entry["version"], status="approved", approved_by=by, approved_at=at)


def tombstone(meta):
    meta.update(state="deleted", current_version=0, table_name=None, status=None)


# ---------------------------------------------------------------- the damages
EARLIER, NOBODY, ZERO = "2001-01-01T00:00:00.000000Z", "somebody", "0" * 64

# name → (damage, words of the reader's fault, words of one of verify's faults). None: it can't see this.
OBJECTS = {
    "a page cut": (cut_page, "its SHA-256 is another", "its SHA-256 is another"),
    "a page removed": (lambda store: newest_leaf(store).unlink(), "is missing", "is missing"),
    "a data file replaced": (lambda store: shutil.copy(data_file(store, 6), data_file(store, 5)), "version 5", ""),
    "a data file removed": (lambda store: data_file(store, 5).unlink(), "is missing", "version 5"),
    "a byte of a data file": (flip_byte_of_data, None, "version 5"),
    "metadata.json removed": (lambda store: metadata(store).unlink(), "no metadata.json", "no metadata.json"),
    "metadata.json cut": (
        lambda store: metadata(store).write_bytes(metadata(store).read_bytes()[:-9]),
        "no readable JSON",
        "not readable JSON",
    ),
    "metadata.json of another record": (
        lambda store: shutil.copy(metadata(store, "large"), metadata(store)),
        "is the metadata of 'large'",
        "is the metadata of 'large'",
    ),
}

EVENTS = {
    "a byte of an event's comment": (flip_byte_of_comment, "its text 'comment' was changed", "its text 'comment'"),
    "details": (in_event("update", lambda e: e["details"].update(exact_hash=ZERO)), "hash is another", "its hash"),
    "the type": (in_event("approve", lambda e: e.update(event_type="reject")), "hash is another", "its hash"),
    "one dropped": (in_metadata(lambda m: m["history"].pop(1)), "missing or reordered", "missing or reordered"),
    "the last one dropped": (in_metadata(lambda m: m["history"].pop()), "head is not the last", "head is not the last"),
    "the last one dropped, with the head": (in_metadata(recount_head), "'tags' is not what its history", "'tags'"),
    "another order": (in_metadata(lambda m: swap(m["history"], 0)), "missing or reordered", "missing or reordered"),
    "one in a page": (forge_page(lambda p: p["events"][3].update(time=EARLIER)), "hash is another", "its hash"),
    "an empty salt": (
        in_event("approve", lambda e: e["texts"]["actor"].update(text=NOBODY, salt="")),
        "forged",
        "its text 'actor' was changed",
    ),
    "a text that begins in its salt": (in_event("approve", extend_salt), "forged", "its text 'actor' was changed"),
    "a text without its salt": (
        in_event("approve", lambda e: e["texts"]["actor"].pop("salt")),
        "field 'salt' is missing",
        "field 'salt' is missing",
    ),
    "a text of its own": (
        in_event("approve", lambda e: e["texts"].update(why=e["texts"]["actor"])),
        "without a digest",
        "without a digest",
    ),
    "an id twice": (
        rechained(lambda events: events[3].update(event_id=events[1]["event_id"])),
        "an event id comes twice",
        "have the same id",
    ),
    "a time that is none": (rechained(lambda events: events[-1].update(time="9999")), "time is none", "time is none"),
    "a time that falls": (rechained(lambda events: events[2].update(time=EARLIER)), "or falls", "its time is before"),
    "another version active before": (
        rechained(lambda events: events[-1].update(active_before=3)),
        "another version was active",
        "says that version 3 was active",
    ),
    "a review of other content": (
        rechained(lambda events: events[5]["details"].update(exact_hash=ZERO)),
        "speaks of other content",
        "speaks of other content",
    ),
    "a tag on a version to come": (
        rechained(lambda events: events[-1].update(version=99)),
        "speaks of a version that does not exist",
        "version 99, which does not exist",
    ),
    "more than fit": (unseal, "more events than fit", "more events than fit"),
}

PAGES = {
    "another order": (in_metadata(lambda m: swap(m["pages"], 1)), "missing or reordered", "do not follow one another"),
    "levels that rise": (in_metadata(lambda m: m["pages"].reverse()), "levels of pages", "do not follow one another"),
    "a hash": (in_metadata(lambda m: m["pages"][-1].update(sha256=ZERO)), "its SHA-256", "its SHA-256 is another"),
    "a size": (in_metadata(lambda m: m["pages"][-1].update(bytes=9)), "its SHA-256 is another", "has another size"),
    "the first time": (
        in_metadata(lambda m: m["pages"][-1]["times"].__setitem__(0, EARLIER)),
        "does not hold what its reference says",
        "its times",
    ),
    "the last time": (
        in_metadata(lambda m: m["pages"][1]["times"].__setitem__(1, EARLIER)),
        "does not hold what its reference says",
        "its times",
    ),
    "the last hash": (
        in_metadata(lambda m: m["pages"][1].update(last_hash=ZERO)),
        "does not hold what its reference says",
        "its last event is another",
    ),
    "the last hash of all": (
        in_metadata(lambda m: m["pages"][-1].update(last_hash=ZERO)),
        "does not hold what its reference says",
        "its last event is another",
    ),
    "events": (
        in_metadata(lambda m: move_range(m["pages"], "events", [257, 271], [272, 288])),
        "does not hold what its reference says",
        "its events are not those",
    ),
    "versions": (
        in_metadata(lambda m: move_range(m["pages"], "versions", [46, 46], [0, 0])),
        "does not hold what its reference says",
        "its versions are not those",
    ),
    "half a range": (
        in_metadata(lambda m: m["pages"][1].update(versions=[46, 0])),
        "does not hold what its reference says",
        "do not follow one another",
    ),
    "a name outside": (
        in_metadata(lambda m: m["pages"][-1].update(name="pages/./" + m["pages"][-1]["name"][6:])),
        "lies outside pages/",
        "lies outside pages/",
    ),
    "times below an inner page": (
        forge_inner(lambda refs: refs[3]["times"].__setitem__(0, EARLIER)),
        "does not hold what its reference says",
        "its times",
    ),
    "a range below an inner page": (
        forge_inner(lambda refs: move_range(refs, "events", [225, 239], [240, 256])),
        "does not hold what its reference says",
        "its events are not those",
    ),
    "order below an inner page": (forge_inner(lambda refs: swap(refs, 3)), "missing or reordered", "do not follow"),
    "a gap below an inner page": (forge_inner(lambda refs: refs.pop(3)), "missing or reordered", "do not follow"),
    "levels below an inner page": (
        forge_inner(lambda refs: refs[3].update(level=1)),
        "a level that can't be",
        "not below it",
    ),
    "the end of an inner page": (forge_inner(lambda refs: refs.pop()), "does not hold", "its events are not those"),
    "of another record": (forge_page(lambda p: p.update(record_id="large")), "is another page", "another record"),
    "another level": (forge_page(lambda p: p.update(level=1, pages=[])), "is another page", "its level is another"),
    "of a newer release": (forge_page(lambda p: p.update(coreshed_page=2)), "newer release", "newer release"),
    "of no release": (forge_page(lambda p: p.update(coreshed_page=0)), "names no format", "names no format"),
    "events missing": (forge_page(lambda p: p["events"].pop(3)), "missing or reordered", "events are missing"),
    "versions missing": (forge_page(lambda p: p["versions"].pop()), "no entry uses", "its versions are not those"),
    "a schema missing": (forge_page(lambda p: p["schemas"].clear()), "schema is missing", "of version 46 is missing"),
    "a schema too many": (forge_page(add_schema), "that no entry uses", "no version uses it"),
}

METADATA = {
    "a newer release": (in_metadata(lambda m: m.update(coreshed=2)), "newer release", "newer release"),
    "no release": (in_metadata(lambda m: m.update(coreshed=0)), "names no format", "names no format"),
    "a field missing": (in_metadata(lambda m: m.pop("fence")), "'fence' is missing", "'fence' is missing"),
    "a void record with a history": (in_metadata(lambda m: (tombstone(m), m.update(state="void"))), "void", "void"),
    "a live record that is called deleted": (in_metadata(tombstone), "'state' is not what", "'state' is not what"),
    "a void record that is called deleted": (
        in_metadata(lambda m: m.update(state="deleted"), "nobody"),
        "'state' is not what",
        "'state' is not what",
        "nobody",
    ),
    "a void record with a name": (
        in_metadata(lambda m: m.update(name="Nobody"), "nobody"),
        "'name' is not what its history says",
        "'name' is not what its history says",
        "nobody",
    ),
    "the head of a void record": (
        in_metadata(lambda m: m["head"].update(hash=ZERO), "nobody"),
        "head is not the last event",
        "head is not the last event",
        "nobody",
    ),
    "the active version": (in_metadata(lambda m: m.update(current_version=46)), "", "the active version says"),
    "the active version, as people see it": (
        in_metadata(activate_reviewed),
        "'current_version' is not what its history says",
        "'current_version' is not what its history says",
    ),
    "a version dropped": (in_metadata(lambda m: m["versions"].pop()), "versions are not dense", "has no entry"),
    "deleted_through above all": (
        in_metadata(lambda m: m.update(deleted_through=99)),
        "deleted_through is no version",
        "deleted_through does not exist",
    ),
    "a tag moved": (in_metadata(lambda m: m["tags"].update(now=1)), "'tags' is not what its history", "'tags' is not"),
    "an attribute": (in_metadata(lambda m: m["attributes"].update(phase="9")), "'attributes' is not", "'attributes'"),
    "a schema": (
        in_metadata(lambda m: next(iter(m["schemas"].values()))["fields"][0].update(name="hole")),
        "was changed",
        "was changed",
    ),
    "a schema too many": (in_metadata(add_schema), "that no entry uses", "no version uses it"),
    "whether a column may be null": (in_metadata(lambda m: require_column(m, True)), "was changed", "was changed"),
    "a schema of the same types": (in_metadata(lambda m: require_column(m, False)), "its schemas", "'schemas'"),
}
for field, value in dict(
    name="Borehole 8", created_by=NOBODY, created_at=EARLIER, updated_by=NOBODY, last_approved=44, deleted_through=3
).items():
    METADATA[field] = (
        in_metadata(lambda m, field=field, value=value: m.update({field: value})),
        f"'{field}' is not what its history says",
        f"'{field}' is not what its history says",
    )
for field in ("table_name", "status", "approved_by", "approved_at", "rejected_by", "rejected_at"):
    for change, how in ((lambda m, field=field: m.update({field: "x"}), ""), (lambda m, f=field: m.pop(f), " missing")):
        METADATA[field + how] = (
            in_metadata(change),
            f"'{field}' is not what the active version says",
            f"'{field}' is not what the active version says",
        )

REVIEW = dict(seq=1, by=NOBODY, at=EARLIER, meaning="", reason="looks good")
ENTRIES = {
    "a status": (
        in_active(lambda e: e.update(status="approved", review=REVIEW)),
        "'status' is not what the active version says",
        "is not what the active version says",
    ),
    "a status, as people see it": (
        in_metadata(
            lambda m: (
                active(m).update(status="approved", review=REVIEW),
                m.update(status="approved", approved_by=NOBODY, approved_at=EARLIER),
            )
        ),
        "says status 'approved'",
        "says approved, but its history says draft",
    ),
    "a review without a status": (in_active(lambda e: e.update(review=REVIEW)), "review disagree", "review disagree"),
    "a review removed": (
        in_reviewed(lambda e: (e.pop("review"), e.update(status="draft"))),
        "is called changed since it was sealed, and is not",
        "says draft, but its history says approved",
    ),
    "a review without a reason": (
        in_reviewed(lambda e: e["review"].pop("reason")),
        "'reason' is missing",
        "its review is damaged",
    ),
    "no tables": (in_active(lambda e: e["tables"].clear()), "has no tables", "has no tables"),
    "the exact hash of a table": (
        in_active(lambda e: e["tables"]["data"].update(exact_hash="1" * 64)),
        "does not follow from its parts",
        "version 47",
    ),
    "the rows of a table": (in_active(lambda e: e["tables"]["data"].update(rows=8)), "7 rows, not 8", "version 47"),
    "the rows of a version with the same data as another": (
        in_active(lambda e: e["tables"]["data"].update(rows=8), "large"),
        "rows, not 8",
        "version 3",
        "large",
    ),
    "the root of a file": (
        in_active(lambda e: e["tables"]["data"]["files"][0].update(root="1" * 64)),
        "the root of",
        "version 47",
    ),
    "the fingerprint of a table": (
        in_active(lambda e: e["tables"]["data"].update(fingerprint=ZERO)),
        "the fingerprint of table 'data' is another",
        "the fingerprint of table 'data'",
    ),
    "a source removed": (in_active(lambda e: e.pop("source")), "sha256 of its source", "'source.sha256'"),
    "one said to be purged": (
        in_reviewed(lambda e: e.update(purged=True)),
        "what is called purged is not what its history says",
        "version 46 says that it was purged",
    ),
    "a changed one that is not called so": (
        in_reviewed(lambda e: e.pop("changed")),
        "is not called changed",
        "is not called changed",
    ),
    "one called changed that was never sealed": (
        in_active(lambda e: e.update(changed=True)),
        "called changed that was never sealed",
        "version 47 is called changed, but not sealed",
    ),
    "one called changed that is not": (
        in_active(lambda e: e.update(changed=True), "pinned"),
        "is called changed since it was sealed, and is not",
        "is called changed since it was sealed, and is not",
        "pinned",
    ),
    "one changed that is sealed": (
        in_active(lambda e: e.update(comment="better"), "pinned"),
        "is not called changed",
        "is not called changed",
        "pinned",
    ),
    "one that says else than its page": (
        in_reviewed(lambda e: e.update(equals=1)),
        "in what never changes",
        "in what never changes",
    ),
    "a page's that says else than metadata.json": (
        forge_sealed(46, lambda e: e.update(equals=1)),
        "in what never changes",
        "in what never changes",
    ),
    "a page's that is called changed": (
        forge_sealed(7, lambda e: e.update(changed=True)),
        "version 7 is called changed",
        "version 7 is called changed in its page",
    ),
    "a sealed comment": (forge_sealed(7, lambda e: e.update(comment="better")), "version 7 says comment", "'comment'"),
    "a sealed review": (
        forge_sealed(3, lambda e: e["review"].update(by=NOBODY)),
        "version 3: its review says by",
        "version 3: its 'review.by'",
    ),
    "a sealed review removed": (
        forge_sealed(3, lambda e: (e.pop("review"), e.update(status="draft"))),
        "version 3 says status 'draft'",
        "version 3 says draft, but its history says rejected",
    ),
    "a sealed review added": (
        forge_sealed(5, lambda e: e.update(status="approved", review=REVIEW)),
        "version 5 says status 'approved'",
        "version 5 has a review that its history does not know",
    ),
}
for field, value in dict(
    seq=1, event_id="0" * 32, event_type="append", created_by=NOBODY, created_at=EARLIER, comment="better",
    exact_hash="1" * 64, duplicate_hash="1" * 32, equals=3, drift={"changes": [], "class": "breaking"},
).items():  # fmt: skip
    ENTRIES[field] = (
        in_active(lambda e, field=field, value=value: e.update({field: value})),
        f"version 47 says {field}",
        f"version 47: its '{field}' is not what event",
    )
for field, value in dict(file_name="better.csv", sha256=ZERO, bytes=1).items():
    ENTRIES["source." + field] = (
        in_active(lambda e, field=field, value=value: e["source"].update({field: value})),
        "of its source is not what its history says",
        f"version 47: its 'source.{field}' is not what event",
    )
for field, value in REVIEW.items():
    ENTRIES["review." + field] = (
        in_reviewed(lambda e, field=field, value=value: e["review"].update({field: value or "for design"})),
        f"version 46: its review says {field}",
        f"version 46: its 'review.{field}' is not what event",
    )

MARKERS = {
    "removed": (
        lambda store: next((store / "content").glob("*/*.large.2")).unlink(),
        "marker is missing",
        "marker is missing",
        "large",
    ),
}
GROUPS = dict(OBJECTS=OBJECTS, EVENTS=EVENTS, PAGES=PAGES, METADATA=METADATA, ENTRIES=ENTRIES, MARKERS=MARKERS)
DAMAGES = {f"{group.lower()}: {name}": made for group, found in GROUPS.items() for name, made in found.items()}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named(name, store):
    damage, readers, verifys, damaged = (*DAMAGES[name], "BH-7")[:4]
    damage(store)
    faults = faults_of(store)
    expected = [] if readers is None else [f"fault: {damaged}: "]
    assert [fault[: len(start)] for fault, start in zip(faults, expected, strict=True)] == expected, faults
    assert all(readers in fault for fault in faults), faults
    done = run(store, "--json", "verify", "--deep")
    assert done.returncode == 1, done.stdout + done.stderr
    faults = json.loads(done.stdout)["faults"]
    assert {fault["record_id"] for fault in faults} == {damaged}
    assert any(verifys in fault["message"] for fault in faults), faults


def test_a_cut_history_shows_against_a_seal(made, store):
    """Its last event was a refusal: nothing else depends on it."""
    seal = (made.folder / "seal.txt").read_text()
    assert not faults_of(store, seal)
    edit(metadata(store, SEVERAL), recount_head)
    assert not faults_of(store)
    assert ["history was cut" in fault for fault in faults_of(store, seal)] == [True]
    done = run(store, "verify", "--seal", made.folder / "seal.txt")
    assert done.returncode == 1 and "cut" in done.stdout


def test_a_removed_record_shows_against_a_seal(made, store):
    shutil.rmtree(metadata(store, "large").parent)
    assert not faults_of(store)
    assert "gone since the seal" in faults_of(store, (made.folder / "seal.txt").read_text())[0]


def test_a_changed_seal_is_refused(made, store):
    seal = (made.folder / "seal.txt").read_text().replace('"BH-7",', '"BH-8",')
    with pytest.raises(Damaged, match="do not give its root"):
        faults_of(store, seal)


def test_other_records_go_on(store):
    metadata(store).write_text("{")
    lines = []
    assert check_store(store, None, lines.append) == 1
    assert any(line.startswith("large: live") for line in lines)


def test_unknown_fields_are_ignored(store):
    def add(meta):
        meta["from_a_later_release"] = {"x": [1]}
        meta["versions"][0]["later"] = meta["head"]["later"] = meta["history"][0]["later"] = "y"

    edit(metadata(store), add)
    assert not faults_of(store)
    assert run(store, "verify").returncode == 0


def test_a_newer_format_is_refused(store):
    edit(metadata(store, "large"), lambda meta: meta.update(coreshed=2))
    forge_page(lambda page: page.update(coreshed_page=2))(store)
    assert ["newer release" in fault for fault in faults_of(store)] == [True, True]
    assert run(store, "info", "large").returncode == 13
    assert run(store, "log", "BH-7").returncode == 13
    assert run(store, "info", "BH-7").returncode == 0  # of that page only
