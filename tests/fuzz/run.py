"""Runs the programs of libFuzzer: `python3 tests/fuzz/run.py [--seconds N] [--jobs N] [FORMAT …]`, of all formats if none
is named. Prints a line for each; exits 1 if one found something, and says in which file it is.

What is new of their inputs is kept in build/fuzz/corpus, so that the next run begins there.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FUZZ = ROOT / "tests" / "fuzz"
BUILD = ROOT / "build" / "fuzz"
FORMATS = sorted(path.name.removesuffix("_fuzz.cc") for path in FUZZ.glob("*_fuzz.cc"))

# A unit has a few KB and small limits (read_all.cc): within them nothing takes seconds or hundreds of MB but by a fault.
# Memory is what DuckDB and the sanitizers hold, too.
LIMITS = ["-max_len=8192", "-len_control=0", "-timeout=10", "-rss_limit_mb=2048", "-malloc_limit_mb=1280"]

ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    # A size that a file says may be any; what is asked for and not given is told apart from a crash.
    "ASAN_OPTIONS": "allocator_may_return_null=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/cmake/lsan.supp:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def fuzz(name, seconds):
    """Whether `name` ran for so long and found nothing. Prints how it went."""
    grown, found, log = BUILD / "corpus" / name, BUILD / "found", BUILD / f"fuzz-{name}.log"
    grown.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    command = [BUILD / "bin" / f"fuzz-{name}", f"-max_total_time={seconds}", "-print_final_stats=1", *LIMITS]
    command += [f"-artifact_prefix={found}/{name}-"]
    dictionary = FUZZ / "words" / f"{name}.txt"
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    command += [grown, FUZZ / "corpus" / name]
    with open(log, "w") as output:
        code = subprocess.run(command, stdout=output, stderr=output, env=os.environ | ENVIRONMENT).returncode
    said = log.read_text(errors="replace")
    stats = dict(re.findall(r"^stat::(\w+):\s+(\d+)$", said, re.MULTILINE))
    if code == 0 and stats:
        print(f"fuzz: {name}: {stats['number_of_executed_units']} runs, {stats['average_exec_per_sec']} a second, "
              f"{stats['new_units_added']} new inputs, {stats['peak_rss_mb']} MB", flush=True)  # fmt: skip
        return True
    artifact = re.search(r"Test unit written to (\S+)", said)
    where = f"run {command[0]} {artifact[1]}" if artifact else "it told no input"
    print(f"fuzz: {name}: FOUND something: {where}; see {log}", flush=True)
    return False


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=300)
    arguments.add_argument("--jobs", type=int, default=1)
    arguments.add_argument("formats", nargs="*", default=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    asked = arguments.parse_args()
    if unknown := set(asked.formats) - set(FORMATS):
        arguments.error(f"no format {', '.join(sorted(unknown))}; there are {', '.join(FORMATS)}")
    with ThreadPoolExecutor(asked.jobs) as pool:
        return 0 if all(list(pool.map(lambda name: fuzz(name, asked.seconds), asked.formats))) else 1


if __name__ == "__main__":
    sys.exit(main())
