"""Calls that take long: they tell how far they are, they can be stopped, and others go on meanwhile."""

import io
import multiprocessing
import signal
import subprocess
import sys
import textwrap
import threading
import time

import coreshed
import pyarrow as pa
import pytest
from coreshed.progress import shown

BIG = pa.table({"n": range(400_000), "text": [f"row {n}" for n in range(400_000)]})


def test_progress_is_told_and_never_falls(store):
    told = []
    store.create_record("BH-7", BIG, created_by="a.meier", progress=lambda *step: told.append(step))
    store.verify(deep=True, progress=lambda *step: told.append(step))
    assert {phase for phase, _, _ in told} >= {"write", "verify"}
    for phase in ("write", "verify"):
        fractions = [fraction for of, fraction, _ in told if of == phase]
        assert fractions == sorted(fractions)


def test_a_callback_that_raises_stops_the_call(store):
    def stop(*_):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        store.create_record("BH-7", BIG, created_by="a.meier", progress=stop)
    assert store.list_records() == []
    assert store.create_record("BH-7", BIG, created_by="a.meier").version == 1


def test_a_bar_is_drawn_and_wiped_away():
    out = io.StringIO()
    with shown(True, out) as draw:
        draw("write", 0.5, "250,000 of 500,000 rows")
    assert out.getvalue().startswith("\rwrite ███████████████░░░░░░░░░░░░░░░  50% 250,000 of 500,000 rows")
    assert out.getvalue().endswith(" \r")


def test_a_bar_that_cannot_be_drawn_ends_nothing(store, monkeypatch):
    closed = io.StringIO()
    closed.close()
    for number, out in enumerate((None, closed, io.TextIOWrapper(io.BytesIO(), encoding="ascii"))):
        monkeypatch.setattr("sys.stderr", out)
        assert store.create_record(f"BH-{number}", BIG, created_by="a.meier", progress=True).version == 1


def test_ctrl_c_stops_a_write_and_leaves_nothing(folder):
    program = textwrap.dedent("""
        import sys, coreshed, pyarrow as pa
        def batches():
            n = 0
            while True:
                yield pa.record_batch({"n": pa.array(range(n, n + 10_000))})
                n += 10_000
                if n == 50_000: print("under way", flush=True)
        rows = pa.RecordBatchReader.from_batches(pa.schema({"n": pa.int64()}), batches())
        try:
            coreshed.open(sys.argv[1]).create_record("endless", rows, created_by="a.meier")
        except KeyboardInterrupt:
            print("stopped")
    """)
    with subprocess.Popen([sys.executable, "-c", program, folder / "store"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "under way\n"
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert (said, process.returncode) == ("stopped\n", 0)
    store = coreshed.open(folder / "store", create=False)
    assert store.list_records() == []
    assert store.verify().ok


def test_other_threads_go_on_meanwhile(store):
    """The interpreter is free while the library works."""
    ticks = []
    is_over = threading.Event()

    def tick():
        while not is_over.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    for number in range(3):
        store.create_record(f"BH-{number}", BIG, created_by="a.meier")
    is_over.set()
    thread.join()
    assert len(ticks) > 20


def test_many_threads_share_a_store(store):
    store.create_record("BH-7", pa.table({"n": [0]}), created_by="a.meier")
    failures = []

    def work(number):
        try:
            for turn in range(5):
                store.update_record("BH-7", pa.table({"n": [number * 100 + turn]}), updated_by=f"thread {number}")
                assert store.read("BH-7@v1", as_="arrow").num_rows == 1
                assert store.read("BH-7", where="n >= 0", as_="arrow").num_rows == 1
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert store.get_all_versions("BH-7") == list(range(1, 42))


def test_a_store_lives_on_in_a_forked_process(store):
    store.create_record("BH-7", BIG, created_by="a.meier")
    store.read("BH-7", where="n < 5")  # threads, DuckDB and the index are there before the fork
    store.list_records()
    context = multiprocessing.get_context("fork")
    with context.Pool(3) as pool:
        rows = pool.map(_rows_and_update, [(store, number) for number in range(6)])
    assert rows == [5] * 6
    assert len(store.get_all_versions("BH-7")) == 7
    assert store.verify().ok


def _rows_and_update(task):
    store, number = task
    store.append_rows("BH-7", pa.table({"n": [-number - 1], "text": ["x"]}), updated_by=f"process {number}")
    return len(store.read("BH-7@v1", where="n < 5"))


def test_a_forked_process_that_never_asks_ends(folder):
    """An inherited store is not freed there, where its threads are not."""
    program = textwrap.dedent("""
        import os, sys, coreshed, pyarrow as pa
        store = coreshed.open(sys.argv[1])
        store.create_record("BH-7", pa.table({"n": range(300_000)}), created_by="a.meier")
        store.read("BH-7", where="n < 5")
        store.list_records()
        child = os.fork()
        if child == 0:
            if sys.argv[2] == "asks": assert len(store.read("BH-7", where="n < 5")) == 5
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert len(store.read("BH-7", where="n < 5")) == 5
    """)
    for word in ("asks", "never asks"):
        done = subprocess.run(
            [sys.executable, "-c", program, folder / word, word], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("call", ["read", "write", "stream", "soon over"])
def test_the_interpreter_ends_while_a_thread_is_in_a_call(folder, call):
    """Nobody waits for a daemon thread; it must not come back to an interpreter that is gone."""
    program = textwrap.dedent("""
        import sys, threading, time, coreshed, pyarrow as pa
        store = coreshed.open(sys.argv[1])
        table = pa.table({"n": range(200_000)})
        store.create_record("BH-7", table, created_by="a.meier")
        def endless():
            while True: yield table.to_batches()[0]
        calls = {
            "read": lambda: store.read("BH-7", as_="arrow", where="n > 5"),
            "write": lambda: store.update_record("BH-7", table, updated_by="a.meier", progress=lambda *_: None),
            "stream": lambda: store.create_record(
                "BH-8", pa.RecordBatchReader.from_batches(table.schema, endless()), created_by="a.meier"),
            "soon over": lambda: store.resolve_ref("BH-7"),
        }
        def work():
            while True: calls[sys.argv[2]]()
        threading.Thread(target=work, daemon=True).start()
        time.sleep(0.4)
        print("ends")
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, folder / "store", call], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "ends\n"), done.stderr
    assert "terminate" not in done.stderr
    assert coreshed.open(folder / "store", create=False).verify().ok


@pytest.mark.parametrize("what", ["ends", "reads on", "lets go"])
def test_rows_that_were_being_read_when_the_process_was_forked(folder, what):
    program = textwrap.dedent("""
        import os, sys, coreshed, pyarrow as pa
        store = coreshed.open(sys.argv[1])
        store.create_record("BH-7", pa.table({"n": range(300_000)}), created_by="a.meier")
        rows = store.read("BH-7", as_="batches")
        first = rows.read_next_batch().num_rows
        child = os.fork()
        if child == 0:
            if sys.argv[2] == "lets go": del rows
            if sys.argv[2] == "reads on":
                try: rows.read_next_batch()
                except Exception as error: assert "forked" in str(error)
                else: os._exit(3)
                assert len(store.read("BH-7", where="n < 5")) == 5
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert first + sum(batch.num_rows for batch in rows) == 300_000
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, folder / "store", what], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_ctrl_c_during_calls_that_fail_is_ctrl_c(folder):
    """It comes at any moment, also while the error is being made that it then has as its context."""
    program = textwrap.dedent("""
        import os, signal, sys, threading, time, coreshed
        store = coreshed.open(sys.argv[1])
        is_over = False
        def fire():
            while not is_over:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.0005)
        seen = set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        thread = threading.Thread(target=fire)
        until = time.monotonic() + 1.5
        try: thread.start()
        except KeyboardInterrupt: pass
        while True:
            try:
                while time.monotonic() < until:
                    try: store.resolve_ref("nope")
                    except coreshed.NotFoundError: seen.add("NotFound")
                break
            except KeyboardInterrupt: seen.add("Ctrl-C")
            except BaseException as error: seen.add(repr(error))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        is_over = True
        print(sorted(seen))
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, folder / "store"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "['Ctrl-C', 'NotFound']\n", done.stdout + done.stderr


def test_a_store_can_be_sent_to_another_process(store):
    store.create_record("BH-7", pa.table({"n": [1]}), created_by="a.meier")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_read, (store,)) == {"n": [1]}


def _read(store):
    return store.read("BH-7").to_dict("list")
