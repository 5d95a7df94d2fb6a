"""The house rules, as a test: `python3 tests/tidy.py [ROOT]`. Prints each breach as path:line: rule; exits 1 if any.

Which rule guards what is said beside it. To bend one, change it here, where the next reader sees it.
"""

import os
import re
import sys
from pathlib import Path

# A folder of src may include itself, those before it, and <coreshed/...>.
SRC_ORDER = ["base", "storage", "sources", "table", "parts", "validate", "commit", "legacy", "catalog", "store"]

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800

CPP = {".cc", ".h"}
CODE = CPP | {".py", ".sh", ".cmake"}
CODE_NAMES = {"CMakeLists.txt", "Makefile", "run"}
TEXT = CODE | {".md", ".txt", ".json", ".toml", ".yml", ".yaml", ".in", ".supp", ".js", ".html", ".css"}
SKIPPED_FOLDERS = {".git", ".venv", "build", "__pycache__", ".cache", ".pytest_cache", ".hypothesis", "node_modules"}

# Clock, randomness, environment and files are handed in by base and storage, so that a run repeats from its seed.
BANNED_CALLS = [
    (re.compile(r"\bsystem_clock\s*::\s*now\b"), "reads the clock: take it from base"),
    (re.compile(r"(?<![\w.:>])(?:std::)?s?rand(?:om)?\s*\("), "draws a random number: take it from base"),
    (re.compile(r"\brandom_device\b"), "draws a random number: take it from base"),
    (re.compile(r"\b(?:secure_)?getenv\s*\("), "reads the environment: let the caller hand it in"),
    (re.compile(r"\bf(?:re)?open\s*\("), "opens a file: go through storage"),
    (re.compile(r"(?<![\w>])::open(?:at)?\s*\("), "opens a file: go through storage"),
]
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|root|work|Users|mnt|opt)/\w")
REGISTRY_HOST = re.compile(r"\b(?:pypi|pythonhosted|npmjs|crates|rubygems)\.(?:org|io|com)\b|\bdeb\.debian\.org\b|\bproxy\.golang\.org\b")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def blank_comments_and_strings(text):
    """`text` with comments and literals blanked out: same length, same lines, so positions still hold."""
    pattern = re.compile(
        r'R"([^()\s\\]{0,16})\(.*?\)\1"' r"|//[^\n]*" r"|/\*.*?\*/" r'|"(?:\\.|[^"\\\n])*"' r"|'(?:\\.|[^'\\\n])+'(?!\w)",
        re.DOTALL,
    )
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def functions(code):
    """(first line, last line) of each outermost function body in `code`, told by its braces. The layout is
    clang-format's: a space stands before the brace of a body, none before that of an initialiser."""
    found = []
    stack = []  # (what the brace opened, its first line)
    start = 0  # where the text that leads up to the next brace begins
    for match in re.finditer(r"[{};]", code):
        position, mark = match.start(), match.group()
        in_function = any(kind == "function" for kind, _ in stack)
        if mark == "{":
            head = code[start:position]
            kind = "block" if in_function else brace_kind(head)
            first = code.count("\n", 0, start + len(head) - len(head.lstrip())) + 1
            stack.append((kind, first))
            if kind != "initialiser":
                start = position + 1
        elif mark == "}":
            kind, first = stack.pop() if stack else ("block", 0)
            if kind == "function":
                found.append((first, code.count("\n", 0, position) + 1))
            if kind != "initialiser":
                start = position + 1
        elif not stack or stack[-1][0] != "initialiser":
            start = position + 1
    return found


def brace_kind(head):
    """What a brace opens that follows `head` outside any function: scope, function or initialiser."""
    words = re.sub(r"^\s*#[^\n]*$", "", head, flags=re.MULTILINE)
    if not words or not words[-1].isspace() or re.search(r"(?:[=(,]|\breturn)\s*$", words):
        return "initialiser"
    if re.search(r"\b(?:namespace|extern)\b", words):
        return "scope"
    if re.search(r"\b(?:class|struct|union|enum)\s+[\w:<>\[\] ]*(?::[^()]*)?\s*(?:\([^)]*\)[^()]*)?$", words) and not words.rstrip().endswith(")"):
        return "scope"
    return "function" if ")" in words or "]" in words else "scope"


def is_test(path):
    """Unit tests and what several of them share (test_*.h) lie beside the code."""
    return path.name.endswith("_test.cc") or path.name.startswith("test_")


class Checker:
    """Collects breaches over the files of one tree."""

    def __init__(self, root):
        self.root = root
        self.breaches = []

    def report(self, path, line, message):
        self.breaches.append(f"{path.relative_to(self.root)}:{line}: {message}")

    def check_tree(self):
        count = 0
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
            for name in sorted(names):
                path = Path(folder) / name
                if path.is_symlink() or (path.suffix not in TEXT and name not in CODE_NAMES):
                    continue
                self.check_file(path)
                count += 1
        return count

    def check_file(self, path):
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        is_code = path.suffix in CODE or path.name in CODE_NAMES
        for number, line in enumerate(lines, 1):
            if MACHINE_PATH.search(line):
                self.report(path, number, "a path of one machine: make it relative, or an option")
            if REGISTRY_HOST.search(line):
                self.report(path, number, "names a package registry's host: leave that to the client's configuration")
            if is_code and UNFINISHED.search(line):
                self.report(path, number, "an unfinished spot: finish it, or write it down in an issue")
        if is_code and len(lines) > FILE_LINES_MAX:
            self.report(path, len(lines), f"{len(lines)} lines: split it, {FILE_LINES_MAX} at most")
        if path.suffix in CPP:
            self.check_cpp(path, text, lines)

    def check_cpp(self, path, text, lines):
        code = blank_comments_and_strings(text)
        if path.suffix == ".h" and not re.search(r"^#pragma once$", text, re.MULTILINE):
            self.report(path, 1, "a header without #pragma once")
        includes = [
            (number, match.group(1), match.group(2))
            for number, line in enumerate(lines, 1)
            if (match := INCLUDE.match(line))
        ]
        for number, mark, name in includes:
            if complaint := self.include_complaint(path, mark, name):
                self.report(path, number, complaint)
        self.check_own_header(path, includes)
        if self.is_pure(path):
            for number, line in enumerate(code.splitlines(), 1):
                for pattern, complaint in BANNED_CALLS:
                    if pattern.search(line):
                        self.report(path, number, complaint)
        for first, last in functions(code):
            if last - first + 1 > FUNCTION_LINES_MAX:
                self.report(path, first, f"a function of {last - first + 1} lines: {FUNCTION_LINES_MAX} at most")

    def is_pure(self, path):
        """Whether `path` lies in src outside base and storage, and is no test."""
        parts = path.relative_to(self.root).parts
        return parts[0] == "src" and parts[1] not in ("base", "storage") and not is_test(path)

    def include_complaint(self, path, mark, name):
        """Why this include is refused, or None."""
        parts = path.relative_to(self.root).parts
        target = name.split("/")[0]
        if ".." in name.split("/"):
            return f"{name}: no .. in an include, write it from the root"
        if parts[0] == "include":
            if mark == "<" and (target in ("coreshed", "arrow") or re.fullmatch(r"[a-z_]+", name)):
                return None
            return f"{name}: the door includes only <coreshed/...>, <arrow/...> and the standard library"
        if target == "coreshed" and mark == '"':
            return f"{name}: the door is included with <>"
        if parts[0] == "src" and len(parts) > 2:
            return self.src_include_complaint(path, parts[1], mark, name)
        if parts[0] in ("views", "bench", "examples") and mark == '"' and target in [*SRC_ORDER, "src"]:
            return f"{name}: {parts[0]} sees include/coreshed and nothing of src"
        return None

    def src_include_complaint(self, path, folder, mark, name):
        if folder not in SRC_ORDER:
            return f"src/{folder}: not in the list of folders in tests/tidy.py"
        target = name.split("/")[0]
        if mark == "<":
            return None
        if is_test(path) and target == "support":
            return None
        if "/" not in name or target not in SRC_ORDER:
            return f'{name}: write "folder/file.h", with a folder of src'
        if SRC_ORDER.index(target) > SRC_ORDER.index(folder):
            return f"{name}: {folder} may not include {target}, which comes after it ({' < '.join(SRC_ORDER)})"
        return None

    def check_own_header(self, path, includes):
        """x.cc includes x.h before anything else, which proves that x.h stands alone."""
        parts = path.relative_to(self.root).parts
        if path.suffix != ".cc" or parts[0] != "src" or not path.with_suffix(".h").exists() or not includes:
            return
        own = "/".join(parts[1:-1] + (path.stem + ".h",))
        if includes[0][2] != own:
            self.report(path, includes[0][0], f"{own} comes first")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    checker = Checker(root)
    count = checker.check_tree()
    for breach in checker.breaches:
        print(breach)
    print(f"tidy: {count} files, {len(checker.breaches)} breaches")
    return 1 if checker.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
