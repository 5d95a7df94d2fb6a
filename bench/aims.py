"""Coreshed's aims: the local lines of section 9 of the specification, but those of the works not measured here.

Each aim is a function of all results that gives what was measured and whether that is enough; None where there is
nothing to judge by.
"""

from report import align, milliseconds, seconds_text, times
from systems import CORESHED, CPP

CONSTANT = 1.5  # "constant" for a cost of a tenth of a millisecond, measured on a machine with neighbours


def fastest(entries, key):
    """(median, name) of the fastest peer."""
    found = [(entry.median(key), name) for name, entry in entries.items() if name not in (CORESHED, CPP)]
    return min((pair for pair in found if pair[0] is not None), default=(None, ""))


def ours(entries, key):
    return entries[CORESHED].median(key) if CORESHED in entries else None


def against_peers(work, key, factor, show=milliseconds, unit="ms"):
    """Coreshed has to take at most 1/factor of what the fastest peer takes."""

    def judge(results):
        entries = results.get(work, {})
        mine, (theirs, name) = ours(entries, key), fastest(entries, key)
        if mine is None or theirs is None:
            return None
        text = f"{show(mine)} {unit} against {show(theirs)} ({name}): {theirs / mine:.2f}x as fast"
        return text, mine * factor <= theirs if factor > 1 else mine < theirs

    return judge


def above_cpp(work, key, most_us):
    """What a call costs more from Python, of medians."""

    def judge(results):
        entries = results.get(work, {})
        if CORESHED not in entries or CPP not in entries:
            return None
        mine, cpp = entries[CORESHED].median(key), entries[CPP].median(key)
        if mine is None or cpp is None:
            return None
        return f"{milliseconds(mine)} ms against {milliseconds(cpp)}: {(mine - cpp) * 1e6:+.0f} us", mine - cpp <= most_us / 1e6

    return judge


def created(results):
    entry = results.get("many_records", {}).get(CORESHED)
    if entry is None or entry.median("create_s") is None:
        return None
    rate = entry.facts["records"] / entry.median("create_s")
    return f"{rate:,.0f}/s", rate >= 2400


def on_journal(results):
    """The loop mount's figures where there are any: the aim is about a file system with a journal."""
    loop = "small_update (loop)" in results
    judged = against_peers("small_update (loop)" if loop else "small_update", "update_s", 1)(results)
    if judged and not loop:
        return f"{judged[0]} (no journal here)", judged[1]
    return judged


def grows(work, old, young, limit, least_versions=0):
    def judge(results):
        entry = results.get(work, {}).get(CORESHED)
        if entry is None or entry.median(old) is None or entry.median(young) is None:
            return None
        before, after = entry.median(young), entry.median(old)
        text = f"{milliseconds(before)} ms, then {milliseconds(after)}: {after / before:.2f}x"
        if entry.facts.get("old_versions", least_versions) < least_versions:
            return f"{text} (time was up at version {entry.facts['old_versions']:,})", False
        return text, after <= before * limit

    return judge


def disk(results):
    entry = results.get("big_update", {}).get(CORESHED)
    if entry is None or entry.failed:
        return None
    ratio = entry.facts["disk_bytes"] / entry.facts["first_bytes"]
    return f"{times(ratio, 1)} with {1 + len(entry.samples['update_s'])} versions", ratio <= 1.1


def listing(results):
    seconds = ours(results.get("many_records", {}), "list_s")
    return None if seconds is None else (f"{seconds_text(seconds)} s", seconds <= 0.3)


def nothing_lost(results):
    entry = results.get("contention", {}).get(CORESHED)
    if entry is None or entry.failed:
        return None
    facts = entry.facts
    text = f"{facts['lost']} of {facts['acknowledged']} lost, {facts['writers_failed']} writers failed"
    return text, facts["lost"] == 0 and facts["writers_failed"] == 0


def updates_per_second(results):
    entries = results.get("contention", {})
    entry = entries.get(CORESHED)
    honest = [
        (peer.facts["updates_per_second"], name)
        for name, peer in entries.items()
        if name != CORESHED and not peer.failed and peer.facts["lost"] == 0
    ]
    if entry is None or entry.failed or not honest:
        return None
    mine, (theirs, name) = entry.facts["updates_per_second"], max(honest)
    return f"{mine:,.0f}/s against {theirs:,.0f} ({name}): {mine / theirs:.2f}x", mine >= 3 * theirs


def aims(sizes):
    def ages(what):
        return grows("many_versions", f"old_{what}_s", f"young_{what}_s", 1.2, sizes.old_versions)

    old = f"{sizes.old_versions:,} versions"
    records = f"{sizes.records:,} records"
    seconds = {"show": seconds_text, "unit": "s"}
    peers = "faster than every peer"
    tenfold = against_peers("big_update", "update_s", 10, **seconds)
    partial = against_peers("partial_update", "update_s", 1, **seconds)
    read_after = grows("partial_update", "read_s", "fresh_read_s", 1.1)
    found = grows("many_records", "find_s", "early_find_s", CONSTANT)
    return [
        ("small_update", "small durable update, with a journal", peers, on_journal),
        ("small_read", "small record, read latest", ">= 4x the fastest", against_peers("small_read", "latest_s", 4)),
        ("small_read", "small record, read version 50", ">= 4x the fastest", against_peers("small_read", "v50_s", 4)),
        ("small_read", "the same again, from memory", ">= 20x the fastest", against_peers("small_read", "again_s", 20)),
        ("python_cost", "update, above the C++ call", "<= 50 us", above_cpp("python_cost", "update_s", 50)),
        ("python_cost", "read latest, above C++", "<= 50 us", above_cpp("python_cost", "latest_s", 50)),
        ("python_cost", "read again from memory", "<= 20 us", above_cpp("python_cost", "again_s", 20)),
        ("cold_read", "fresh process, open + read", ">= 2x the fastest", against_peers("cold_read", "open_read_s", 2)),
        ("big_write", "big table, first write", peers, against_peers("big_write", "write_s", 1, **seconds)),
        ("big_write", "big table, read", peers, against_peers("big_write", "read_s", 1, **seconds)),
        ("big_update", "big table, a version more", ">= 10x the fastest", tenfold),
        ("big_update", "all versions of it on disk", "<= 1.1x of one", disk),
        ("partial_update", "big table, changed rows alone", "as fast as the fastest", partial),
        ("partial_update", "reading it afterwards", "as fast as a fresh one", read_after),
        ("many_versions", f"{old}: commit", "<= 1.2x of 10", ages("commit")),
        ("many_versions", f"{old}: read latest", "<= 1.2x of 10", ages("latest")),
        ("many_versions", f"{old}: read version 5", "<= 1.2x of 10", ages("v5")),
        ("many_records", f"{records}: created in bulk", ">= 2,400/s", created),
        ("many_records", f"{records}: filtered list", "<= 0.3 s", listing),
        ("many_records", f"{records}: open", "constant", grows("many_records", "open_s", "early_open_s", CONSTANT)),
        ("many_records", f"{records}: find by hash", "constant", found),
        ("contention", "8 processes on one record", "no acknowledged one lost", nothing_lost),
        ("contention", "8 processes on one record", ">= 3x the best without loss", updates_per_second),
    ]


def why_not(results, work, missing):
    """Why there is nothing to judge by."""
    return missing or results[work][CORESHED].failed or "no peer to compare with"


def judge_all(results, sizes, missing):
    """A row for each aim of what was run: (line, aim, measured, reached). `missing`: why there is no Coreshed."""
    rows = []
    for work, line, aim, judge in aims(sizes):
        if work not in results:
            continue
        judged = judge(results)
        measured, reached = judged or (why_not(results, work, missing), None)
        rows.append((line, aim, measured, {True: "yes", False: "no", None: "-"}[reached]))
    return rows


def table(rows):
    return align(("aim for coreshed", "wanted", "measured", "reached"), rows, left=(0, 1, 2, 3))
