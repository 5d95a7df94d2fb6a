"""Measures Coreshed on S3: versitygw on this machine, one run. Everything, the server too, has the same processors.

    python bench/s3.py [--quick]
"""

import sys

sys.dont_write_bytecode = True  # the sources' folder stays as it is

import argparse  # noqa: E402
import http.client  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import time  # noqa: E402
import urllib.parse  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "s3"))

import boto3  # noqa: E402
import botocore.config  # noqa: E402
import servers  # noqa: E402
import systems  # noqa: E402
from report import align  # noqa: E402
from run import log  # noqa: E402
from works import QUICK, Bench, Sizes, contend  # noqa: E402
from workspace import Unusable, Workspace, bench_python, install_wheel  # noqa: E402

CONNECTIONS = 8
RANGE_BYTES = 8 << 20
WORKERS = (1, 4, 16, 64, 200)
RECORDS_EACH = 50


def contention(bench):
    print("8 processes update one record on S3")
    rows = []
    for system in bench.systems:
        if system.missing:
            rows.append([system.name, system.missing])
            continue
        log(f"contention: {system.name}")
        try:
            done = contend(bench, system)
        except systems.Failed as reason:
            rows.append([system.name, str(reason)])
            continue
        rate = f"{done['updates_per_second']:.1f}"
        rows.append([system.name, rate, done["acknowledged"], done["lost"], done["unreadable"], done["conflicts"]])
    header = ["system", "updates/s", "acknowledged", "lost", "unreadable", "retried"]
    print(align(header, rows), end="\n\n", flush=True)


def many_writers(bench, mine, workers):
    print(f"each of many workers creates {RECORDS_EACH} records on S3; the index of all is made by one list")
    rows = []
    for count in workers:
        log(f"many_writers: {count}")
        done = bench.call(mine, "many_writers", bench.fresh(mine), workers=count, records=RECORDS_EACH)
        made, there = count * RECORDS_EACH, int(done["records_there"])
        rate, listed = f"{made / done['create_s']:.0f}", f"{done['list_s']:.2f}"
        rows.append([str(count), rate, made, made - there, listed])
    print(align(["workers", "records/s", "made", "lost", "list, s"], rows), end="\n\n", flush=True)


def plain_get(place):
    """Seconds to get the bytes of all data files, in ranges over some connections; and how many bytes."""
    bucket, prefix = place.removeprefix("s3://").split("/", 1)
    config = botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"})
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1", config=config)
    ranges, total = [], 0
    for item in client.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/records/")["Contents"]:
        if not item["Key"].endswith(".parquet"):
            continue
        total += item["Size"]
        url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": item["Key"]})
        target = urllib.parse.urlsplit(url)
        for begin in range(0, item["Size"], RANGE_BYTES):
            ranges.append((f"{target.path}?{target.query}", begin, min(begin + RANGE_BYTES, item["Size"]) - 1))
    server = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
    shares = [ranges[i::CONNECTIONS] for i in range(CONNECTIONS)]

    def get(share):
        connection = http.client.HTTPConnection(server)
        room = memoryview(bytearray(RANGE_BYTES))
        for target, first, last in share:
            connection.request("GET", target, headers={"Range": f"bytes={first}-{last}"})
            answer, got = connection.getresponse(), 0
            while count := answer.readinto(room[got:]):
                got += count
            assert answer.status == 206 and got == last - first + 1, answer.status

    begin = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(get, shares))
    return time.perf_counter() - begin, total


def big(bench, mine):
    print("the big table: written, and read whole from S3; beside it a plain parallel GET of the same bytes")
    folder = bench.fresh(mine)
    place = f"{os.environ['BENCH_S3']}/{folder.name}"
    log("big_write")
    written = bench.call(mine, "big_write", folder)
    memory = written["memory_bytes"]
    rows = [["write", f"{written['write_s']:.2f}", f"{memory / written['write_s'] / 1e6:.0f}", ""]]
    gets, reads, total = [], [], 0
    for _ in range(3):
        log("big_read, plain GET")
        reads += bench.call(mine, "big_read", folder, rounds=1)["read_s"]
        seconds, total = plain_get(place)
        gets.append(seconds)
    read, get = sorted(reads)[1], sorted(gets)[1]
    rows.append(["read", f"{read:.2f}", f"{memory / read / 1e6:.0f}", f"{total / read / 1e6:.0f}"])
    rows.append(["plain GET", f"{get:.2f}", "", f"{total / get / 1e6:.0f}"])
    print(align(["", "seconds", "MB/s in memory", "MB/s of files"], rows))
    print(f"reading: {get / read:.0%} of the speed of a plain GET", end="\n\n", flush=True)


def run(options, workspace):
    python = bench_python(options.venv)
    sizes = QUICK if options.quick else replace(Sizes(), updates=100)
    log("making the tables")
    workspace.make_data(python, sizes.big_rows, 0)
    environment = workspace.environment()
    install_wheel(python, ROOT)
    mine = systems.peer(systems.CORESHED, python, environment)
    if mine.missing:
        raise Unusable(mine.missing)
    delta = systems.peer("delta_s3", python, environment)._replace(name="delta")
    bench = Bench(workspace, [mine, delta], sizes, log)
    contention(bench)
    many_writers(bench, mine, WORKERS[:3] if options.quick else WORKERS)
    big(bench, mine)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="small sizes: minutes, and figures of little weight")
    arguments.add_argument("--folder", type=Path, default=ROOT / "build/bench-run", help="deleted at the end")
    arguments.add_argument("--venv", type=Path, default=ROOT / "build/bench-venv")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # an exception, so that all is cleaned up
    try:
        with Workspace(options.folder) as workspace:
            folder = workspace.folder / "server"
            folder.mkdir()
            with servers.versitygw_running(folder) as endpoint:
                os.environ.update(
                    AWS_ENDPOINT_URL=endpoint,
                    AWS_ACCESS_KEY_ID=servers.KEY,
                    AWS_SECRET_ACCESS_KEY=servers.SECRET,
                    AWS_REGION="us-east-1",
                    BENCH_S3=f"s3://{servers.BUCKET}",
                )
                run(options, workspace)
    except Unusable as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
