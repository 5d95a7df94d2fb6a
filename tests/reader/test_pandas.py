"""Tables as pandas makes them: what it writes into a schema's metadata comes back, and costs next to nothing."""

import json

import pyarrow
import pyarrow.ipc
import pyarrow.parquet
import pytest

from read_store import canonical, check_store
from made_store import CLI, run

COLUMNS = ("depth", "cone", "sleeve", "pore", "soil", "by", "rig", "site", "x", "y", "z", "remark")


def pandas_metadata(rows, categories):
    """What pyarrow 26 writes for a frame of pandas 2.2, byte by byte."""

    def column(name):
        if name == "soil":
            kind = {"pandas_type": "categorical", "numpy_type": "int8"}
            return kind, {"num_categories": categories, "ordered": False}
        return {"pandas_type": "float64", "numpy_type": "float64"}, None

    said = {
        "index_columns": [{"kind": "range", "name": None, "start": 0, "stop": rows, "step": 1}],
        "column_indexes": [
            {
                "name": None,
                "field_name": None,
                "pandas_type": "unicode",
                "numpy_type": "object",
                "metadata": {"encoding": "UTF-8"},
            }
        ],
        "columns": [
            {"name": name, "field_name": name, **column(name)[0], "metadata": column(name)[1]} for name in COLUMNS
        ],
        "attributes": {},
        "creator": {"library": "pyarrow", "version": "26.0.1"},
        "pandas_version": "2.2.3",
    }
    return json.dumps(said)


def frame(rows, salt=0):
    categories = [f"soil {i}" for i in range(3 + rows // 50)]
    columns = {name: [float(i * 7 + salt) for i in range(rows)] for name in COLUMNS}
    indices = pyarrow.array([i % len(categories) for i in range(rows)], pyarrow.int8())
    columns["soil"] = pyarrow.DictionaryArray.from_arrays(indices, categories)
    return pyarrow.table(columns).replace_schema_metadata({"pandas": pandas_metadata(rows, len(categories))})


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    assert CLI.exists(), f"{CLI} is not there: build it, or set CORESHED_CLI"
    folder = tmp_path_factory.mktemp("pandas") / "store"
    folder.mkdir()
    assert run(folder, "init", folder).returncode == 0
    return folder


def write(store, verb, record, table):
    path = store.parent / "frame.arrow"
    with pyarrow.ipc.new_file(path, table.schema) as file:
        file.write_table(table)
    done = run(store, verb, record, path, "--by", "a.meier")
    assert done.returncode == 0, done.stderr
    return (store / "records" / record / "metadata.json").stat().st_size


def read(store, ref):
    path = store.parent / "read.arrow"
    done = run(store, "read", ref, "-o", path, "--overwrite")
    assert done.returncode == 0, done.stderr
    return pyarrow.ipc.open_file(path).read_all()


def test_a_table_that_grows_by_updates(store):
    """Each version has metadata of its own, exactly as handed in, and metadata.json stays small."""
    path, most = store / "records/updates/metadata.json", 0
    for rows in range(1, 81):
        write(store, "create" if rows == 1 else "update", "updates", frame(rows))
        schemas = json.loads(path.read_bytes())["schemas"]
        written_out = max(len(canonical(schema)) for schema in schemas.values())
        assert len(canonical(schemas)) <= 2 * written_out + 17 * 100  # twice: a category was added
        most = max(most, len(schemas))
    assert most >= 16
    for rows in (1, 2, 17, 49, 50, 79, 80):
        assert read(store, f"updates@v{rows}").equals(frame(rows), check_metadata=True)


def test_a_table_that_grows_by_appends(store):
    """All versions have the schema of the first: appended rows take the shape of those that they come after."""
    sizes = [write(store, "create", "appends", frame(7))]
    for rows in range(1, 201):
        sizes.append(write(store, "append", "appends", frame(7, rows)))
    assert max(sizes[100:]) < 1.1 * max(sizes[20:100])
    metadata = json.loads((store / "records/appends/metadata.json").read_bytes())
    assert len(metadata["schemas"]) == 1
    whole = read(store, "appends")
    assert whole.schema.equals(frame(7).schema, check_metadata=True)
    expected = pyarrow.concat_tables([frame(7, rows) for rows in range(201)])
    assert whole.combine_chunks().equals(expected.unify_dictionaries().combine_chunks())


def test_what_was_made_is_whole(store):
    lines = []
    assert check_store(store, None, lines.append) == 0, lines
    assert run(store, "verify", "--deep").returncode == 0
