"""The exact hash of a part, from its values (spec/parts.md, "Exact hash of a part"): of Arrow arrays as pyarrow reads them
from a part's file, with the stored schema (spec/schema.md) that says what the values are."""

import struct

import pyarrow

from blake3_plain import blake3

NULL, FIXED, BITS, BYTES, LIST, STRUCT, FIXED_LIST = range(7)
DAY_MILLIS = 86_400_000


def part_hash(schema, columns):
    """`columns`: an array for each field of the stored schema."""
    hashes = b"".join(column_hash(field["type"], column) for field, column in zip(schema["fields"], columns))
    rows = len(columns[0])
    return blake3(b"coreshed part 1\0" + struct.pack("<QQ", rows, len(columns)) + hashes).hex()


def column_hash(stored, array):
    return blake3(nodes(stored, array, None))


def nodes(stored, array, seen):
    """The nodes of an array and what is below it. `seen`: for each value, whether its parent is there; None: all are."""
    if isinstance(stored, dict) and stored["kind"] == "dictionary":
        stored = stored["values"]
    if isinstance(stored, dict) and stored["kind"] == "extension":
        return nodes(stored["storage"], array, seen)
    if isinstance(array, pyarrow.ExtensionArray):
        array = array.storage
    if pyarrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if stored == "null" or len(array) == 0:
        return node(NULL, len(array), None, [])
    valid = [not null for null in array.is_null().to_pylist()]
    if seen is not None:
        valid = [here and above for here, above in zip(valid, seen)]
    kind = stored if isinstance(stored, str) else stored["kind"]
    if kind == "bool":
        return node(BITS, len(array), valid, [bits([bool(v) and ok for v, ok in zip(array.to_pylist(), valid)])])
    if kind in ("utf8", "large_utf8", "utf8_view", "binary", "large_binary", "binary_view"):
        return node(BYTES, len(array), valid, byte_streams(array, valid))
    if kind in ("list", "large_list", "map"):
        return lists(stored, array, valid)
    if kind == "fixed_list":
        size = stored["size"]
        below = array.values[array.offset * size : (array.offset + len(array)) * size]
        repeated = [ok for ok in valid for _ in range(size)]
        return node(FIXED_LIST, len(array), valid, []) + nodes(stored["item"]["type"], below, repeated)
    if kind == "struct":
        children = [array.field(i) for i in range(array.type.num_fields)]
        below = [nodes(field["type"], child, valid) for field, child in zip(stored["fields"], children)]
        return node(STRUCT, len(array), valid, []) + b"".join(below)
    zero = fixed_bytes(stored, array, 0, True)
    values = [fixed_bytes(stored, array, i, ok) if ok else bytes(len(zero)) for i, ok in enumerate(valid)]
    return node(FIXED, len(array), valid, [b"".join(values)])


def node(kind, length, valid, streams):
    has_nulls = valid is not None and not all(valid)
    streams = ([bits(valid)] if has_nulls else []) + streams
    return struct.pack("<BB6xQ", kind, has_nulls, length) + b"".join(map(blake3, streams))


def bits(flags):
    packed = bytearray(-(-len(flags) // 8))
    for i, flag in enumerate(flags):
        packed[i // 8] |= flag << i % 8
    return bytes(packed)


def byte_streams(array, valid):
    if pyarrow.types.is_string_view(array.type) or pyarrow.types.is_binary_view(array.type):
        array = array.cast(pyarrow.large_binary() if pyarrow.types.is_binary_view(array.type) else pyarrow.large_string())
    values = array.cast(pyarrow.large_binary()).to_pylist()
    values = [value if ok else b"" for value, ok in zip(values, valid)]
    return [struct.pack(f"<{len(values)}I", *map(len, values)), b"".join(values)]


def lists(stored, array, valid):
    entries = stored["kind"] == "map"
    offsets = array.offsets.to_pylist()
    sizes = [end - begin if ok else 0 for begin, end, ok in zip(offsets, offsets[1:], valid)]
    if entries:
        pair, below = stored["entries"]["type"], pyarrow.StructArray.from_arrays([array.keys, array.items], ["k", "v"])
    else:
        pair, below = stored["item"]["type"], array.values
    places = [i for begin, size in zip(offsets, sizes) for i in range(begin, begin + size)]
    head = node(LIST, len(array), valid, [struct.pack(f"<{len(sizes)}I", *sizes)])
    return head + nodes(pair, below.take(pyarrow.array(places, pyarrow.int64())), None)


def fixed_bytes(stored, array, i, is_there):
    """The bytes of a value; of any, to tell the width, where it is not there."""
    width, data = array.type.byte_width, array.buffers()[1]
    at = (array.offset + i) * width
    raw = bytes(data[at : at + width])
    kind = stored if isinstance(stored, str) else stored["kind"]
    if kind.startswith("decimal"):
        number = int.from_bytes(raw, "little", signed=True) if is_there else 0
        wide = 16 if stored["precision"] <= 38 else 32
        return (number if -(1 << 127) <= number < 1 << 127 or wide == 32 else 0).to_bytes(wide, "little", signed=True)
    number = int.from_bytes(raw, "little", signed=True)
    if kind == "date64":
        return struct.pack("<q", number * DAY_MILLIS if width == 4 else number)
    if kind in ("time32", "timestamp") and stored["unit"] == "s" and array.type.unit == "ms":
        return (number // 1000).to_bytes(width, "little", signed=True)
    return raw
