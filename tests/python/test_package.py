"""What is installed: the module, the command, the types, the licences."""

import importlib
import importlib.metadata
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import coreshed
import pytest

PACKAGE = Path(coreshed.__path__[0])
IS_WHEEL = PACKAGE.parent == Path(sysconfig.get_path("purelib")) or PACKAGE.parent == Path(sysconfig.get_path("platlib"))
COMMAND = Path(sysconfig.get_path("scripts")) / "coreshed"
installed = pytest.mark.skipif(not IS_WHEEL, reason="of the wheel: make test-python")


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, check=False, **options)


def mypy(*words):
    return run(sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--cache-dir=/dev/null", *words)


def test_the_types_of_a_program():
    done = mypy(Path(__file__).with_name("typed_example.py"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_program_is_found(tmp_path):
    program = tmp_path / "wrong.py"
    program.write_text(
        "import coreshed\n"
        "store = coreshed.open('store')\n"
        "store.create_record('BH-7', None)\n"
        "number: int = store.read\n"
        "store.approve_record('BH-7', approved_by=7)\n"
    )
    done = mypy(program)
    assert [int(line) for line in re.findall(r"wrong\.py:(\d+): error", done.stdout)] == [3, 4, 5], done.stdout


def test_the_types_of_the_package_itself():
    done = mypy("--ignore-missing-imports", "-p", "coreshed")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stub_names_what_the_module_has():
    """The stub is written by hand, since the values that the module makes are classes of the files beside it."""
    core = importlib.import_module("coreshed._core")
    stub = (PACKAGE / "_core.pyi").read_text()
    for thing, indent in ((core, ""), (core.Store, "    ")):
        told = set(re.findall(rf"^{indent}def (\w+)", stub, re.M))
        assert {name for name in vars(thing) if not name.startswith("_")} == told | ({"Store"} if thing is core else set())


@installed
def test_the_command_is_the_same_release():
    assert run(COMMAND, "--version").stdout == f"coreshed {coreshed.__version__}\n"
    assert importlib.metadata.version("coreshed") == coreshed.__version__


@installed
def test_the_command_and_the_module_share_a_store(store, record, folder):
    (folder / "log.csv").write_text("depth_m,soil\n0.0,fill\n1.5,clay\n")
    done = run(COMMAND, "--store", folder / "store", "update", record, folder / "log.csv", "--by", "b.roth")
    assert done.returncode == 0, done.stderr
    assert store.get_latest_version(record).soil.to_list() == ["fill", "clay"]
    shown = run(COMMAND, "--store", folder / "store", "read", record, "--where", "depth_m > 1")
    assert "clay" in shown.stdout, shown.stderr


@installed
def test_licences_come_along():
    names = {path.stem for path in (PACKAGE / "licenses").iterdir()}
    assert names >= {"BLAKE3", "DuckDB", "nanobind", "libssl-dev", "libsqlite3-dev", "libpugixml-dev"}
    files = [str(path) for path in importlib.metadata.files("coreshed")]
    assert any(path.endswith("licenses/NOTICE") for path in files)


def test_importing_is_quick_work(tmp_path):
    """Heavy libraries are loaded when they are needed: neither pandas nor Polars nor DuckDB by the import alone."""
    program = "import coreshed, sys; print(sorted({'pandas', 'polars', 'duckdb'} & set(sys.modules)))"
    assert run(sys.executable, "-c", program).stdout == "[]\n"


def test_two_duckdbs_in_one_process(store, record):
    import duckdb  # noqa: PLC0415

    assert len(store.read(record, where="depth_m > 0")) == 2
    assert duckdb.sql("select 1 + 1").fetchall() == [(2,)]
    assert len(store.read(record, where="depth_m > 1")) == 2

