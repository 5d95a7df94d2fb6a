"""Files coming in: a CSV file of 1 GB against DuckDB's own COPY … TO parquet, and finding duplicates among few and many records.

    python bench/uploads.py            prints both tables
    python bench/uploads.py --quick    100 MB, 1,000 records
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLI = ROOT / "build" / "release" / "bin" / "coreshed"
SOILS = ["CLAY", "SAND", "GRAVEL", "PEAT", "SILT", "CHALK", "FILL"]

COPY = """
import duckdb, sys
duckdb.sql("SET enable_progress_bar = false")
duckdb.sql(f"COPY (SELECT * FROM read_csv('{sys.argv[1]}', sample_size=-1)) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")
"""


def make_csv(path: Path, size: int) -> None:
    """Readings of many holes: whole numbers, fractions, texts of few values and of many, dates, booleans."""
    import numpy as np

    random = np.random.default_rng(7)
    with path.open("w") as file:
        file.write("id,hole,depth,resistance,soil,taken,remark,valid\n")
        row = 0
        while file.tell() < size:
            count = 100_000
            depth = random.integers(0, 60_000, count)
            resistance = random.normal(10, 3, count)
            soil = random.integers(0, len(SOILS), count)
            day = random.integers(1, 29, count)
            remark = random.integers(0, 1 << 40, count)
            file.writelines(
                f"{row + i},BH-{(row + i) // 1000},{depth[i] / 1000},{resistance[i]:.4f},{SOILS[soil[i]]},"
                f"2026-03-{day[i]:02d},checked by lab {remark[i]:x},{'true' if soil[i] else 'false'}\n"
                for i in range(count)
            )
            row += count


def run(command: list[str], env: dict[str, str] | None = None) -> tuple[float, float]:
    """(seconds, megabytes at the peak)"""
    begin = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        sys.exit(f"{command[0]} ended with {status}")
    return seconds, usage.ru_maxrss / 1024


def big_csv(folder: Path, size: int) -> None:
    source = folder / "readings.csv"
    make_csv(source, size)
    megabytes = source.stat().st_size / 1e6
    coreshed, duckdb = [], []
    memory = 0.0
    for turn in range(3):
        store = folder / f"store{turn}"
        run([str(CLI), "init", str(store)])
        seconds, peak = run([str(CLI), "--store", str(store), "upload", str(source), "--by", "bench"])
        coreshed.append(seconds)
        memory = max(memory, peak)
        seconds, _ = run([sys.executable, "-c", COPY, str(source), str(folder / "copy.parquet")])
        duckdb.append(seconds)
        subprocess.run(["rm", "-rf", str(store)], check=True)
    ours, theirs = statistics.median(coreshed), statistics.median(duckdb)
    print(f"CSV of {megabytes:,.0f} MB        seconds      MB/s   peak memory")
    print(f"  duckdb COPY            {theirs:8.1f}  {megabytes / theirs:8.0f}")
    print(f"  coreshed upload        {ours:8.1f}  {megabytes / ours:8.0f}   {memory:,.0f} MB")
    print(f"  share of DuckDB's speed {theirs / ours:.2f} (aim: 0.5), memory aim: 1,000 MB")


def duplicates(folder: Path, counts: list[int]) -> None:
    import coreshed
    import pyarrow as pa

    print("finding duplicates        records        ms")
    for count in counts:
        store = coreshed.open(folder / f"many{count}")
        step = 5_000
        for begin in range(0, count, step):
            items = {f"BH-{n}": pa.table({"n": [n, n + 1]}) for n in range(begin, min(begin + step, count))}
            store.create_many(items, created_by="bench")
        wanted = store.versions("BH-7")[0].duplicate_hash
        times = []
        for _ in range(200):
            begin_time = time.perf_counter()
            found = store.find_datasets_by_content_hash(wanted)
            times.append(time.perf_counter() - begin_time)
            assert [match.record_id for match in found] == ["BH-7"]
        print(f"                        {count:9,}  {statistics.median(times) * 1e3:8.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="coreshed-bench-") as name:
        big_csv(Path(name), 100_000_000 if quick else 1_000_000_000)
        duplicates(Path(name), [10, 1_000] if quick else [10, 100_000])


if __name__ == "__main__":
    main()
