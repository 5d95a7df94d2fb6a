"""Runs a story: commands as one types them, and their answers, from a file one can read.

    # A line of prose.
    $ coreshed approve BH-7 --by k.brandt
    error (InvalidState): version 1 of 'BH-7' is approved, …
    [7]

Each command runs in bash, in a folder of the story's own; what it prints (on standard output and standard
error, in the order it comes) must be the lines below it, up to a blank line or the next command, and it
must end with the exit code in brackets, or 0. Lines that begin with two blanks and `> ` go on with a
command. In an answer stand for what differs from run to run:

    <time>     2026-01-27 10:00:00
    <hex>      hex digits
    <here>     the story's folder
    <any>      anything within a line
    <blank>    a line without anything
    ...        alone in a line: any lines, or none

Known to every command: $data, the folder of real data; as_reader COMMAND, which runs without the right to
write; on_small_disk COMMAND, which runs in a folder with room for 64 kB.

    python3 tests/stories/story.py FILE…            shows where answers differ
    python3 tests/stories/story.py --accept FILE…   writes the answers into the files, to be looked over
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND_SECONDS = 120

WILDCARDS = {
    "<time>": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "<hex>": r"[0-9a-f]+",
    "<any>": r".*?",
    "<blank>": "",
}

PRELUDE = r"""
as_reader() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"
  else
    chmod -R a-w . && "$@"; local code=$?; chmod -R u+w .; return $code
  fi
}
on_small_disk() {
  if unshare -rm sh -c 'mount -t tmpfs tmpfs .' 2> /dev/null; then
    unshare -rm bash -c 'mount -t tmpfs -o size=64k tmpfs . && cd "$PWD" && eval "$1"' - "$1"
  else  # no right to mount: the most that may be written to a file is nearly the same
    (trap '' XFSZ && ulimit -f 16 && eval "$1")
  fi
}
"""


@dataclass
class Step:
    """A command with the answer that the story tells."""

    line: int
    command: str
    answer: list = field(default_factory=list)
    code: int = 0


def parse(text):
    """The story's lines in order: texts (prose, blank lines) and Steps."""
    parts, step = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            step = Step(number, line[2:])
            parts.append(step)
        elif step is not None and line.startswith("  > ") and not step.answer:
            step.command += "\n" + line[4:]
        elif step is not None and (match := re.fullmatch(r"\[(\d+)\]", line)):
            step.code = int(match[1])
            step = None
        elif step is not None and line:
            step.answer.append(line)
        else:
            step = None
            parts.append(line)
    return parts


def pattern_of(lines, here):
    """A regular expression for an answer."""
    pattern = ""
    for line in lines:
        if line == "...":
            pattern += r"(?:.*\n)*?"
            continue
        pieces = re.split(r"(<[a-z]+>)", line)
        known = WILDCARDS | {"<here>": re.escape(here)}
        pattern += "".join(known.get(piece, re.escape(piece)) for piece in pieces) + r"\n"
    return re.compile(pattern)


def find_cli():
    """The tool under test: CORESHED_CLI, or what `make` built."""
    cli = Path(os.environ.get("CORESHED_CLI", ROOT / "build" / "coreshed")).resolve()
    if not cli.exists():
        raise FileNotFoundError("there is no build/coreshed: run make, or set CORESHED_CLI")
    return cli


class Stage:
    """A folder for a story, and the environment of its commands."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="coreshed-story-")
        os.chmod(self.folder, 0o755)
        bin_folder = Path(self.folder, ".bin")
        bin_folder.mkdir()
        (bin_folder / "coreshed").symlink_to(find_cli())
        self.here = str(Path(self.folder, "here"))
        os.mkdir(self.here)
        kept = ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "HOME": self.folder,
            "COLUMNS": "100",
            "data": str(ROOT / "examples" / "data"),
        }
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command):
        """The lines that a command prints, and its exit code."""
        done = subprocess.run(
            ["bash", "-c", PRELUDE + command],
            cwd=self.here,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
        )
        return done.stdout.decode("utf-8", "replace"), done.returncode


def play(path, accept=False):
    """Play a story to its end; returns what differs, as texts."""
    parts = parse(path.read_text(encoding="utf-8"))
    differences = []
    with Stage() as stage:
        for step in parts:
            if not isinstance(step, Step):
                continue
            printed, code = stage.run(step.command)
            if printed and not printed.endswith("\n"):
                printed += "\n"
            same = pattern_of(step.answer, stage.here).fullmatch(printed) and code == step.code
            if not same:
                told = "".join(line + "\n" for line in step.answer)
                differences.append(
                    f"{path.name}:{step.line}: $ {step.command}\n"
                    f"--- told, exit code {step.code}\n{told}--- printed, exit code {code}\n{printed}"
                )
            if accept and not same:
                step.answer, step.code = disguised(printed, stage.here).splitlines(), code
    if accept:
        path.write_text(written(parts), encoding="utf-8")
    return differences


def disguised(printed, here):
    """What a command printed, with wildcards for what will differ."""
    printed = printed.replace(here, "<here>")
    printed = re.sub(WILDCARDS["<time>"], "<time>", printed)
    printed = re.sub(r"\b[0-9a-f]{12,}\b", "<hex>", printed)
    return "".join(line if line.strip() else "<blank>\n" for line in printed.splitlines(keepends=True))


def written(parts):
    """The story's text again."""
    lines = []
    for part in parts:
        if not isinstance(part, Step):
            lines.append(part)
            continue
        first, *further = part.command.split("\n")
        lines += ["$ " + first, *("  > " + line for line in further), *part.answer]
        if part.code:
            lines.append(f"[{part.code}]")
    return "\n".join(lines) + "\n"


def main():
    accept = "--accept" in sys.argv
    bad = 0
    for name in sys.argv[1:]:
        if name == "--accept":
            continue
        differences = play(Path(name), accept)
        print("\n".join(differences) if differences and not accept else f"{name}: {len(differences)} different")
        bad += bool(differences)
    return 1 if bad and not accept else 0


if __name__ == "__main__":
    sys.exit(main())
