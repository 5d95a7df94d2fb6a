"""Every type through the tool and back, its parts' hashes computed anew from spec/parts.md alone."""

import datetime
import decimal

import pyarrow
import pyarrow.ipc
import pytest

import part_hash
from read_store import check_store
from made_store import CLI, ROOT, run

D = decimal.Decimal
MAP = pyarrow.map_(pyarrow.string(), pyarrow.int32())
PAIR = pyarrow.struct(
    [pyarrow.field("a", pyarrow.int16(), nullable=False), ("b", pyarrow.dictionary(pyarrow.int8(), pyarrow.string()))]
)
FIXED = pyarrow.field("f", pyarrow.list_(pyarrow.int8(), 2), nullable=False)
BELOW = pyarrow.struct([FIXED])
EXAMPLES = [
    (pyarrow.null(), [None, None, None]),
    (pyarrow.bool_(), [True, None, False]),
    (pyarrow.int8(), [1, None, -128]),
    (pyarrow.uint64(), [1, None, (1 << 64) - 1]),
    (pyarrow.float16(), [1.5, None, -0.0]),
    (pyarrow.float32(), [1.5, None, -0.0]),
    (pyarrow.float64(), [float("inf"), None, -0.0]),
    (pyarrow.string(), ["", None, "längerer Text als zwölf Bytes"]),
    (pyarrow.large_string(), ["a", None, ""]),
    (pyarrow.string_view(), ["a", None, "längerer Text als zwölf Bytes"]),
    (pyarrow.binary_view(), [b"a", None, b"\0"]),
    (pyarrow.large_binary(), [b"a", None, b"\0"]),
    (pyarrow.binary(3), [b"abc", None, b"\0\0\0"]),
    (pyarrow.date32(), [datetime.date(2026, 1, 27), None, datetime.date(1, 1, 1)]),
    (pyarrow.date64(), [datetime.date(2026, 1, 27), None, datetime.date(1, 1, 1)]),
    (pyarrow.time32("s"), [datetime.time(10, 30), None, datetime.time(0)]),
    (pyarrow.time32("ms"), [datetime.time(10, 30), None, datetime.time(0)]),
    (pyarrow.time64("ns"), [datetime.time(10, 30), None, datetime.time(0)]),
    (pyarrow.timestamp("s"), [datetime.datetime(2026, 1, 27, 10), None, datetime.datetime(1, 1, 1)]),
    (pyarrow.timestamp("us", "Europe/Oslo"), [0, None, -1]),
    (pyarrow.duration("ms"), [1, None, -1]),
    *((kind(9, 2), [D("1.50"), None, D("-3.00")]) for kind in (pyarrow.decimal32, pyarrow.decimal64)),
    *((kind(9, 2), [D("1.50"), None, D("-3.00")]) for kind in (pyarrow.decimal128, pyarrow.decimal256)),
    (pyarrow.decimal256(38, 2), [D("1.50"), None, D(-(10**35))]),
    (pyarrow.decimal256(76, 2), [D("1.50"), None, D("-3.00")]),
    (pyarrow.list_(pyarrow.int32()), [[1, None], None, []]),
    (pyarrow.large_list(pyarrow.string()), [["a", None], None, [""]]),
    (pyarrow.list_(pyarrow.list_(pyarrow.bool_(), 2)), [[[True, None], None], None, [[False, True]]]),
    (MAP, [[("a", 1), ("b", None)], None, []]),
    (pyarrow.list_(MAP), [[[("a", 1)], None], None, []]),
    (PAIR, [{"a": 1, "b": "x"}, None, {"a": 2, "b": None}]),
    (pyarrow.list_(PAIR), [[{"a": 1, "b": "x"}, None], None, []]),
    (BELOW, [{"f": [1, None]}, None, {"f": [2, 3]}]),
    (pyarrow.dictionary(pyarrow.uint16(), pyarrow.large_string()), ["x", None, "x"]),
    (pyarrow.dictionary(pyarrow.int8(), pyarrow.int64()), [7, None, 7]),
    (pyarrow.uuid(), [b"0123456789abcdef", None, b"\0" * 16]),
]


def example(kind, values):
    if isinstance(kind, pyarrow.BaseExtensionType):
        return pyarrow.ExtensionArray.from_storage(kind, pyarrow.array(values, kind.storage_type))
    if pyarrow.types.is_float16(kind):
        return pyarrow.array(values, pyarrow.float32()).cast(kind)
    return pyarrow.array(values, kind)


def table(rows):
    columns = {f"{i} {kind}"[:200]: example(kind, values[:rows]) for i, (kind, values) in enumerate(EXAMPLES)}
    return pyarrow.table(columns)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    assert CLI.exists(), f"{CLI} is not there: build it, or set CORESHED_CLI"
    folder = tmp_path_factory.mktemp("types") / "store"
    folder.mkdir()
    assert run(folder, "init", folder).returncode == 0
    for verb, rows in (("create", 3), ("update", 2), ("append", 3)):
        path = folder.parent / "given.arrow"
        with pyarrow.ipc.new_file(path, table(rows).schema) as file:
            file.write_table(table(rows))
        done = run(folder, verb, "TYPES", path, "--by", "a.meier")
        assert done.returncode == 0, done.stderr
    return folder


def test_hashes_are_those_of_the_page(store):
    lines = []
    assert check_store(store, None, lines.append, deep=True) == 0, lines
    assert run(store, "verify", "--deep").returncode == 0


def test_what_comes_back_is_what_went_in(store):
    path = store.parent / "read.arrow"
    for version, rows in ((1, [3]), (2, [2]), (3, [2, 3])):
        assert run(store, "read", f"TYPES@v{version}", "-o", path, "--overwrite").returncode == 0
        read = pyarrow.ipc.open_file(path).read_all()
        expected = pyarrow.concat_tables([table(count) for count in rows])
        assert read.schema.equals(expected.schema, check_metadata=True)
        assert read.to_pylist() == expected.to_pylist()


def test_the_page_has_the_hashes_of_decimals():
    text = (ROOT / "spec/parts.md").read_text()
    kinds = (pyarrow.decimal32, 9), (pyarrow.decimal128, 9), (pyarrow.decimal256, 9), (pyarrow.decimal256, 39)
    for kind, digits in kinds:
        array = pyarrow.array([D("1.50"), None, D("-3.00")], kind(digits, 2))
        stored = {"kind": kind.__name__, "precision": digits, "scale": 2}
        assert part_hash.column_hash(stored, array).hex() in text
