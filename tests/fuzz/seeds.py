"""Writes those files of corpus/ that no editor can: `.venv/bin/python tests/fuzz/seeds.py`. Others were written by hand,
or found by a program of libFuzzer; the first in corpus/xpt and corpus/sas7bdat are links to tests/data."""

import ctypes
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


def sas7bdat():
    """Two rows of a number and a text, compressed, as ReadStat writes them."""
    library, written = ctypes.CDLL("libreadstat.so.1"), []
    write_type = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
    write = write_type(lambda data, size, _: written.append(ctypes.string_at(data, size)) or size)
    for name in ["readstat_writer_init", "readstat_add_variable"]:
        getattr(library, name).restype = ctypes.c_void_p
    writer = ctypes.c_void_p(library.readstat_writer_init())
    library.readstat_set_data_writer(writer, write)
    library.readstat_writer_set_file_timestamp(writer, ctypes.c_long(0))
    library.readstat_writer_set_file_format_is_64bit(writer, 0)
    library.readstat_writer_set_compression(writer, 1)
    number = ctypes.c_void_p(library.readstat_add_variable(writer, b"N", 5, ctypes.c_size_t(8)))  # a double
    text = ctypes.c_void_p(library.readstat_add_variable(writer, b"T", 0, ctypes.c_size_t(40)))
    library.readstat_begin_writing_sas7bdat(writer, None, 2)
    for row in range(2):
        library.readstat_begin_row(writer)
        library.readstat_insert_double_value(writer, number, ctypes.c_double(row + 0.5))
        library.readstat_insert_string_value(writer, text, b"xxxxxxxx" * row + b"y")
        library.readstat_end_row(writer)
    library.readstat_end_writing(writer)
    library.readstat_writer_free(writer)
    return b"".join(written)


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
    put("sas7bdat/packed.sas7bdat", sas7bdat())
    put("excel/workbook.xlsx", workbook())


if __name__ == "__main__":
    main()
