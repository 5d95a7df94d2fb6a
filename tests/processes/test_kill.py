"""A writer is killed at each of its system calls in turn. What it left behind must be a store without faults in which
the record is exactly as it was before or as it was meant to be, and the same call again must bring it there.

The tool is run once under strace, to see its calls. Then once for each call that changes something on the disk, or
that syncs, locks, opens, closes or ends: on a fresh copy of the same store, with SIGKILL sent when it enters that call,
so that the call has no effect any more. Between two such calls the tool only computes, asks for memory and reads: what
is on the disk stays the same, and its locks go with it. So a kill at any other system call, or between two, leaves
what the kill at the next of these leaves, and every system call is covered. Of several calls in a row that only open
or close something, the first is taken for all.

What a disk forgets when the power goes is not tested here but in src/storage."""

import re
import shutil
import signal
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest

from cli import must, must_verify, run, skip_unless_built, state_of, temporary_folder

CHANGING = set(
    "write pwrite64 writev pwritev pwritev2 copy_file_range sendfile splice truncate ftruncate fallocate"
    " creat rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir mknodat"
    " chmod fchmod fchmodat fchown fchownat utimensat setxattr fsetxattr removexattr fremovexattr"
    " fsync fdatasync sync syncfs msync sync_file_range flock fcntl io_submit io_uring_enter exit exit_group".split()
)
OPENING = {"open", "openat", "openat2"}  # change something with O_CREAT or O_TRUNC
CLOSING = {"close"}
CALL = re.compile(r"(\d+) +(\w+)\((.*)")
EVENT_ID = "0123456789abcdef0123456789abcdef"
AT_ONCE = 3
NOT_REACHED = "not reached"
SHARED_OUT = ("openat", "openat2", "close", "fcntl", "exit")

RECORD = "BH-7"
DATASET = "bh-7-" + sha256(RECORD.encode()).hexdigest()[:12]
UPLOAD = ("upload", "{holes}", "--name", RECORD, "--schema", "holes", "--split")
UPLOAD_OVER = ("upload", "{mended}", "--name", RECORD, "--overwrite", "-a", "site=HKZ1")
UPDATE = ("update", RECORD, "data={second}", "lab={lab}", "-m", "depths corrected", "--allow-breaking")
# Verb: the calls that prepare the store, and the call to be killed. "killed" after a call: when it first syncs.
CASES = {
    "create": ([], ("create", RECORD, "data={first}", "lab={lab}", "-m", "first readings", "-a", "site=HKZ1")),
    "update": ([("create", RECORD, "data={first}", "lab={lab}")], UPDATE),
    "approve": (
        [("create", RECORD, "data={first}"), ("update", RECORD, "data={second}")],
        ("approve", RECORD, "--version", "2", "--meaning", "for design", "--by", "k.brandt"),
    ),
    "rollback": (
        [("create", RECORD, "data={first}"), ("update", RECORD, "data={second}")],
        ("rollback", RECORD, "v1", "-m", "wrong file"),
    ),
    "upload": ([("schema", "holes", "--from", "{mended}")], UPLOAD),
    "upload over it": ([("schema", "holes", "--from", "{mended}"), UPLOAD], UPLOAD_OVER),
    "upload of what was": (
        [("upload", "{mended}", "--name", RECORD), ("upload", "{other}", "--name", RECORD, "--overwrite")],
        UPLOAD_OVER,
    ),
    "vacuum": (
        [
            ("create", RECORD, "data={first}", "lab={lab}"),
            ("create", "BH-8", "data={first}", "killed"),
            (*UPDATE, "killed"),
        ],
        ("vacuum", "--grace", "0"),
    ),
}


def strace(trace, *words):
    return ["strace", "-f", "-qq", "-o", str(trace), *words]


def kill_at(name, ordinal):
    return f"--inject={name}:signal=SIGKILL:when={ordinal}"


@pytest.fixture(scope="module", autouse=True)
def strace_works():
    skip_unless_built()
    if not shutil.which("strace"):
        pytest.skip("strace is not installed, so nothing can be killed at its system calls")
    with temporary_folder() as folder:
        done = subprocess.run(
            strace(f"{folder}/trace", kill_at("write", 1), "echo", "on"), capture_output=True, text=True
        )
    if done.returncode != -signal.SIGKILL:
        pytest.skip(f"strace can't attach to processes here (containers often forbid it): {done.stderr}")


@pytest.fixture(scope="module")
def folder():
    with temporary_folder() as name:
        folder = Path(name)
        for name, salt in (("first", 0), ("second", 1)):
            table = pyarrow.table({"depth_m": [0.5 * row + salt for row in range(40)], "soil": ["CLAY", "SAND"] * 20})
            pyarrow.parquet.write_table(table, folder / f"{name}.parquet")
        (folder / "holes.csv").write_text("hole,depth\nBH-7,1.5\nBH-8,x\n")
        (folder / "mended.csv").write_text("hole,depth\nBH-7,1.5\nBH-8,3.5\n")
        (folder / "other.csv").write_text("hole,depth\nBH-7,1.5\n")
        pyarrow.feather.write_feather(pyarrow.table({"sample": [1, 2, 3]}), folder / "lab.arrow", compression="uncompressed")
        yield folder


def words_of(folder, words):
    files = {path.stem: path for path in folder.glob("*.*") if path.is_file()}
    return [word.format(**files) for word in words]


def prepared(folder, calls):
    store = folder / "prepared"
    must(store, "init", store)
    for call in calls:
        *words, last = words_of(folder, call)
        if last == "killed":
            done = run(store, *words, before=strace(folder / "trace", kill_at("fsync,renameat", 1)))
            assert done.returncode == -signal.SIGKILL, done.stderr
        else:
            must(store, *words, last)
    must_verify(store)
    return store


def places_of(trace, store):
    """The calls to be killed at, as (name, how manieth of its thread), in their order."""
    counts, places = Counter(), []
    touched = only_looked = False
    for line in trace.read_text().splitlines():
        match = CALL.match(line)
        if not match:
            continue
        thread, name, arguments = match.groups()
        counts[thread, name] += 1
        touched = touched or (name != "execve" and f'"{store}' in arguments)
        creates = name in OPENING and re.search(r"O_CREAT|O_TRUNC|O_TMPFILE", arguments)
        looks = (name in OPENING and not creates) or name in CLOSING
        if touched and (creates or name in CHANGING or (looks and not only_looked)):
            places.append((name, counts[thread, name]))
        only_looked = touched and (looks or (only_looked and name not in CHANGING and not creates))
    assert touched, "the trace does not show the store"
    return list(dict.fromkeys(places))


def files_of(store):
    """Every file and folder with what is in it, as a hash."""
    content = sha256()
    for path in sorted(store.rglob("*")):
        content.update(f"{path.relative_to(store)}\n".encode())
        if path.is_file():
            content.update(sha256(path.read_bytes()).digest())
    return content.digest()


def names_in(store):
    """Every file and folder. Where a killed writer left a file, the next one's has a token behind the same name."""
    names = [str(path.relative_to(store)) for path in store.rglob("*")]
    return sorted(re.sub(r"-[0-9a-f]{32}(\.parquet)?$", r"\1", name) for name in names)


class Killer:
    """Kills one call of the tool at place after place."""

    def __init__(self, folder, words, record, store, before, after, names):
        self.folder, self.words, self.record = folder, words, record
        self.store, self.before, self.after = store, before, after
        self.names = names  # of all that is in the store after the call
        self.states = {}  # by the store's files: those that were killed before they had done anything are all alike

    def kill(self, place):
        """The state that a kill at `place` leaves; NOT_REACHED: this time the call did not come there."""
        name, ordinal = place
        store = self.folder / f"{name}-{ordinal}"
        shutil.copytree(self.store, store)
        done = run(store, *self.words, before=strace(f"{store}.trace", kill_at(name, ordinal)))
        if name in CLOSING and done.returncode == 0:  # threads that read share their files out anew each time
            shutil.rmtree(store)
            return NOT_REACHED
        assert done.returncode == -signal.SIGKILL, f"it ended with {done.returncode}: {done.stdout}{done.stderr}"
        files = files_of(store)
        if files not in self.states:
            must_verify(store)
            self.states[files] = state = state_of(store, self.record)
            assert state in (self.before, self.after), f"the record is neither as before nor as after: {state}"
            must(store, *self.words)
            assert state_of(store, self.record) == self.after, "the same call again does not lead to the same record"
            must(store, "vacuum", "--grace", "0")
            must_verify(store)
            assert names_in(store) == self.names, "vacuum left behind what nobody needs, or took what is needed"
        shutil.rmtree(store)
        return self.states[files]

    def try_to_kill(self, place):
        try:
            return self.kill(place), None
        except AssertionError as error:
            return None, f"killed at {place[0]} number {place[1]}: {error}"


@pytest.mark.parametrize("verb", CASES)
def test_killed_at_every_system_call(verb, folder):
    preparing, words = CASES[verb]
    here = folder / verb
    here.mkdir()
    for path in folder.glob("*.*"):
        (here / path.name).hardlink_to(path)
    store = prepared(here, preparing)
    words = words_of(here, words) + ([] if verb == "vacuum" else ["--event-id", EVENT_ID])

    whole = here / "whole"
    shutil.copytree(store, whole)
    trace = here / "whole.trace"
    must(whole, *words, before=strace(trace))
    must_verify(whole)
    record = DATASET if verb.startswith("upload") else RECORD
    before, after = state_of(store, record), state_of(whole, record)
    assert (before == after) == (verb == "vacuum")

    places = places_of(trace, whole)
    killer = Killer(here, words, record, store, before, after, names_in(whole))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(killer.try_to_kill, places))
    failures = [failure for _, failure in results if failure]
    assert not failures, f"{len(failures)} of {len(places)} places:\n" + "\n".join(failures)

    # Both ends were met, and no place after the commit shows the record without it.
    reached = [(place, state) for place, (state, _) in zip(places, results) if state is not NOT_REACHED]
    assert len(reached) > 0.8 * len(places)
    # Threads that read a file share it out anew each time: which of them comes to a call first differs.
    if verb.startswith("upload"):
        reached = [(place, state) for place, state in reached if place[0] not in SHARED_OUT]
    states = [state for _, state in reached]
    assert states[0] == before and states[-1] == after
    done = [state == after for state in states]
    assert done == sorted(done), f"not in order: {list(zip((place for place, _ in reached), done))}"
    print(f"{verb}: killed at {len(reached)} system calls, {done.count(False)} of them before the commit")
