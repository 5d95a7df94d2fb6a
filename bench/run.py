"""Measures Coreshed beside what a user would pick instead: same work, same run, same machine. README.md says how.

    python bench/run.py [--only WORK ...] [--peers PEER ...] [--quick] [--fs loop] [--out results.json]
"""

import sys

sys.dont_write_bytecode = True  # the sources' folder stays as it is

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
from dataclasses import asdict  # noqa: E402
from pathlib import Path  # noqa: E402

import aims  # noqa: E402
import report  # noqa: E402
import systems  # noqa: E402
from works import ON_LOOP, QUICK, WORKS, Bench, Sizes, count_syncs  # noqa: E402
from workspace import Unusable, Workspace, bench_python, describe_file_system, install_wheel  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
BIG_WORKS = {"big_write", "big_update", "partial_update"}
READING_WORKS = {"small_read", "cold_read"}


def parse():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", nargs="+", choices=[*WORKS, "big_read"], metavar="WORK", help=", ".join(WORKS))
    arguments.add_argument(
        "--peers", nargs="*", choices=systems.PEERS, metavar="PEER", default=systems.PEERS,
        help=f"beside Coreshed, of {', '.join(systems.PEERS)}; none given: Coreshed alone",
    )  # fmt: skip
    arguments.add_argument("--quick", action="store_true", help="small sizes: minutes, and figures of little weight")
    arguments.add_argument("--fs", choices=["here", "loop"], default="here", help="loop: on a journal too, needs root")
    arguments.add_argument("--out", type=Path, help="every sample, as JSON")
    arguments.add_argument("--folder", type=Path, default=ROOT / "build/bench-run", help="deleted at the end")
    arguments.add_argument("--venv", type=Path, default=ROOT / "build/bench-venv")
    arguments.add_argument("--cpp", type=Path, default=ROOT / "build/release/bench_coreshed")
    return arguments.parse_args()


def log(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def tool_version(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "not installed"


def machine(workspace):
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": f"{len(os.sched_getaffinity(0))} x {processor()}",
        "memory": f"{gigabytes:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "file system": describe_file_system(workspace.folder),
        "python": platform.python_version(),
        "git": tool_version("git", "--version"),
        "strace": tool_version("strace", "--version"),
    }


def packages(results):
    """Name and version of everything that took part, as the processes themselves reported it."""
    found = {}
    for entries in results.values():
        for entry in entries.values():
            found.update(entry.facts.get("packages") or {})
    return dict(sorted(found.items()))


def places(works, options, workspace):
    """The works in their order, each with the place it runs in."""
    if options.fs == "loop":
        reason = workspace.mount_loop()
        if reason:
            log(f"no journaled file system in a loop file: {reason}")
    order = [("here", work) for work in WORKS if work in works]
    if "loop" in workspace.places:
        small = [("loop", work) for work in ON_LOOP if work in works]
        order = small + order  # before anything is deleted, and before the big ones
    return order


def measure(works, options, workspace, bench, results):
    """Fills `results` work by work, so that a run that is stopped still has those that were done."""
    order = places(works, options, workspace)
    if works - READING_WORKS:
        log("counting sync calls")
        count_syncs(bench)
    for place, work in order:
        name = f"{work} (loop)" if place == "loop" else work
        log(name)
        bench.place = place
        results[name] = WORKS[work](bench)
        where = describe_file_system(workspace.places[place])
        print(report.table(work, results[name], bench.syncs, where, bench.sizes), end="\n\n", flush=True)


def save(path, options, facts, bench, results, judged):
    document = {
        "quick": options.quick,
        "machine": facts,
        "sizes": asdict(bench.sizes),
        "packages": packages(results),
        "missing": {system.name: system.missing for system in bench.systems if system.missing},
        "syncs_per_commit": bench.syncs,
        "results": {work: {name: asdict(e) for name, e in entries.items()} for work, entries in results.items()},
        "aims": [dict(zip(("line", "aim", "measured", "reached"), row)) for row in judged],
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


def run(options, workspace):
    works = {"big_write" if work == "big_read" else work for work in options.only or WORKS}
    sizes = QUICK if options.quick else Sizes()
    python = bench_python(options.venv)
    log("making the tables")
    workspace.make_data(python, sizes.big_rows if works & BIG_WORKS else 0, sizes.edits)
    environment = workspace.environment()
    install_wheel(python, ROOT)
    candidates = [systems.peer(systems.CORESHED, python, environment), systems.from_cpp(options.cpp.resolve())]
    candidates += [systems.peer(name, python, environment) for name in options.peers]
    bench = Bench(workspace, candidates, sizes, log)
    results = {}
    try:
        measure(works, options, workspace, bench, results)
    finally:
        summarize(options, workspace, bench, results)


def summarize(options, workspace, bench, results):
    """What can be said of the works in `results`: all of them, or those that were done before the run was stopped."""
    print(report.LEGEND, end="\n\n")
    mine = next(system for system in bench.systems if system.name == systems.CORESHED)
    judged = aims.judge_all(results, bench.sizes, mine.missing)
    facts = machine(workspace)
    print(aims.table(judged), end="\n\n")
    if options.quick:
        print("Small sizes (--quick): the aims are meant for the full ones.\n")
    print(report.key_value([*facts.items(), *packages(results).items()]))
    if options.out:
        save(options.out, options, facts, bench, results, judged)


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # an exception, so that all is cleaned up
    try:
        with Workspace(options.folder) as workspace:
            run(options, workspace)
    except Unusable as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
