"""The figures as plain text: one table for each work, and one of Coreshed's aims (section 9 of the specification)."""

from systems import CORESHED

WIDTH = 120


def milliseconds(seconds):
    if seconds is None:
        return "-"
    value = seconds * 1e3
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"


def seconds_text(seconds):
    return "-" if seconds is None else f"{seconds:.3f}"


def times(value, base):
    """How many times `base` it is."""
    return f"{value / base:.2f}x" if value is not None and base else "-"


LEGEND = """\
(min), (best)  the best of all samples; beside it their median
/ours          how many times Coreshed's median it is; above 1, Coreshed is faster
durable        what of a commit is synced: yes (all of it), catalog (metadata only), no
syncs          sync calls of one commit of the small record, counted with strace"""


def align(header, rows, left=(0,)):
    """Names to the left, figures to the right; a reason why there are none runs through to the end of the line."""
    full = [row for row in rows if len(row) == len(header)]
    widths = [max(len(str(row[i])) for row in [header, *full]) for i in range(len(header))]
    widths[0] = max(widths[0], *(len(row[0]) for row in rows)) if rows else widths[0]
    lines = []
    for row in [header, *rows]:
        if len(row) == len(header):
            cells = [str(c).ljust(w) if i in left else str(c).rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
            lines.append("  ".join(cells).rstrip())
        else:
            lines.append(f"{row[0].ljust(widths[0])}  {row[1]}"[:WIDTH])
    lines.insert(1, "-" * min(WIDTH, max(len(line) for line in lines)))
    return "\n".join(lines)


class Timed:
    """A column of medians with their least, and how many times Coreshed's median each is."""

    def __init__(self, title, key, show=milliseconds, least=True):
        self.header = (title, "(min)", "/ours") if least else (title, "/ours")
        self.key, self.show, self.least = key, show, least

    def cells(self, entry, ours):
        median = entry.median(self.key)
        base = ours.median(self.key) if ours else None
        least = (f"({self.show(entry.least(self.key))})",) if self.least else ()
        return (self.show(median), *least, times(median, base))


class Rate:
    """The same, shown as MB of Arrow memory a second; `/ours` is still of the times."""

    def __init__(self, title, key):
        self.header = (title, "(best)", "/ours")
        self.key = key

    def cells(self, entry, ours):
        def rate(seconds):
            return f"{entry.facts['memory_bytes'] / seconds / 1e6:,.0f}" if seconds else "-"

        median = entry.median(self.key)
        base = ours.median(self.key) if ours else None
        return (rate(median), f"({rate(entry.least(self.key))})", times(median, base))


class Grown:
    """A cost at 10 versions, at the end, and the ratio."""

    def __init__(self, title, what):
        self.header = (f"{title} young", "old", "ratio")
        self.young, self.old = f"young_{what}_s", f"old_{what}_s"

    def cells(self, entry, ours):
        young, old = entry.median(self.young), entry.median(self.old)
        return (milliseconds(young), milliseconds(old), times(old, young))


class Fact:
    def __init__(self, title, show):
        self.header = (title,)
        self.show = show

    def cells(self, entry, ours):
        return (self.show(entry),)


def bytes_text(entry):
    return f"{entry.facts['disk_bytes'] / 1e6:,.0f}"


def peak_text(key):
    """Of what one round took; nothing where it was not measured."""
    return lambda entry: f"{entry.facts[key] / 1e6:,.0f}" if key in entry.facts else "-"


def growth_of_disk(entry):
    return times(entry.facts["disk_bytes"], entry.facts["first_bytes"])


TABLES = {
    "small_update": (
        "small record (200 rows x 12): one more version; ms",
        [Timed("update", "update_s")],
    ),
    "small_read": (
        "the same record: read the latest version, version 50, and that again; ms",
        [Timed("latest", "latest_s"), Timed("v50", "v50_s"), Timed("again", "again_s")],
    ),
    "cold_read": (
        "the same record: a fresh process, libraries loaded: open and read the latest version; ms",
        [Timed("open+read", "open_read_s")],
    ),
    "python_cost": (
        "the small record in memory, from Python and from C++: update, read latest, version 50, that again; ms",
        [Timed("update", "update_s"), Timed("latest", "latest_s"), Timed("v50", "v50_s"), Timed("again", "again_s")],
    ),
    "contention": (
        "8 processes update one record",
        [
            Fact("updates/s", lambda entry: f"{entry.facts['updates_per_second']:,.1f}"),
            Fact("acknowledged", lambda entry: entry.facts["acknowledged"]),
            Fact("lost", lambda entry: entry.facts["lost"]),
            Fact("unreadable", lambda entry: entry.facts["unreadable"]),
            Fact("retried", lambda entry: entry.facts["conflicts"]),
            Fact("writers failed", lambda entry: entry.facts["writers_failed"]),
        ],
    ),
    "many_versions": (
        "one record grown old, beside young records of 6 to 15 versions: commit, read latest, read version 5; ms",
        [
            Fact("versions", lambda entry: f"{entry.facts['old_versions']:,}"),
            Grown("commit", "commit"),
            Grown("latest", "latest"),
            Grown("v5", "v5"),
        ],
    ),
    "many_records": (
        "many small records: create, filtered list, open + read, find by content hash; ms. growth: over a few records",
        [
            Fact("records", lambda entry: f"{entry.facts['records']:,}"),
            Fact("created/s", lambda entry: f"{entry.facts['records'] / entry.median('create_s'):,.0f}"),
            Timed("list", "list_s", least=False),
            Timed("open", "open_s", least=False),
            Fact("growth", lambda entry: times(entry.median("open_s"), entry.median("early_open_s"))),
            Timed("find", "find_s", least=False),
            Fact("growth", lambda entry: times(entry.median("find_s"), entry.median("early_find_s"))),
        ],
    ),
    "big_write": (
        "big table ({rows:,} rows x 8): first write, and reading it in a fresh process; MB of Arrow memory a second; MB of"
        " memory at the peak of writing beside the table, and of reading with it",
        [
            Rate("write", "write_s"),
            Rate("read", "read_s"),
            Fact("MB on disk", bytes_text),
            Fact("peak, write", peak_text("write_peak_bytes")),
            Fact("peak, read", peak_text("read_peak_bytes")),
        ],
    ),
    "big_update": (
        "the same table ({rows:,} rows x 8): {edits} more versions, each handed in whole; s",
        [
            Fact("versions", lambda entry: 1 + len(entry.samples["update_s"])),
            Timed("update", "update_s", seconds_text),
            Fact("MB on disk", bytes_text),
            Fact("of one version", growth_of_disk),
        ],
    ),
    "partial_update": (
        "the same table ({rows:,} rows x 8): {edits} more versions, only the changed rows handed in; reading it before and"
        " after; s",
        [
            Fact("versions", lambda entry: 1 + len(entry.samples["update_s"])),
            Timed("upsert", "update_s", seconds_text),
            Timed("fresh read", "fresh_read_s", seconds_text, least=False),
            Timed("read", "read_s", seconds_text, least=False),
            Fact("MB on disk", bytes_text),
        ],
    ),
}


def table(work, entries, syncs, where, sizes):
    title, columns = TABLES[work]
    title = title.format(rows=sizes.big_rows, edits=sizes.edits)
    commits = "read" not in work and work != "python_cost"
    ours = entries.get(CORESHED)
    header = ["system"] + [cell for column in columns for cell in column.header]
    header += ["durable", "syncs"] if commits else []
    rows = []
    for name, entry in entries.items():
        if entry.failed:
            rows.append([name, entry.failed])
            continue
        row = [name] + [cell for column in columns for cell in column.cells(entry, ours)]
        rows.append(row + ([entry.facts.get("durable", "?"), syncs.get(name, "?")] if commits else []))
    shown = [row for row in rows if len(row) == len(header) or row[1] != "not measured in this work"]
    return f"{work}, on {where}\n{title}\n" + align(header, shown)


def key_value(pairs):
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in pairs)
