"""How many requests each verb makes, and how many of them wait for one another (a record of one part)."""

import pyarrow
import pyarrow.parquet
import pytest

from cli import must, skip_unless_built

skip_unless_built()

# What the tool asks when it opens a store, and before its first write. A program that keeps a store open asks once.
OPENING = {"GET store", "GET settings", "PUT if store"}

FIRST = pyarrow.table({"depth": [0.5, 1.5], "soil": ["clay", "sand"]})
SECOND = pyarrow.table({"depth": [0.5, 1.5], "soil": ["clay", "gravel"]})
EVENT_ID = "0123456789abcdef0123456789abcdef"


def steps(log):
    """The longest row of requests each of which began after the one before had ended."""
    longest = []
    for request in log:
        before = [longest[i] for i, other in enumerate(log[: len(longest)]) if other.ended <= request.began]
        longest.append(1 + max(before, default=0))
    return max(longest, default=0)


@pytest.fixture
def asked(way, place, tmp_path):
    """Runs a verb, and gives what was asked of the server but for the opening, and the steps of that."""
    pyarrow.parquet.write_table(FIRST, tmp_path / "first.parquet")
    pyarrow.parquet.write_table(SECOND, tmp_path / "second.parquet")
    must(place, "init", place)

    def run(*words):
        way.clear()
        way.delay = 0.2  # so that what is sent side by side overlaps, on a busy machine too
        must(place, *(str(tmp_path / word) if word.endswith(".parquet") else word for word in words))
        way.delay = 0.0
        log = [request for request in way.log if request.what not in OPENING]
        return sorted(request.what for request in log), steps(log)

    return run


def test_each_verb(asked):
    assert asked("create", "BH-7", "first.parquet") == (["PUT if data", "PUT if metadata", "PUT marker"], 2)
    whole_update = ["GET metadata", "PUT if data", "PUT if metadata", "PUT marker"]
    assert asked("update", "BH-7", "second.parquet") == (whole_update, 3)
    assert asked("approve", "BH-7", "--by", "k.brandt") == (["GET metadata", "PUT if metadata"], 2)
    assert asked("read", "BH-7") == (["GET data", "GET metadata"], 2)
    assert asked("read", "BH-7@v1") == (["GET data", "GET metadata"], 2)
    assert asked("log", "BH-7") == (["GET metadata"], 1)


def test_a_caller_s_event_id(asked):
    """One marker more, beside the other; and a look for an earlier call with this id."""
    asked("create", "BH-7", "first.parquet")
    what, depth = asked("update", "BH-7", "second.parquet", "--event-id", EVENT_ID)
    assert len([one for one in what if one == "PUT marker"]) == 2
    assert (len(what), depth) == (6, 4)


@pytest.mark.parametrize("endpoint", ["versitygw"], indirect=True)
def test_a_page_is_put_beside_the_rest(asked):
    asked("create", "BH-7", "first.parquet")
    with_page = []
    for i in range(20):
        what, depth = asked("update", "BH-7", ("second.parquet", "first.parquet")[i % 2])
        if "PUT if page" in what:
            with_page.append((what, depth))
    assert with_page == [(["GET metadata", "PUT if data", "PUT if metadata", "PUT if page", "PUT marker"], 3)]


def test_an_id_that_is_taken(asked, place, tmp_path):
    asked("create", "BH-7", "first.parquet")
    said = must(place, "create", "BH-7", tmp_path / "second.parquet", code=4)
    assert "already, with 1 version" in said


def test_opening_asks_three_times_at_most(way, place, tmp_path):
    pyarrow.parquet.write_table(FIRST, tmp_path / "first.parquet")
    must(place, "init", place)
    way.clear()
    must(place, "create", "BH-7", tmp_path / "first.parquet")
    opening = [request.what for request in way.log if request.what in OPENING]
    assert sorted(opening) == sorted(OPENING)
