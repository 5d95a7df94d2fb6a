"""The local disk under spec/commit.md: power cuts, names and locks. Called by protocol_model.py.

Power cut. A disk after a cut: a file's bytes are there from the sync of that file on (before: there, lost or torn);
the entries of a folder (made, renamed) each last or not, in any combination, until the sync of that folder. Checked
for every prefix of an operation's system calls and every subset of what was not synced; and again with each sync left
out, which must break something.

Locks and names. Every order of the steps of a few writers, with the rule and without it.
"""

import itertools
from collections import deque, namedtuple

# ---------------------------------------------------------------- power cut
Operation = namedtuple("Operation", "name disk before calls needs", defaults=((),))
# calls: ("make", folder, name, file), ("folder", folder, name, new folder), ("move", folder, old, new, what),
#        ("sync", file), ("sync folder", folder). Folders and files are named by one word each.

RECORD = {
    "records": {"r": "R"},
    "R": {"metadata.json": "M0", "versions": "V", "pages": "P"},
    "V": {"v1.parquet": "D0"},
    "P": {},
    "content": {},
}
DURABLE = {"M0", "D0"}  # files that earlier operations synced


def new_metadata(*round_one, records=False):
    """The end of every commit on a record that is there: temp, first round of syncs, rename, last sync."""
    syncs = [*round_one, ("sync", "M1")] + ([("sync folder", "records")] if records else [])
    return [("make", "R", ".m-1", "M1"), *syncs, ("move", "R", ".m-1", "metadata.json", "M1"), ("sync folder", "R")]


MARKER = [("make", "content", "hash.r.2", "K")]
PART = [("make", "V", "v2.parquet", "D1")]
SYNC_PART = [("sync", "D1"), ("sync folder", "V"), ("sync folder", "content")]
NEED_PART = [("records/r/versions/v2.parquet", "D1"), ("content/hash.r.2", None)]
CREATE = [
    ("folder", "records", ".new-1", "R"),
    ("folder", "R", "versions", "V"),
    ("make", "V", "v1.parquet", "D1"),
    ("make", "content", "hash.r.1", "K"),
    ("make", "R", "metadata.json", "M1"),
    ("sync", "D1"),
    ("sync", "M1"),
    ("sync folder", "R"),
    ("sync folder", "V"),
    ("sync folder", "content"),
    ("move", "records", ".new-1", "r", "R"),
    ("sync folder", "records"),
]
SETTLE = [("sync folder", "R"), ("sync folder", "records")]
OPERATIONS = [
    Operation("approve, reject, rollback, tag, fence", RECORD, "old", new_metadata()),
    Operation("update, one file", RECORD, "old", PART + MARKER + new_metadata(*SYNC_PART), NEED_PART),
    Operation(
        "update, several files",
        RECORD,
        "old",
        [("folder", "V", "v2", "V2"), ("make", "V2", "0.parquet", "D1"), ("make", "V2", "1.parquet", "D2")]
        + MARKER
        + new_metadata(
            ("sync", "D1"), ("sync", "D2"), ("sync folder", "V"), ("sync folder", "V2"), ("sync folder", "content")
        ),
        [
            ("records/r/versions/v2/0.parquet", "D1"),
            ("records/r/versions/v2/1.parquet", "D2"),
            ("content/hash.r.2", None),
        ],
    ),
    Operation(
        "update that seals a page",
        RECORD,
        "old",
        PART
        + MARKER
        + [("make", "P", "0-1-16.json", "S")]
        + new_metadata(*SYNC_PART, ("sync", "S"), ("sync folder", "P")),
        NEED_PART + [("records/r/pages/0-1-16.json", "S")],
    ),
    # Also where a killed writer made the folder pages/ and nobody synced it: the mark on it says so (sticky bit).
    Operation(
        "approve that seals the first page",
        {**RECORD, "R": {"metadata.json": "M0"}},
        "old",
        [("folder", "R", "pages", "P"), ("make", "P", "0-1-16.json", "S")]
        + new_metadata(("sync", "S"), ("sync folder", "R"), ("sync folder", "P")),
        [("records/r/pages/0-1-16.json", "S")],
    ),
    Operation(
        "approve with a caller's event id",
        RECORD,
        "old",
        [("folder", "R", "events", "E"), ("make", "E", "id.7", "K")]
        + new_metadata(("sync folder", "R"), ("sync folder", "E")),
        [("records/r/events/id.7", None)],
    ),
    Operation(
        "create",
        {"records": {}, "content": {}},
        "none",
        CREATE,
        [("records/r/versions/v1.parquet", "D1"), ("content/hash.r.1", None)],
    ),
]
AFTER_A_KILL = [  # what a killed process did, then a commit on top of it; records/ synced when base.seq is 0 or 1
    Operation(
        "approve after a create that was killed before its last sync",
        {"records": {}, "content": {}},
        None,
        CREATE[:-1]
        + [
            ("make", "R", ".m-1", "M2"),
            ("sync", "M2"),
            ("sync folder", "records"),
            ("move", "R", ".m-1", "metadata.json", "M2"),
            ("sync folder", "R"),
        ],
        (),
    ),
    Operation(
        "create over a void record whose maker was killed before its last sync",
        {"records": {}, "content": {}},
        None,
        [
            ("folder", "records", ".new-1", "R"),
            ("make", "R", "metadata.json", "M1"),
            ("sync", "M1"),
            ("sync folder", "R"),
            ("move", "records", ".new-1", "r", "R"),
            ("folder", "R", "versions", "V"),
            ("make", "V", "v1.parquet", "D1"),
            ("make", "R", ".m-1", "M2"),
            ("sync", "D1"),
            ("sync", "M2"),
            ("sync folder", "R"),
            ("sync folder", "V"),
            ("sync folder", "records"),
            ("move", "R", ".m-1", "metadata.json", "M2"),
            ("sync folder", "R"),
        ],
        (),
    ),
]
# What a writer without an answer did, and the settling of it when it is found: the sync needed, and what must last.
SETTLED = [
    (
        Operation("settle a commit that was found", RECORD, None, [*new_metadata()[:-1], *SETTLE]),
        ("sync folder", "R"),
        "M1",
    ),
    (
        Operation("settle a create that was found", {"records": {}, "content": {}}, None, [*CREATE[:-1], *SETTLE]),
        ("sync folder", "records"),
        "M1",
    ),
]
# A record filled where everybody sees it, its folder synced once at the end.
IN_PLACE = Operation(
    "create in place",
    {"records": {}, "content": {}},
    "none",
    [
        ("folder", "records", "r", "R"),
        ("folder", "R", "versions", "V"),
        ("make", "V", "v1.parquet", "D1"),
        ("sync", "D1"),
        ("sync folder", "V"),
        *new_metadata(),
        ("sync folder", "records"),
    ],
    [("records/r/versions/v1.parquet", "D1")],
)


def disks_after_cut(start, calls):
    """(calls made, disk, synced files) for every way in which a cut can leave the disk."""
    for made in range(len(calls) + 1):
        pending, lasting, synced = [], [], set(DURABLE)
        for call in calls[:made]:
            if call[0] == "sync":
                synced.add(call[1])
            elif call[0] == "sync folder":
                lasting += [c for c in pending if c[1] == call[1]]
                pending = [c for c in pending if c[1] != call[1]]
            else:
                pending.append(call)
        for size in range(len(pending) + 1):
            for survivors in itertools.combinations(pending, size):
                yield made, disk_of(start, lasting + list(survivors)), synced


def disk_of(start, calls):
    disk = {folder: dict(entries) for folder, entries in start.items()}
    for verb, folder, *rest in calls:
        entries = disk.setdefault(folder, {})
        if verb == "move":
            entries.pop(rest[0], None)
            rest = rest[1:]
        entries[rest[0]] = rest[1]
    return disk


def find(disk, path):
    at = path.split("/")[0]
    for part in path.split("/")[1:]:
        at = disk.get(at, {}).get(part)
    return at


def state_of(disk, synced, needs):
    """none, old, new, or what is broken, as a reader finds it."""
    metadata = find(disk, "records/r/metadata.json")
    if metadata is None or metadata == "M0":
        return "none" if metadata is None else "old"
    for path, file in [("records/r/metadata.json", metadata), *needs]:
        found = find(disk, path)
        if found is None or (file and found not in synced):
            return f"{path} is {'missing' if found is None else 'empty or torn'}"
    return "new"


def cut_fault(operation, calls):
    for made, disk, synced in disks_after_cut(operation.disk, calls):
        state = state_of(disk, synced, operation.needs)
        if made == len(calls) and state != "new":
            return f"acknowledged, but the disk says: {state}"
        if state not in (operation.before, "new"):
            return f"after {made} calls: {state}"
    return None


def lost_fault(operation, calls, acknowledged="M2"):
    """Of two writers, the second's acknowledgement counts: these metadata must be what the disk has."""
    for made, disk, _ in disks_after_cut(operation.disk, calls):
        if made == len(calls) and find(disk, "records/r/metadata.json") != acknowledged:
            return "acknowledged, and gone with its whole record"
    return None


def check_cuts():
    wrong = 0
    for operation in OPERATIONS:
        fault = cut_fault(operation, operation.calls)
        wrong += fault is not None
        syncs = [i for i, call in enumerate(operation.calls) if call[0].startswith("sync")]
        print(f"{'BROKEN' if fault else 'holds '} power cut, {operation.name}: {len(syncs)} syncs {fault or ''}")
        for i in syncs:
            fault = cut_fault(operation, operation.calls[:i] + operation.calls[i + 1 :])
            wrong += fault is None
            print(f"    {'found ' if fault else 'UNFOUND'} without {' '.join(operation.calls[i])}: {fault}")
    fault = cut_fault(IN_PLACE, IN_PLACE.calls)
    wrong += fault is None
    print(f"{'found ' if fault else 'UNFOUND'} power cut, {IN_PLACE.name}: {fault}")
    for operation, sync, acknowledged in [(made, ("sync folder", "records"), "M2") for made in AFTER_A_KILL] + SETTLED:
        fault = lost_fault(operation, operation.calls, acknowledged)
        last = len(operation.calls) - 1 - operation.calls[::-1].index(sync)
        without = lost_fault(operation, operation.calls[:last] + operation.calls[last + 1 :], acknowledged)
        wrong += (fault is not None) + (without is None)
        print(f"{'BROKEN' if fault else 'holds '} power cut, {operation.name} {fault or ''}")
        print(f"    {'found ' if without else 'UNFOUND'} without {' '.join(sync)}: {without}")
    return wrong + check_orders()


def check_orders():
    """The first round may run in any order, or at once."""
    wrong = 0
    for operation in OPERATIONS:
        moved = next(i for i, call in enumerate(operation.calls) if call[0] == "move")
        makes = [call for call in operation.calls[:moved] if not call[0].startswith("sync")]
        syncs = [call for call in operation.calls[:moved] if call[0].startswith("sync")]
        bad = [
            order
            for order in itertools.permutations(syncs)
            if cut_fault(operation, makes + list(order) + operation.calls[moved:])
        ]
        wrong += bool(bad)
        print(f"{'BROKEN' if bad else 'holds '} power cut, {operation.name}: first round in any order")
    return wrong


# ---------------------------------------------------------------- locks and names
def explore(first, steps, fault):
    """Breadth first: the shortest list of labels to a state where fault(state) is true, or None."""
    seen, queue = {first: None}, deque([first])
    while queue:
        state = queue.popleft()
        if fault(state):
            labels = []
            while seen[state]:
                state, label = seen[state]
                labels.append(label)
            return labels[::-1]
        for label, following in steps(state):
            if following not in seen:
                seen[following] = (state, label)
                queue.append(following)
    return None


Locks = namedtuple("Locks", "path holders metadata acknowledged writers inodes")


def lock_steps(variant):
    """Writers that count one up in the metadata. `path`: the inode that the lock's name leads to."""

    def steps(state):
        holders = dict(state.holders)
        for i, (phase, inode, base) in enumerate(state.writers):

            def to(label, phase, inode=inode, base=base, **changes):
                writers = state.writers[:i] + ((phase, inode, base),) + state.writers[i + 1 :]
                if "holders" in changes:
                    changes["holders"] = tuple(sorted(changes["holders"].items()))
                return f"{i}: {label}", state._replace(writers=writers, **changes)

            without = {k: v for k, v in holders.items() if k != inode}
            if phase == "begin":
                yield to(f"reads {state.metadata}", "open", base=state.metadata)
            elif phase == "open" and state.path is None:
                yield to("makes the lock file", "lock", inode=state.inodes, path=state.inodes, inodes=state.inodes + 1)
            elif phase == "open":
                yield to("opens what is locked", "compare first" if variant == "compare" else "lock", inode=state.path)
            elif phase == "compare first":
                yield to("compares", "lock" if state.metadata == base else "begin")
            elif phase == "lock" and inode not in holders:
                yield to("locks", "swap" if variant == "compare" else "compare", holders={**holders, inode: i})
            elif phase == "lock" and variant == "stale" and holders[inode] != i:
                yield to("takes the lock for stale, removes it", "open", path=None)
            elif phase == "compare":
                same = state.metadata == base
                yield to("compares", "swap" if same else "begin", **({} if same else {"holders": without}))
            elif phase == "swap":
                yield to("renames", "release", metadata=base + 1, acknowledged=state.acknowledged + 1)
            elif phase == "release" and variant == "remove":
                yield to("removes the lock file", "unlock", path=None if state.path == inode else state.path)
            elif phase in ("release", "unlock"):
                yield to("unlocks", "end", holders=without)

    return steps


Aside = namedtuple("Aside", "new gone there maker left vacuum")


def aside_steps(renames):
    """A record built aside in .new-1 and renamed into place, and a vacuum that takes .new-1 for a remain."""

    def steps(s):
        if s.maker == "builds" and s.new is None:
            yield "maker: fills .new-1", s._replace(new=("data", "metadata"), maker="filled")
        if s.maker == "filled" and s.new is not None:
            yield "maker: renames .new-1 to r, acknowledged", s._replace(there=s.new, new=None, maker="done")
        if s.maker == "filled" and s.new is None:
            yield "maker: .new-1 is gone, begins again", s._replace(maker="again")
        if s.vacuum == "begin" and s.new is not None:
            if renames:
                yield "vacuum: renames .new-1 to .gone-1", s._replace(gone=s.new, new=None, vacuum="empties")
            else:
                yield "vacuum: opens .new-1", s._replace(vacuum="empties")
        if s.vacuum == "empties" and renames and s.gone:
            yield "vacuum: removes from .gone-1", s._replace(gone=s.gone[1:])
        if s.vacuum == "empties" and not renames:  # through the open folder, wherever it is now
            if s.new:
                yield "vacuum: removes from the folder", s._replace(new=s.new[1:])
            elif s.there:
                yield "vacuum: removes from the folder", s._replace(there=s.there[1:])

    return steps


def check_locks():
    writers = (("begin", None, None),) * 3
    cases = [
        (f"lock, {what}", variant, expected)
        for what, variant, expected in [
            ("flock on the record's folder, which is never removed", "keep", False),
            ("metadata compared before the lock, not under it", "compare", True),
            ("a lock file that is removed on release", "remove", True),
            ("a lock that is broken by age", "stale", True),
        ]
    ]
    wrong = 0
    for name, variant, expected in cases:
        first = Locks(0, (), 0, 0, writers, 1)
        labels = explore(first, lock_steps(variant), lambda state: state.metadata < state.acknowledged)
        wrong += report(name, labels, expected)
    for name, renames in [
        ("names, vacuum renames .new-… before it empties it", True),
        ("names, vacuum empties .new-… where it is", False),
    ]:
        first = Aside(None, None, None, "builds", 0, "begin")
        labels = explore(first, aside_steps(renames), lambda s: s.maker == "done" and len(s.there) < 2)
        wrong += report(name, labels, not renames)
    return wrong


def report(name, labels, expected):
    found = labels is not None
    word = ("found " if found else "UNFOUND") if expected else ("BROKEN" if found else "holds ")
    print(f"{word} {name}" + (f" ({len(labels)} steps)" if found else ""))
    return found != expected


def check():
    """How much is not as it should be."""
    return check_cuts() + check_locks()
