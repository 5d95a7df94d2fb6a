"""The systems that are measured, each a command that does one work and prints one line of JSON (see README.md)."""

import json
import os
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

BENCH = Path(__file__).resolve().parent
CORESHED = "coreshed"
CPP = "coreshed_cpp"  # the same library without Python, to see what that costs
PEERS = ("plain", "plain_fsync", "delta", "lance", "iceberg", "ducklake", "dvc")


class System(NamedTuple):
    name: str
    command: tuple
    missing: str = ""  # why it can't be had


class Failed(Exception):
    """One work of one system came to nothing; the text says why, in a line."""


class Unsupported(Failed):
    """The system says that it can't do this work."""


def from_cpp(program: Path) -> System:
    missing = "" if os.access(program, os.X_OK) else "not built"
    return System(CPP, (str(program),), missing)


def peer(name: str, python: Path, environment: dict) -> System:
    """Whether a peer can be had is found out once, by importing it: then the tables can say why it is not there."""
    command = (str(python), "-m", f"peers.{name}")
    tried = subprocess.run(
        [python, "-c", f"import peers.{name}"], env=environment, capture_output=True, text=True, timeout=120
    )
    return System(name, command, last_line(tried.stderr) if tried.returncode else "")


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it said nothing"


def options_of(options):
    """{"rounds": 3, "shared": True} as ["--rounds", "3", "--shared"]."""
    words = []
    for name, value in options.items():
        words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return words


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def started(command, environment, **more):
    """A process in a group of its own, of which nothing is left afterwards."""
    process = subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, **more,
    )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()


def answer(output, errors, returncode):
    """The last line of JSON in what a process printed: libraries may have printed before it."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if returncode or not lines:
        ended = f"killed by signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
        raise Failed(f"{ended}: {last_line(errors)}")
    found = json.loads(lines[-1])
    if "unsupported" in found:
        raise Unsupported(found["unsupported"])
    return found


def call(command, environment, timeout):
    with started(command, environment, stdin=subprocess.DEVNULL) as process:
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"not done after {timeout:.0f} s") from None
        return answer(output, errors, process.returncode)


def call_together(commands, environment, timeout):
    """Starts all, waits until each says that it is ready, lets them go at once; an answer or a Failed for each."""
    with ExitStack() as stack:
        processes = [stack.enter_context(started(c, environment, stdin=subprocess.PIPE)) for c in commands]
        watchdog = threading.Timer(timeout, lambda: [kill(process) for process in processes])
        stack.callback(watchdog.cancel)
        watchdog.start()
        for process in processes:
            process.stdout.readline()  # "ready", or nothing from one that has failed: told from its exit code below
        with ThreadPoolExecutor(len(processes)) as threads:
            return list(threads.map(finish, processes))


def finish(process):
    try:
        output, errors = process.communicate("go\n")
        return answer(output, errors, process.returncode)
    except Failed as reason:
        return reason
