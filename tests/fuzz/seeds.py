"""Writes those files of corpus/ that no editor can: `.venv/bin/python tests/fuzz/seeds.py`. Others were written by hand,
or found by a program of libFuzzer; corpus/xpt and corpus/sas7bdat are links to tests/data."""

import gzip
import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

CORPUS = Path(__file__).parent / "corpus"


def put(name, content):
    path = CORPUS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def plain():
    return pa.table({"i": pa.array([1, None, 3], pa.int32()), "s": ["a", "", None]})


def nested():
    return pa.table({
        "l": pa.array([[1, 2], None, []], pa.list_(pa.int64())),
        "t": pa.array([{"a": 1.5, "b": True}, {"a": None, "b": None}, None]),
        "m": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int8())),
    })  # fmt: skip


def odd():
    return pa.table({
        "d": pa.array([Decimal("1.50"), None], pa.decimal128(5, 2)),
        "day": pa.array([date(2026, 1, 27), None]),
        "at": pa.array([datetime(2026, 1, 27, 10, 30), None], pa.timestamp("us", "UTC")),
        "clock": pa.array([time(10, 30), None], pa.time64("us")),
        "b": pa.array([b"\0\xff", None]),
        "f": pa.array([b"ab", None], pa.binary(2)),
        "v": pa.array(["x", None], pa.string_view()),
        "e": pa.array(["x", "x"]).dictionary_encode(),
        "r": pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array([7])),
        "n": pa.nulls(2),
    })  # fmt: skip


def parquet(table, **options):
    sink = io.BytesIO()
    pq.write_table(table, sink, **{"compression": "none", "store_schema": False, "write_statistics": False} | options)
    return sink.getvalue()


def arrow(table, open_writer=pa.ipc.new_file, **options):
    sink = io.BytesIO()
    with open_writer(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue()


def packed(members, **options):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return sink.getvalue()


def workbook():
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1.5, datetime(2026, 1, 27, 10, 30)])
    sink = io.BytesIO()
    book.save(sink)
    # Without what is not read and is most of it: the theme, the properties.
    names = ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
             "xl/styles.xml", "xl/worksheets/sheet1.xml"]  # fmt: skip
    whole = zipfile.ZipFile(sink)
    return packed({name: whole.read(name) for name in names}, compression=zipfile.ZIP_DEFLATED)


def main():
    text = "a,b\n1,x\n2,\u00e9\n"
    put("csv/utf16.csv", text.encode("utf-16"))
    put("csv/utf16be-bare.csv", text.replace("\u00e9", "e").encode("utf-16-be"))
    put("csv/latin1.csv", text.encode("latin-1"))
    put("csv/packed.csv.gz", gzip.compress(text.encode(), mtime=0))
    put("csv/packed.csv.zst", pa.Codec("zstd").compress(text.encode(), asbytes=True))
    put("json/packed.jsonl.gz", gzip.compress(b'{"a":1}\n', mtime=0))
    put("parquet/plain.parquet", parquet(plain(), use_dictionary=False))
    put("parquet/dictionary.parquet", parquet(plain(), compression="zstd", write_page_checksum=True))
    put("parquet/nested.parquet", parquet(nested(), data_page_version="2.0"))
    put("parquet/delta.parquet", parquet(plain(), use_dictionary=False,
        column_encoding={"i": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY"}))  # fmt: skip
    put("parquet/odd.parquet", parquet(odd().drop(["r"]), store_schema=True, write_statistics=True, compression="snappy"))
    for name, table in [("plain", plain()), ("nested", nested()), ("odd", odd())]:
        put(f"arrow/{name}.arrow", arrow(table))
        put(f"arrow/{name}.stream", arrow(table, pa.ipc.new_stream))
    put("arrow/lz4.arrow", arrow(plain(), compression="lz4"))
    put("arrow/zstd.stream", arrow(plain(), pa.ipc.new_stream, compression="zstd"))
    members = {"a.jsonl": b'{"a":1}\n', "d/b.jsonl": b'{"b":"x"}\n'}
    put("zip/stored.zip", packed(members))
    put("zip/deflated.zip", packed(members, compression=zipfile.ZIP_DEFLATED))
    put("zip/formats.zip", packed({"c.csv": text, "p.jsonl.gz": gzip.compress(b'{"a":1}\n', mtime=0)}))
    put("zip/nested.zip", packed({"inner.zip": packed(members)}))
    put("excel/workbook.xlsx", workbook())


if __name__ == "__main__":
    main()
