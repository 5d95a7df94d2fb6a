"""The command line tool on a store of the test's own. CORESHED_CLI: the tool (else build/coreshed)."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLI = Path(os.environ.get("CORESHED_CLI", ROOT / "build" / "coreshed")).resolve()
# In memory where there is such a place: a test makes hundreds of stores, each with its many folders.
TEMPORARY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
COMMAND_SECONDS = 120

# What a program says that failed without having been asked to.
CRASHES = re.compile(r"terminate called|Aborted|core dumped|Segmentation|Sanitizer|Traceback|Assertion|std::|\.cc:\d")


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="coreshed-", dir=TEMPORARY)


def environment_of(store):
    """Of a store in a folder; one on S3 has its place for caches from the test's own environment."""
    cache = {"XDG_CACHE_HOME": str(store.parent / f".cache-of-{store.name}")} if isinstance(store, Path) else {}
    sanitizers = "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")  # leaks can't be looked for under strace
    return {
        **os.environ,
        "CORESHED_STORE": str(store),
        "CORESHED_USER": "a.meier",
        **cache,
        "ASAN_OPTIONS": sanitizers,
    }


def command(*words, before=()):
    return [str(word) for word in (*before, CLI, *words)]


def run(store, *words, before=(), **options):
    """One call of the tool; `before`: the words of a program to start it with, such as strace's."""
    return subprocess.run(
        command(*words, before=before),
        env=environment_of(store),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        **options,
    )


def must(store, *words, code=0, before=()):
    """A call that ends with this exit code, and without anything that looks like a crash: all that it said."""
    done = run(store, *words, before=before)
    said = done.stdout + done.stderr
    assert done.returncode == code, f"coreshed {' '.join(map(str, words))}: {done.returncode}, not {code}\n{said}"
    assert not CRASHES.search(said), said
    if code not in (0, 1):
        assert re.match(r"error \(\w+\): \S", done.stderr), f"not a sentence for people: {done.stderr}"
    return said


def must_json(store, *words, before=()):
    return json.loads(must(store, "--json", *words, before=before))


def must_verify(store, before=()):
    said = must(store, "verify", "--deep", before=before)
    assert "no faults" in said, said


DIFFERENT_EACH_TIME = ("event_id", "hash", "prev_hash")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def without_times_and_ids(value):
    if isinstance(value, dict):
        return {key: without_times_and_ids(of) for key, of in value.items() if key not in DIFFERENT_EACH_TIME}
    if isinstance(value, list):
        return [without_times_and_ids(one) for one in value]
    return TIME.sub("<time>", value) if isinstance(value, str) else value


def state_of(store, record_id):
    """All that a user can see of a record but times and ids; None if there is no such record."""
    is_there = record_id in [record["record_id"] for record in must_json(store, "list")["records"]]
    if not is_there:
        must(store, "log", record_id, code=3)
        return None
    versions = must_json(store, "versions", record_id)
    active = next(version for version in versions["versions"] if version["active"])
    tables = [must_json(store, "read", f"{record_id}#{table['name']}") for table in active["tables"]]
    return without_times_and_ids({"log": must_json(store, "log", record_id), "versions": versions, "tables": tables})


def skip_unless_built():
    if not CLI.exists():
        pytest.skip(f"{CLI} is not built")
