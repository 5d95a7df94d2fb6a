"""What goes wrong around the tool: Ctrl-C, a folder that is read-only, a full disk, a lock held by another, damaged
files. Each time it must end with the exit code of `coreshed --help` and a sentence for people, and what is in the store
must be whole, or named."""

import fcntl
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pyarrow
import pyarrow.compute
import pyarrow.parquet
import pytest

from cli import (
    COMMAND_SECONDS,
    CRASHES,
    command,
    environment_of,
    must,
    must_json,
    must_verify,
    run,
    skip_unless_built,
    temporary_folder,
)

INTERRUPTED, CANCELLED = 130, 14
NO_SPACE_OR_WRITE = 12


@pytest.fixture(scope="module", autouse=True)
def built():
    skip_unless_built()


@pytest.fixture
def folder():
    with temporary_folder() as name:
        yield Path(name)


def write_table(path, rows, salt=0):
    numbers = pyarrow.array(range(rows), pyarrow.int64())
    noise = pyarrow.compute.random(rows, initializer=salt)  # hard to make smaller
    soils = pyarrow.array(["CLAY", "SAND", "SILT"] * (rows // 3 + 1))[:rows]
    pyarrow.parquet.write_table(pyarrow.table({"number": numbers, "pressure": noise, "soil": soils}), path)
    return path


@pytest.fixture
def store(folder):
    """A store with the records BH-7, of two versions, and BH-8."""
    store = folder / "store"
    must(store, "init", store)
    must(store, "create", "BH-7", write_table(folder / "a.parquet", 50, 1))
    must(store, "update", "BH-7", write_table(folder / "b.parquet", 50, 2))
    must(store, "create", "BH-8", folder / "a.parquet")
    return store


def ids_of(store, before=()):
    return [record["record_id"] for record in must_json(store, "list", before=before)["records"]]


# ---------------------------------------------------------------- Ctrl-C
@pytest.fixture(scope="module")
def big():
    """A file that takes a while to be written into a store, and how long."""
    with temporary_folder() as name:
        path = write_table(Path(name) / "big.parquet", 2_000_000)
        store = Path(name) / "store"
        must(store, "init", store)
        begin = time.monotonic()
        must(store, "create", "BIG", path)
        yield path, time.monotonic() - begin


def interrupt_after(seconds, store, *words, times=1):
    """Ctrl-C after a while: the exit code, what was said, and how long it took then to end."""
    process = subprocess.Popen(
        command(*words),
        env=environment_of(store),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        time.sleep(seconds)
        begin = time.monotonic()
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
        printed, errors = process.communicate(timeout=COMMAND_SECONDS)
        return process.returncode, printed, errors, time.monotonic() - begin
    finally:
        process.kill()


# Of the time that it takes uninterrupted; the last one is about when it commits.
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 1.0])
def test_ctrl_c(share, big, store):
    path, seconds = big
    share *= random.uniform(0.8, 1.1)
    code, printed, errors, wait = interrupt_after(share * seconds, store, "create", "BIG", path)
    told = f"Ctrl-C at {share:.3f} of {seconds:.2f} s, ended {wait:.2f} s later with {code}:\n{printed}{errors}"
    print(told)
    assert not CRASHES.search(printed + errors), told
    must_verify(store)
    if code == 0:
        assert "Created BIG v1" in printed, told
        assert len(ids_of(store)) == 3
    elif code == -signal.SIGINT:
        # The shell says 130 too. It can be only before the tool's first step: it tells nothing then.
        assert share < 0.1 and errors == "", told
    else:
        assert code in (INTERRUPTED, CANCELLED), told
        assert "error (Cancelled): " in errors, told
        assert wait < 5 + seconds / 2, told
        assert ids_of(store) == ["BH-7", "BH-8"], told
        must(store, "vacuum", "--grace", "0")
        assert not (store / "records" / "BIG").exists(), sorted((store / "records" / "BIG").rglob("*"))
        must(store, "create", "BIG", path)


def test_ctrl_c_twice(big, store):
    path, seconds = big
    code, printed, errors, wait = interrupt_after(0.5 * seconds, store, "create", "BIG", path, times=2)
    told = f"ended {wait:.2f} s later with {code}:\n{printed}{errors}"
    assert code in (0, INTERRUPTED, CANCELLED) and not CRASHES.search(printed + errors), told
    must_verify(store)
    assert ids_of(store) == (["BH-7", "BH-8"] if code else ["BH-7", "BH-8", "BIG"])
    must(store, "vacuum", "--grace", "0")
    assert sorted(path.name for path in (store / "records").iterdir()) == ids_of(store)


# ---------------------------------------------------------------- disks
@contextmanager
def private_mounts(script):
    """The words to run a program with that sees what `script` mounts; nobody else does."""
    holder = subprocess.Popen(
        ["unshare", "--mount", "bash", "-ec", f"{script}\necho mounted; exec sleep 1000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        if holder.stdout.readline() != "mounted\n":
            pytest.skip(f"mounting is not permitted here: {holder.communicate()[1].strip()}")
        yield ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", f"--wdns={Path.cwd()}"]
    finally:
        holder.kill()
        holder.communicate()


@pytest.fixture
def can_mount():
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        pytest.skip("unshare and nsenter are not installed")


def test_a_read_only_disk(can_mount, store, folder):
    file = folder / "a.parquet"
    writes = [
        ("create", "BH-9", file),
        ("update", "BH-7", file),
        ("approve", "BH-7"),
        ("rollback", "BH-7", "v1", "-m", "wrong file"),
        ("tag", "BH-7", "freeze"),
        ("settings", "drift_policy=warn"),
    ]
    reads = ["read BH-7", "list", "log BH-7", "versions BH-7", "info BH-7", "stats", "vacuum --dry-run"]
    with private_mounts(f"mount --bind '{store}' '{store}'; mount -o remount,bind,ro '{store}'") as inside:
        for words in writes:
            said = must(store, *words, code=NO_SPACE_OR_WRITE, before=inside)
            assert "ead-only" in said and str(store) in said, said
        for words in reads:
            must(store, *words.split(), before=inside)
        must_verify(store, before=inside)
    must_verify(store)


def test_a_full_disk(can_mount, folder):
    store = folder / "store"
    store.mkdir()
    small, big = write_table(folder / "small.parquet", 100), write_table(folder / "big.parquet", 600_000)
    with private_mounts(f"mount -t tmpfs -o size=2m none '{store}'") as inside:
        must(store, "init", store, before=inside)
        must(store, "create", "BH-7", small, before=inside)
        for words in (("create", "BH-9", big), ("update", "BH-7", big)):
            said = must(store, *words, code=NO_SPACE_OR_WRITE, before=inside)
            assert "space" in said, said
            must_verify(store, before=inside)
            assert ids_of(store, before=inside) == ["BH-7"]
        # A write that failed gave back what it had taken.
        assert must_json(store, "vacuum", "--grace", "0", "--dry-run", before=inside)["files"] == 0
        must(store, "update", "BH-7", write_table(folder / "other.parquet", 100, 3), before=inside)

        # Filled to the last byte by others.
        subprocess.run([*inside, "dd", "if=/dev/zero", f"of={store}/filling", "bs=4k"], capture_output=True)
        for words in (("create", "BH-9", small), ("update", "BH-7", small), ("approve", "BH-7")):
            said = must(store, *words, code=NO_SPACE_OR_WRITE, before=inside)
            assert "space" in said, said
        must(store, "read", "BH-7", before=inside)
        must(store, "vacuum", "--grace", "0", before=inside)
        assert ids_of(store, before=inside) == ["BH-7"]
        subprocess.run([*inside, "rm", f"{store}/filling"], check=True)
        must_verify(store, before=inside)
        must(store, "approve", "BH-7", before=inside)


# ---------------------------------------------------------------- others
def test_a_lock_held_by_another(store, folder):
    file = folder / "a.parquet"
    lock = os.open(store / "records" / "BH-7", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for words in (("update", "BH-7", file), ("approve", "BH-7")):
            begin = time.monotonic()
            said = must(store, *words, "--timeout", "1", code=6)
            assert 0.9 < time.monotonic() - begin < 10, said
            assert "BH-7" in said, said
        must(store, "read", "BH-7")
        must(store, "create", "BH-9", file)
    finally:
        os.close(lock)
    assert len(must_json(store, "versions", "BH-7")["versions"]) == 2
    must(store, "update", "BH-7", file)
    must_verify(store)


# ---------------------------------------------------------------- damage
def shorten(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0x20
    path.write_bytes(content)


def replaced_by(content):
    return lambda path: path.write_bytes(content)


DAMAGES = {
    "cut": shorten,
    "a byte changed": flip_a_byte,
    "empty": replaced_by(b""),
    "no JSON": replaced_by(b"\0" * 4096),
    "other JSON": replaced_by(b"{}"),
    "deep JSON": replaced_by(b"[" * 200_000),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_metadata(damage, store, folder):
    whole = must(store, "read", "BH-8")
    DAMAGES[damage](store / "records" / "BH-7" / "metadata.json")
    for words in (("log", "BH-7"), ("versions", "BH-7"), ("read", "BH-7"), ("info", "BH-7"), ("approve", "BH-7")):
        said = must(store, *words, code=10)
        assert "BH-7" in said, said
    must(store, "update", "BH-7", folder / "a.parquet", code=10)
    assert "BH-8" in must(store, "list")
    assert must(store, "read", "BH-8") == whole
    must(store, "update", "BH-8", folder / "b.parquet")
    said = must(store, "verify", code=1)
    assert "BH-7" in said and "BH-8" not in said, said
    must(store, "vacuum", "--grace", "0")
    assert (store / "records" / "BH-7" / "versions" / "v1.parquet").exists(), "vacuum took what may yet be mended"


def test_a_data_file_cut_short(store):
    data = store / "records" / "BH-7" / "versions" / "v1.parquet"
    shorten(data)
    for words in (["verify"], ["verify", "--deep"], ["verify", "BH-7"]):
        said = must(store, *words, code=1)
        assert "records/BH-7/versions/v1.parquet" in said and "BH-8" not in said, said
    must(store, "verify", "BH-8")
    must(store, "read", "BH-7@v1", code=10)
    must(store, "read", "BH-7@v2")
    must(store, "rollback", "BH-7", "v1", "-m", "wrong file", code=10)


def test_a_data_file_changed_or_gone(store):
    data = store / "records" / "BH-7" / "versions" / "v1.parquet"
    whole = data.read_bytes()
    flip_a_byte(data)
    said = must(store, "verify", "--deep", code=1)
    assert "records/BH-7/versions/v1.parquet" in said and "BH-8" not in said, said
    done = run(store, "read", "BH-7@v1")
    assert done.returncode in (0, 10) and not CRASHES.search(done.stderr), done
    data.unlink()
    said = must(store, "verify", code=1)
    assert "records/BH-7/versions/v1.parquet" in said, said
    must(store, "read", "BH-7@v1", code=10)
    data.write_bytes(whole)
    must_verify(store)
