"""The commit protocol of spec/commit.md as a model, searched completely: every order of steps, no sampling.

    python3 spec/protocol_model.py --check           exit 0 only if the protocol holds and every mutation is found
    python3 spec/protocol_model.py --check --quick   the same with the smaller scenarios
    python3 spec/protocol_model.py --show N9         the shortest trace of the mutations whose name begins so

A  one record on an object store, or (scenarios called "local") on a local disk without network faults: writers,
   vacuum, resolve, readers and a backup, each one request at a time. The network may lose an answer, hold a request
   back until any later moment, or deliver it twice. Who crashes or sleeps is simply not scheduled again, so every
   crash at every point is covered, and the invariants are checked in every state. There is no grace period: time
   never protects anything here.
B  a power cut on a local disk: every prefix of the system calls, every subset of the effects not yet synced.
C  names and locks of a local disk: what is renamed, removed or locked while others look at it.

A mutation takes one rule away (`rules` below says which) and must lead to a violation.
"""

import argparse
import sys
import time
from collections import deque, namedtuple

import disk_model
import protocol_steps as model
from protocol_copy import CopySteps
from protocol_steps import Actor, Entry, Event, Ghost, Meta, Ref, State, Work, number

Scenario = namedtuple("Scenario", "store actors budget local quick")


# ---------------------------------------------------------------- scenarios
def writer(op, event, hash=None, **fields):
    return op, "read", Work(event=event, hash=hash or "h" + event, **fields)


LISTED = "vacuum", "look", Work(todo=(("d", 2, ""), ("d", 2, "lost")))  # a vacuum that has listed
COPIER, COPIER_OF_3 = (("copier", "begin", Work(source=versions)) for versions in (2, 3))  # of what source() says
VACUUM, READER, BACKUP = ("vacuum", "list", Work()), ("reader", "open", Work()), ("backup", "copy", Work())


def record(versions=1, status="draft", *orphans):
    """A store with one record of so many versions, as somebody earlier committed them, and some remains."""
    store, entries, tail, pages = {}, {}, (), ()
    for n in range(1, versions + 1):
        key = ("d", n, "")
        entries[n] = Entry(n, key, f"c{n}", f"hc{n}", status, False, False)
        store[key] = f"c{n}"
        store[("m", f"hc{n}", n)] = 1
        if tail:
            page = ("p", tail[0].seq, "old")
            sealed = tuple(entries[m] for m in sorted(entries) if m == n - 1)
            store[page] = number((tail, sealed))
            pages += (Ref(page, tail, sealed),)
        tail = (Event(n, f"e{n}", "create" if n == 1 else "update", n),)
    if status == "rejected":
        page = ("p", tail[0].seq, "old")
        store[page] = number((tail, (entries[versions],)))
        pages += (Ref(page, tail, (entries[versions],)),)
        tail = (Event(versions + 1, "e_reject", "reject", versions),)
    sealed = pages[-1].entries[-1].n if pages else 0
    meta = Meta(("old", versions), 0, "live", (entries[versions],), versions, versions, 0, sealed, tail, pages)
    store["meta"] = number(meta)
    return {**store, **{key: "junk" for key in orphans}}


def fenced():
    """The same after a fence: its tail is sealed. With remains under the next version's name."""
    store = record(1, "draft", OLD, LOST)
    meta = model.meta_of(store)
    page = ("p", 1, "old")
    store[page] = number((meta.tail, meta.versions))
    store["meta"] = number(meta._replace(fence=1, tail=(), pages=(Ref(page, meta.tail, meta.versions),), sealed=1))
    return store


def shared():
    """Two versions of one content, which the second one shares with the first."""
    store = record(2)
    meta = model.meta_of(store)
    entry = meta.versions[0]._replace(key=("d", 1, ""), content="c1", hash="hc1")
    del store[("d", 2, "")], store[("m", "hc2", 2)]
    return {**store, ("m", "hc1", 2): 1, "meta": number(meta._replace(versions=(entry,)))}


def source(versions):
    """The number of the metadata that a copy is made of; files of versions after the first have names of their own."""
    meta = model.meta_of(record(versions))
    named = lambda entries: tuple(e._replace(key=("d", e.n, "source")) if e.n > 1 else e for e in entries)
    pages = tuple(ref._replace(entries=named(ref.entries)) for ref in meta.pages)
    return number(meta._replace(versions=named(meta.versions), pages=pages))


def copying(meta):
    """A copy of version 2 has begun in a record of one version."""
    to_come = model.seq_of(model.meta_of(record(2))) if model.rules["copying"] else 0
    return meta._replace(fence=min(to_come, 1), copying=to_come)


def copied_half():
    """The same record before that version, into which a copy was begun, and interrupted."""
    store = record(1)
    meta = model.meta_of(store)
    return {**store, ("d", 2, "source"): "c2", "meta": number(copying(meta))}


def copied_half_elsewhere():
    """The same, copied from a place where a fence came first: if fences seal, that state has one page more there."""
    store = copied_half()
    if not model.rules["fences_seal"]:
        return store
    page = model.meta_of(record(3)).pages[-1]
    named = tuple(e._replace(key=("d", e.n, "source")) for e in page.entries)
    return {**store, page.key: number((page.events, named))}


def rolled_back():
    """Two versions, gone back to the first, and that one rejected: its entry in the page is out of date."""
    store = record(2)
    meta = model.meta_of(store)
    page = ("p", 2, "old")
    events = meta.tail + (Event(3, "e_back", "rollback", 1),)
    store[page] = number((events, meta.versions))
    entry = meta.pages[0].entries[0]._replace(status="rejected", changed=True)
    store["meta"] = number(
        meta._replace(
            versions=(entry,),
            active=1,
            sealed=2,
            tail=(Event(4, "e_reject", "reject", 1),),
            pages=meta.pages + (Ref(page, events, meta.versions),),
        )
    )
    return store


def scenario(store, actors, budget=(0, 0, 0), local=False, quick=True):
    return Scenario(store, actors, budget, local, quick)


def base(*args):
    return lambda: record(*args)


OLD, LOST = ("d", 2, ""), ("d", 2, "lost")  # remains of crashes: under the next version's name, and another


def record_with_old_page():
    """The remains of a crash: the very page that the next commit would seal, under the name of its content."""
    body = ((Event(1, "e1", "create", 1),), (Entry(1, ("d", 1, ""), "c1", "hc1", "draft", False, False),))
    return {**record(1), ("p", 1, number(body)): number(body)}


A, B, C = writer("update", "A"), writer("update", "B"), writer("update", "C")
GIVEN = writer("update", "G", given=True)
SCENARIOS = {
    "2 updates + reject, lost": scenario(base(1), [A, B, writer("reject", "X")], (1, 0, 0)),
    "3 updates, late": scenario(base(1), [A, B, C], (0, 1, 0), quick=False),
    "2 updates, lost + late": scenario(base(1), [A, B], (1, 1, 0)),
    "2 updates, lost + late + copy": scenario(base(1), [A, B], (1, 1, 1), quick=False),
    "2 updates, 2 lost": scenario(base(1), [A, B], (2, 0, 0)),
    "update + vacuum + update": scenario(base(1, "draft", OLD), [A, VACUUM, B]),
    "update + vacuum + update, copy": scenario(base(1, "draft", OLD), [A, VACUUM, B], (0, 0, 1), quick=False),
    "update + vacuum that has listed + update, copy": scenario(fenced, [A, LISTED, B], (0, 0, 1), quick=False),
    "2 updates + 2 vacuums that have listed": scenario(fenced, [A, LISTED, LISTED, B], quick=False),
    "update + vacuum + reader, lost + late": scenario(
        base(1, "draft", OLD), [A, VACUUM, READER], (1, 1, 0), quick=False
    ),
    "update + vacuum, old page, copy": scenario(record_with_old_page, [A, VACUUM], (0, 0, 1)),
    "update + 2 vacuums, copy": scenario(base(1, "draft", OLD), [A, VACUUM, VACUUM], (0, 0, 1), quick=False),
    "update + 2 vacuums": scenario(base(1, "draft", OLD), [A, VACUUM, VACUUM]),
    "create + vacuum + create, copy": scenario(
        dict, [writer("create", "A"), VACUUM, writer("create", "B")], (0, 0, 1), quick=False
    ),
    "create + vacuum + create": scenario(dict, [writer("create", "A"), VACUUM, writer("create", "B")]),
    "create + create, lost + late": scenario(dict, [writer("create", "A"), writer("create", "B")], (1, 1, 0)),
    "delete + create + update, late": scenario(
        base(1), [writer("delete", "D"), writer("create", "A"), B], (0, 1, 0), quick=False
    ),
    "delete + create + reader, copy": scenario(
        base(1), [writer("delete", "D"), writer("create", "A"), READER], (0, 0, 1)
    ),
    "delete + create + vacuum, late": scenario(
        base(1), [writer("delete", "D"), writer("create", "A"), VACUUM], (0, 1, 0), quick=False
    ),
    "delete + create + vacuum, remains, copy": scenario(
        base(1, "draft", OLD), [writer("delete", "D"), writer("create", "A"), VACUUM], (0, 0, 1)
    ),
    "update + delete + create, late": scenario(
        base(1), [A, writer("delete", "D"), writer("create", "B")], (0, 1, 0), quick=False
    ),
    "create + delete + create, copy": scenario(
        dict, [writer("create", "A"), writer("delete", "D"), writer("create", "B")], (0, 0, 1)
    ),
    "update + delete + create": scenario(base(1), [A, writer("delete", "D"), writer("create", "B")]),
    "purge + same content + reader, lost": scenario(
        base(1), [writer("purge", "P"), writer("same", "A", "hc1"), READER], (1, 0, 0)
    ),
    "purge + update + vacuum, copy": scenario(base(2), [writer("purge", "P"), A, VACUUM], (0, 0, 1), quick=False),
    "parts moved by a purge + same content + reader": scenario(
        shared, [writer("move", "P"), writer("same", "A", "hc1"), READER]
    ),
    "parts moved by a purge + same content + update, copy": scenario(
        shared, [writer("move", "P"), writer("same", "A", "hc1"), B], (0, 0, 1), quick=False
    ),
    "parts moved by a purge + vacuum + update, lost": scenario(
        shared, [writer("move", "P"), VACUUM, A], (1, 0, 0), quick=False
    ),
    "create + purge, copy": scenario(dict, [writer("create", "A"), writer("purge", "P")], (0, 0, 1)),
    "rollback + update + reject, late": scenario(
        base(2), [writer("rollback", "K"), A, writer("reject", "X", look=2)], (0, 1, 0), quick=False
    ),
    "sealed entry changes": scenario(base(2), [writer("rollback", "K"), writer("reject", "X", look=1), A]),
    "sealed entry changes, lost": scenario(
        base(2), [writer("rollback", "K"), writer("reject", "X", look=1), A], (1, 0, 0), quick=False
    ),
    "sealed entry changes + vacuum + reader": scenario(
        base(2), [writer("rollback", "K"), writer("reject", "X", look=1), A, VACUUM, READER], quick=False
    ),
    "sealed entry changes + vacuum + backup": scenario(
        base(2), [writer("rollback", "K"), writer("reject", "X", look=1), A, VACUUM, BACKUP], quick=False
    ),
    "changed entry written back + vacuum + reader": scenario(rolled_back, [A, VACUUM, READER]),
    "changed entry written back + vacuum + backup": scenario(rolled_back, [A, VACUUM, BACKUP]),
    "2 rejects, one is refused, lost": scenario(base(1), [writer("reject", "X"), writer("reject", "Y")], (1, 0, 0)),
    "2 rejects, one is refused, 2 lost": scenario(base(1), [writer("reject", "X"), writer("reject", "Y")], (2, 0, 0)),
    "repeated call + update, lost": scenario(base(1), [GIVEN, GIVEN, B], (1, 0, 0)),
    "repeated call + update, late": scenario(base(1), [GIVEN, GIVEN, B], (0, 1, 0), quick=False),
    "repeated refusal": scenario(
        base(1, "rejected"), [writer("reject", "X", given=True), writer("reject", "X", given=True)], (1, 0, 0)
    ),
    "backup + 2 updates": scenario(base(2), [BACKUP, A, B]),
    "backup + update + vacuum": scenario(base(1, "draft", OLD), [BACKUP, A, VACUUM]),
    "a copy goes on + vacuum": scenario(copied_half, [COPIER, VACUUM], (0, 1, 1)),
    "a copy goes on + vacuum + another copy": scenario(copied_half, [COPIER, VACUUM, COPIER], (0, 0, 1), quick=False),
    "copies of two states + vacuum": scenario(base(1), [COPIER_OF_3, COPIER, VACUUM]),
    "copies of two states + vacuum, copy": scenario(base(1), [COPIER_OF_3, COPIER, VACUUM], (0, 0, 1), quick=False),
    "copies of two states, one again + vacuum, late": scenario(
        copied_half, [COPIER_OF_3, COPIER, VACUUM], (0, 1, 0), quick=False
    ),
    "copies of one state and the next + vacuum": scenario(copied_half_elsewhere, [COPIER, VACUUM, COPIER_OF_3]),
    "a copy + vacuum + update there": scenario(base(1, "draft", LOST), [COPIER, VACUUM, B]),
    "a copy of a new record + vacuum + create there, late": scenario(
        dict, [COPIER, VACUUM, writer("create", "A")], (0, 1, 0), quick=False
    ),
    "local: update + vacuum + update": scenario(base(1, "draft", OLD), [A, VACUUM, B], local=True),
    "local: 2 updates + reject + vacuum": scenario(
        base(1, "draft", OLD), [A, writer("reject", "X"), B, VACUUM], local=True, quick=False
    ),
}
MUTATIONS = [  # name, rule taken away, scenario in which it is found
    ("N1 metadata by read, compare and plain PUT", dict(swap="plain"), "2 updates + reject, lost"),
    ("N2 unclear answer: decide again at once", dict(unclear="never"), "2 updates, lost + late"),
    ("N3 own event looked for in the tail only", dict(unclear="tail"), "2 updates, lost + late"),
    ("N4 unclear answer: says failed", dict(unclear="failed"), "2 updates, lost + late"),
    ("N5 unclear answer: removes its files, says failed", dict(cleanup=True), "2 updates, lost + late"),
    ("N6 data names by plain PUT", dict(claim="put"), "2 updates, lost + late"),
    ("N7 a taken data name is taken for its own", dict(taken="adopt"), "2 updates, lost + late"),
    ("N8 vacuum without a fence", dict(fence="none"), "update + vacuum + update"),
    ("N9 vacuum fences, writers go on with their files", dict(fence="commit"), "update + vacuum + update"),
    ("N10 vacuum fences, then lists", dict(list="last"), "update + vacuum + update"),
    ("N11 vacuum removes names that can still be claimed", dict(future=False), "update + vacuum + update, copy"),
    ("N12 no fence for a record not yet made", dict(void=False), "create + vacuum + create, copy"),
    ("N13 pages named by their first event, with the own event", dict(page="fixed"), "2 updates, lost + late"),
    (
        "N14 pages named by content, remains adopted",
        dict(page="hash"),
        "update + vacuum, old page, copy",
    ),
    ("N15 content marker after the commit", dict(marker="after"), "2 updates, lost + late"),
    ("N16 content marker not written again for another number", dict(marker="once"), "2 updates, lost + late"),
    ("N17 delete removes metadata.json", dict(tombstone=False), "create + delete + create, copy"),
    ("N18 the same, with etags that start again", dict(tombstone=False, etag="counter"), "update + delete + create"),
    ("N19 sharing decided once, not for each base", dict(reuse="once", purge="commit"), "purge + same content + reader, lost"),
    ("N20 purge removes parts that others use", dict(spare=False), "purge + same content + reader, lost"),
    ("N21 purge deletes once", dict(sweep=False), "create + purge, copy"),
    ("N22 a copy takes the data before the metadata", dict(backup="data"), "backup + 2 updates"),
    ("N23 a 412 always means somebody else", dict(moved="conflict"), "2 updates + reject, lost"),
    ("N24 read back, not there: says failed", dict(settle="read"), "2 updates, lost + late"),
    (
        "N25 vacuum judges by metadata read after its fence",
        dict(judge="after"),
        "update + vacuum that has listed + update, copy",
    ),
    ("N26 vacuum judges by metadata read before its fence", dict(judge="before"), "update + vacuum + update"),
    ("N27 a changed sealed entry is dropped at the next sealing", dict(write_back="drop"), "sealed entry changes"),
    ("N28 a changed sealed entry is written over its page", dict(write_back="place"), "sealed entry changes"),
    ("N29 the look after an unclear answer fails: says failed", dict(back="failed"), "2 updates, 2 lost"),
    ("N30 a caller's event id is not looked for", dict(repeated="never"), "repeated call + update, lost"),
    ("N31 its marker is written after the commit", dict(event_marker="after"), "repeated call + update, lost"),
    (
        "N32 its marker is not written again for another number",
        dict(event_marker="once"),
        "repeated call + update, lost",
    ),
    ("N33 a repeated refusal is answered as success", dict(answer="success"), "repeated refusal"),
    ("N34 a local file is completed after the swap", dict(complete="after"), "local: update + vacuum + update"),
    ("N35 a copy that misses something is kept", dict(recheck=False), "changed entry written back + vacuum + backup"),
    ("N38 a copy uses what another one left, and does not say so", dict(copying=False), "a copy goes on + vacuum"),
    (
        "N40 a deleted record's names are claimed again",
        dict(reborn=False),
        "delete + create + vacuum, remains, copy",
    ),
    ("N39 any state may complete a copy that has begun", dict(copying="flag"), "copies of two states + vacuum"),
    ("N41 a fence seals, so that one state has several forms", dict(fences_seal=True), "copies of one state and the next + vacuum"),
    (
        "N36 parts that others share are moved without a fence",
        dict(purge="commit"),
        "parts moved by a purge + same content + reader",
    ),
    (
        "N37 erasure removes markers that may still be claimed",
        dict(unmark="all"),
        "purge + same content + reader, lost",
    ),
]


# ---------------------------------------------------------------- the search
Found = namedtuple("Found", "states ends fault trace seconds")


def search(scenario, changes, states_max=20_000_000):
    """Breadth first over every reachable state; ends at the first violation, with the shortest way to it."""
    model.start(changes)
    started = time.time()
    given = [(op, phase, w._replace(source=source(w.source)) if op == "copier" else w) for op, phase, w in scenario.actors]
    actors = tuple(Actor(f"{i}{op[0]}", op, phase, w) for i, (op, phase, w) in enumerate(given))
    events = [w.event for _, _, w in scenario.actors]
    repeats = {event for event in events if events.count(event) > 1}
    store = scenario.store()
    had = frozenset(event.id for event in model.events_of(model.meta_of(store))) if store else frozenset()
    none = frozenset()
    first = State(store, (), actors, scenario.budget, Ghost(none, none, none, none, had, ""))
    seen = {fingerprint(first): None}
    queue = deque([first])
    count = ends = 0
    while queue:
        state = queue.popleft()
        count += 1
        fault = model.violation(state, repeats)
        if fault:
            return Found(count, ends, fault, trace(seen, state), time.time() - started)
        steps = list(next_states(state, scenario.local))
        ends += not steps
        for label, following in steps:
            mark = fingerprint(following)
            if mark not in seen:
                seen[mark] = (fingerprint(state), label)
                queue.append(following)
        if len(seen) > states_max:
            return Found(
                count, ends, f"more than {states_max} states: not searched completely", [], time.time() - started
            )
    return Found(count, ends, None, [], time.time() - started)


def fingerprint(state):
    return hash((frozenset(state.store.items()), state.net, state.actors, state.budget, state.ghost))


def next_states(state, local):
    for i, actor in enumerate(state.actors):
        if actor.phase == "end":
            continue
        steps = CopySteps(state, actor, local)
        getattr(steps, actor.phase)()
        for label, store, net, moved, budget, ghost in steps.out:
            yield label, State(store, net, state.actors[:i] + (moved,) + state.actors[i + 1 :], budget, ghost)
    for j, message in enumerate(state.net):
        store, answer = model.apply(state.store, *message)
        label = f"the network: {message[0]} {message[1]} arrives, {answer}"
        yield label, state._replace(store=store, net=state.net[:j] + state.net[j + 1 :])


def trace(seen, state):
    labels, mark = [], fingerprint(state)
    while seen[mark]:
        mark, label = seen[mark]
        labels.append(label)
    return labels[::-1]


# ---------------------------------------------------------------- all of it
def check_mutations(names, show):
    """How many mutations were not found, and how many rules have none."""
    without = sorted(set(model.RULES) - {rule for _, changes, _ in MUTATIONS for rule in changes})
    for rule in without:
        print(f"UNFOUND the rule '{rule}' has no mutation")
    unfound = len(without)
    for name, changes, scenario in MUTATIONS:
        if not name.startswith(names):
            continue
        found = search(SCENARIOS[scenario], changes)
        unfound += found.fault is None
        print(
            f"{'found ' if found.fault else 'UNFOUND'} {name}: {found.fault} "
            f"({len(found.trace)} steps, {found.states} states, {found.seconds:.1f} s)",
            flush=True,
        )
        if show:
            print("\n".join("        " + label for label in found.trace))
    return unfound


def check_protocol(quick):
    """How many scenarios break the protocol as it is."""
    broken = states = 0
    for name, scenario in SCENARIOS.items():
        if quick and not scenario.quick:
            continue
        found = search(scenario, {})
        broken += found.fault is not None
        states += found.states
        print(
            f"{'BROKEN' if found.fault else 'holds '} {name}: {found.fault or ''}{found.states} states, {found.ends} ends, "
            f"{found.seconds:.1f} s",
            flush=True,
        )
        for label in found.trace:
            print("        " + label)
    print(f"the protocol: {states} states")
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="all of it (also the default)")
    parser.add_argument("--quick", action="store_true", help="without the largest scenarios")
    parser.add_argument("--show", metavar="NAME", help="only this mutation, with its shortest trace")
    options = parser.parse_args()
    if options.show:
        return 1 if check_mutations(options.show + " ", True) else 0
    wrong = check_mutations("N", False) + check_protocol(options.quick) + disk_model.check()
    print("all as it should be" if not wrong else f"{wrong} surprises")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
