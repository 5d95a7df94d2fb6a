"""Where the benchmarks run: the peers' Python, the run's folder, its data, and a journaled file system in a loop file.

Everything a run makes is in its folder, and the folder is deleted at the end and not before: on ext4 without a journal,
creating files soon after a mass delete is ten times slower, and a benchmark would measure that.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from systems import BENCH, last_line

MARKER = ".coreshed-bench"  # only a folder with this file in it is ever deleted
MEMORY = Path("/dev/shm")
LOOP_BYTES = 16 << 30  # sparse: takes what is written


class Unusable(Exception):
    """The place or the tools are not as they have to be; the text says what to do."""


def bench_python(folder: Path) -> Path:
    """The virtual environment with the peers; made when it is missing or the pinned versions changed."""
    python, wanted = folder / "bin" / "python", BENCH / "requirements.txt"
    installed = folder / "installed-requirements.txt"
    if not (installed.exists() and installed.read_text() == wanted.read_text()):
        print(f"installing the peers into {folder} ...", file=sys.stderr)
        venv.create(folder, with_pip=True, symlinks=True, clear=folder.exists())  # clear: no half-made one
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], capture_output=True, text=True)
        if done.returncode:
            install_one_by_one(python, wanted)
        shutil.copyfile(wanted, installed)
    return python


def install_one_by_one(python, wanted):
    """A peer that can't be had must not take the others with it: it is missing, and the tables say so."""
    for line in wanted.read_text().splitlines():
        requirement = line.split("#")[0].strip()
        if requirement:
            command = [python, "-m", "pip", "install", "--quiet", requirement]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"  {requirement} can't be had: {last_line(done.stderr)}", file=sys.stderr)


def install_wheel(python, root):
    """Coreshed as its users have it: the newest wheel that `make wheel` built."""
    wheels = sorted((root / "build" / "dist").glob("coreshed-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        raise Unusable("there is no wheel in build/dist: make bench builds it")
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheels[-1]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Unusable(f"{wheels[-1].name} can't be installed: {last_line(done.stderr)}")


def mount_of(folder: Path):
    """(device, mount point, type) of the file system that holds `folder`."""
    best = ("", "/", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        device, point, kind = line.split()[:3]
        if folder.is_relative_to(point) and len(point) >= len(best[1]):
            best = (device, point, kind)
    return best


def describe_file_system(folder: Path) -> str:
    device, _, kind = mount_of(folder.resolve())
    if kind != "ext4":
        return kind
    device = os.path.basename(os.path.realpath(device))
    journaled = any(Path("/proc/fs/jbd2").glob(f"{device}-*"))
    return "ext4 with a journal" if journaled else "ext4 without a journal"


class Workspace:
    """A context: makes the run's folder on entering, and leaves nothing of it behind."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.loop = self.folder / "loop"
        self.places = {"here": self.folder / "here"}
        self.memory = None
        self.used = 0

    def __enter__(self):
        if self.folder.exists() and any(self.folder.iterdir()) and not (self.folder / MARKER).exists():
            raise Unusable(f"{self.folder} is not empty and not from an earlier run: name another with --folder")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.folder / MARKER, "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unusable(f"another run is using {self.folder}: wait for it, or name another with --folder") from None
        self.clear()  # of what a killed run has left
        for folder in (self.data, self.places["here"], self.folder / "home", self.folder / "tmp"):
            folder.mkdir()
        self.memory = tempfile.TemporaryDirectory(prefix="coreshed-bench-", dir=MEMORY if MEMORY.is_dir() else None)
        self.places["memory"] = Path(self.memory.name)
        return self

    def __exit__(self, *_):
        self.memory.cleanup()
        self.clear()
        shutil.rmtree(self.folder)
        self.lock.close()

    def clear(self):
        if os.path.ismount(self.loop):
            subprocess.run(["umount", self.loop], check=True)
        for entry in self.folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != MARKER:
                entry.unlink()

    def environment(self):
        """HOME and all caches are in the run's folder: no system leaves anything elsewhere, or finds anything there."""
        home, tmp = str(self.folder / "home"), str(self.folder / "tmp")
        return {
            **os.environ,
            "HOME": home,
            "TMPDIR": tmp,
            "XDG_CACHE_HOME": f"{home}/cache",
            "XDG_CONFIG_HOME": f"{home}/config",
            "PYTHONPATH": str(BENCH),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": f"{home}/dvc-site",
            "DVC_GLOBAL_CONFIG_DIR": f"{home}/dvc-global",
            "DVC_SYSTEM_CONFIG_DIR": f"{home}/dvc-system",
        }

    def make_data(self, python, big_rows, edits):
        command = [python, BENCH / "data.py", self.data, "--big-rows", str(big_rows), "--edits", str(edits)]
        subprocess.run(command, env=self.environment(), check=True, timeout=600)

    def mount_loop(self) -> str:
        """A journaled ext4 in a file. Returns why there is none, or nothing."""
        if os.geteuid():
            return "a loop mount needs root"
        image = self.folder / "loop.img"
        with open(image, "wb") as file:
            file.truncate(LOOP_BYTES)
        self.loop.mkdir()
        for command in (["mkfs.ext4", "-q", "-F", image], ["mount", "-o", "loop", image, self.loop]):
            try:
                subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
            except FileNotFoundError:
                return f"{command[0]} is not installed"
            except subprocess.CalledProcessError as reason:
                return f"{command[0]}: {last_line(reason.stderr)}"
        self.places["loop"] = self.loop / "here"
        self.places["loop"].mkdir()
        return ""

    def fresh(self, place, name) -> Path:
        """A path that no run has used; what works on it makes it."""
        self.used += 1
        return self.places[place] / f"{self.used:04}-{name}"
