"""Whatever is handed over the boundary: a value, one of our errors or a TypeError; never the end of the interpreter."""

import contextlib
import datetime
import inspect
import tempfile

import coreshed
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from places import TEMPORARY

CALLS = [
    name for name, call in inspect.getmembers(coreshed.Store, inspect.isfunction) if not name.startswith("_")
]  # fmt: skip
MODULE_CALLS = ["compute_schema_fingerprint", "detect_schema_drift", "content_hash", "assert_metadata_invariants"]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.binary(max_size=20), st.datetimes()
)
names = st.sampled_from(["BH-7", "BH-7@v1", "data", "depth_m", "soil", "approved", "reject", "0" * 32])
tables = st.sampled_from([pa.table({"depth_m": [1.0], "soil": ["x"]}), pa.schema({"a": pa.int8()}), pd.DataFrame({"a": [1]})])
anything = st.one_of(
    names,
    tables,
    scalars,
    st.lists(st.one_of(names, scalars), max_size=3),
    st.tuples(names, tables),
    st.dictionaries(st.one_of(names, scalars.filter(lambda v: v == v)), st.one_of(scalars, tables), max_size=3),
)


@pytest.fixture(scope="module")
def shared():
    with tempfile.TemporaryDirectory(prefix="coreshed-", dir=TEMPORARY) as folder:
        store = coreshed.open(folder + "/store")
        store.create_record("BH-7", pa.table({"depth_m": [0.0, 1.5], "soil": ["fill", "clay"]}), created_by="a.meier")
        yield store


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_arguments_of_any_call(shared, data):
    name = data.draw(st.sampled_from(CALLS + MODULE_CALLS))
    call = getattr(shared, name) if name in CALLS else getattr(coreshed, name)
    parameters = inspect.signature(call).parameters.values()
    arguments = {}
    for parameter in parameters:
        is_needed = parameter.default is inspect.Parameter.empty
        if is_needed or data.draw(st.booleans()):
            arguments[parameter.name] = data.draw(anything, label=parameter.name)
    assume(not any(isinstance(arguments.get(word), (str, bytes)) for word in ("path", "location")))  # files elsewhere
    with contextlib.suppress(coreshed.Error, TypeError):
        call(**arguments)
    assert shared.read("BH-7@v1", as_="arrow").num_rows == 2
    assert shared.verify().ok


times = st.one_of(
    scalars,
    st.datetimes(timezones=st.just(datetime.timezone.utc)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_infinity=False, allow_nan=False),
    st.builds(pd.Timestamp, st.integers(0, 10**18)),
    st.builds(np.int64, st.integers(0, 9)),
    st.builds(np.bool_, st.booleans()),
)
columns = st.one_of(
    st.lists(scalars, min_size=3, max_size=3),
    st.lists(times, min_size=2, max_size=3).map(lambda values: [*values, None][:3]),
    st.lists(st.one_of(st.lists(scalars, max_size=2), st.dictionaries(st.text(max_size=3), scalars, max_size=2)), min_size=3, max_size=3),
    st.just(pd.Series(pd.Categorical(["a", None, "b"]))),
    st.just(pd.Series(pd.period_range("2026-01", periods=3, freq="M"))),
    st.just(pd.Series(pd.interval_range(0, 3))),
    st.just(pd.Series([1 + 2j, 0j, 1j])),
    st.just(np.array([1.0, np.nan, np.inf], dtype="float16")),
    st.just(pd.arrays.SparseArray([0, 0, 1])),
)


def is_same(one, other):
    """As values of Python: a number is no time, a text no bytes; gaps are all one."""
    if isinstance(one, list | dict):  # which come back as arrays, and with all keys
        return True
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    return bool(one == other)


@settings(max_examples=300, deadline=None)
@given(frame=st.dictionaries(st.text(max_size=5), columns, min_size=1, max_size=3))
def test_any_frame_is_stored_exactly_or_refused(frame):
    try:
        handed_in = pd.DataFrame({name: pd.Series(column) for name, column in frame.items()})
    except (OverflowError, TypeError, ValueError):
        return
    with tempfile.TemporaryDirectory(prefix="coreshed-", dir=TEMPORARY) as folder:
        store = coreshed.open(folder + "/store")
        try:
            store.create_record("frame", handed_in, created_by="a.meier")
        except coreshed.Error:
            assert store.list_records() == []
            return
        table = store.get_latest_version("frame", as_="arrow")
        expected = pa.Table.from_pandas(handed_in)
        assert table.schema.equals(expected.schema)
        assert all(one.equals(other) or one.to_pylist() == other.to_pylist() or repr(one) == repr(other) for one, other in zip(table.columns, expected.columns, strict=True))  # nan
        back = store.get_latest_version("frame")
        for name, column in handed_in.items():
            if column.dtype == object:
                assert all(is_same(*pair) for pair in zip(column, back[name], strict=True)), (column, back[name])
