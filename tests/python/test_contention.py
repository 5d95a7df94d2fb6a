"""Many processes update the same records at once: no acknowledged version is lost or there twice, whoever waits and
whoever loses a race."""

import multiprocessing
from collections import defaultdict

import coreshed
import pyarrow as pa
import pytest

PROCESSES = 8
UPDATES_EACH = 100


def table(mark):
    return pa.table({"mark": [mark], "soil": ["clay"]})


def record_id(number):
    return f"BH-{number}"


def record_of(process, update, records):
    """Each process updates one record after the other, beginning elsewhere than its neighbours do."""
    return (process * 7 + update) % records


def mark_of(process, update):
    """No two updates have the same mark, and none that of a record's first version, which is 0."""
    return 1 + process * UPDATES_EACH + update


def work(place, process, records, starts):
    """Returns nothing: what is not as it should be raises."""
    store = coreshed.open(place, create=False, threads=1, timeout=100)
    newest = defaultdict(int)
    starts.wait()
    for update in range(UPDATES_EACH):
        number = record_of(process, update, records)
        done = store.update_record(
            record_id(number), table(mark_of(process, update)), updated_by=f"process {process}", comment=str(update)
        )
        assert done.version > newest[number]
        newest[number] = done.version


@pytest.mark.parametrize("records", [1, 50])
def test_no_update_is_lost(folder, records):
    place = str(folder / "store")
    coreshed.open(place).create_many({record_id(n): table(0) for n in range(records)}, created_by="a.meier")
    context = multiprocessing.get_context("forkserver")
    starts = context.Barrier(PROCESSES)
    processes = [context.Process(target=work, args=(place, n, records, starts)) for n in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * PROCESSES

    wanted = defaultdict(lambda: [0])
    for process in range(PROCESSES):
        for update in range(UPDATES_EACH):
            wanted[record_of(process, update, records)].append(mark_of(process, update))
    store = coreshed.open(place, create=False)
    for number in range(records):
        versions = store.get_all_versions(record_id(number))
        assert versions == list(range(1, len(versions) + 1))
        tables = [store.get_specific_version(record_id(number), version, as_="arrow") for version in versions]
        assert sorted(one["mark"][0].as_py() for one in tables) == sorted(wanted[number])
        assert store.get_record(record_id(number)).current_version == versions[-1]
        assert len(store.history(record_id(number))) == len(versions)
    assert store.verify(deep=True).ok
