"""Logical type names (spec/schema.md): of Arrow fields as pyarrow gives them, and of stored schemas."""

import re

import pyarrow
from pyarrow import types

STORED_SIMPLE = {
    "utf8": "string",
    "large_utf8": "string",
    "utf8_view": "string",
    "large_binary": "binary",
    "binary_view": "binary",
    "date32": "date",
}
ARROW_SIMPLE = {
    "halffloat": "float16",
    "float": "float32",
    "double": "float64",
    "large_string": "string",
    "string_view": "string",
    "large_binary": "binary",
    "binary_view": "binary",
    "date32[day]": "date",
    "date64[ms]": "date64",
}
EXTENSION = b"ARROW:extension:name"


def word(text):
    """A name inside a type's name: bare if nothing in it could be taken for the grammar, else quoted."""
    if re.fullmatch(r"[A-Za-z0-9_.+/-]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ---------------------------------------------------------------- of a stored schema
def stored_columns(schema):
    """[(name, logical type)] in the schema's order."""
    return [(column["name"], stored_type(column["type"])) for column in schema["fields"]]


def stored_child(field):
    return stored_type(field["type"]) + ("" if field.get("nullable", True) else " not null")


def stored_type(stored):
    if isinstance(stored, str):
        return STORED_SIMPLE.get(stored, stored)
    kind = stored["kind"]
    if kind.startswith("decimal"):
        return f"decimal({stored['precision']},{stored['scale']})"
    if kind == "fixed_binary":
        return f"fixed_binary({stored['width']})"
    if kind in ("time32", "time64"):
        return f"time({stored['unit']})"
    if kind == "duration":
        return f"duration({stored['unit']})"
    if kind == "timestamp":
        return f"timestamp({stored['unit']}" + ("," + word(stored["zone"]) if stored.get("zone") else "") + ")"
    if kind == "fixed_list":
        return f"list<{stored_child(stored['item'])},{stored['size']}>"
    if kind in ("list", "large_list", "list_view", "large_list_view"):
        return f"list<{stored_child(stored['item'])}>"
    if kind == "struct":
        return "struct<" + ",".join(word(f["name"]) + ":" + stored_child(f) for f in stored["fields"]) + ">"
    if kind == "map":
        key, value = stored["entries"]["type"]["fields"]
        return f"map<{stored_type(key['type'])},{stored_child(value)}>"
    if kind == "dictionary":
        return stored_type(stored["values"])
    if kind == "extension":
        return f"extension({word(stored['name'])},{stored_type(stored['storage'])})"
    raise ValueError(f"a stored type of unknown kind '{kind}'")


# ---------------------------------------------------------------- of Arrow
def logical_type(field):
    metadata = field.metadata or {}
    if not isinstance(field.type, pyarrow.BaseExtensionType) and EXTENSION in metadata:
        return f"extension({word(metadata[EXTENSION].decode())},{arrow_type(field.type)})"
    return arrow_type(field.type)


def arrow_child(field):
    return logical_type(field) + ("" if field.nullable else " not null")


def arrow_type(kind):
    if isinstance(kind, pyarrow.BaseExtensionType):
        return f"extension({word(kind.extension_name)},{arrow_type(kind.storage_type)})"
    if types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if types.is_fixed_size_binary(kind):
        return f"fixed_binary({kind.byte_width})"
    if types.is_time(kind):
        return f"time({kind.unit})"
    if types.is_duration(kind):
        return f"duration({kind.unit})"
    if types.is_timestamp(kind):
        return f"timestamp({kind.unit}" + ("," + word(kind.tz) if kind.tz else "") + ")"
    if types.is_map(kind):
        return f"map<{logical_type(kind.key_field)},{arrow_child(kind.item_field)}>"
    if types.is_fixed_size_list(kind):
        return f"list<{arrow_child(kind.value_field)},{kind.list_size}>"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_list_view(kind) or types.is_large_list_view(kind):
        return f"list<{arrow_child(kind.value_field)}>"
    if types.is_struct(kind):
        return (
            "struct<"
            + ",".join(word(kind.field(i).name) + ":" + arrow_child(kind.field(i)) for i in range(kind.num_fields))
            + ">"
        )
    if types.is_dictionary(kind):
        return arrow_type(kind.value_type)
    return ARROW_SIMPLE.get(str(kind), str(kind))
