"""The steps of spec/commit.md as the model takes them, one request at a time; searched by protocol_model.py.

`rules` holds every rule of the protocol; a mutation takes one away. Names follow spec/commit.md: a *base* is the
metadata that a commit is decided against, a *swap* the compare-and-swap of metadata.json.
"""

from collections import namedtuple

# ---------------------------------------------------------------- the rules, each with what a mutation makes of it
RULES = dict(
    etag="content",  # no two contents have one etag | counter: versions and events are counted, and start again
    swap="conditional",  # | plain: read, compare, then an unconditional PUT
    moved="look",  # a 412 may be our own commit: look | conflict: it always means somebody else
    unclear="seq",  # look for the own event right behind the base, in tail and pages | tail | never | failed
    back="unknown",  # the look itself fails: OutcomeUnknown | failed
    cleanup=False,  # True: on an unclear answer the files just written are removed
    claim="absent",  # data names by create-if-absent | put: by plain PUT
    taken="other",  # a taken name: another one | adopt: it must be mine from an earlier try
    complete="before",  # a local file is complete before the swap | after
    fence="rule",  # another fence: all uploaded counts as gone | commit: fenced, but writers go on | none
    void=True,  # vacuum fences a record not yet made by a void metadata.json
    list="first",  # vacuum lists, then fences | last
    judge="fenced",  # vacuum deletes by the metadata it fenced | before: by what it read before | after: by a later read
    future=True,  # vacuum leaves names that a writer may still claim (vN with N above the highest)
    reborn=True,  # the first version after a deletion has a name of its own, so that all there is may go
    page="own",  # pages have names of their own | fixed: first event's number, with the own event | hash: of content
    fences_seal=False,  # only a commit with an event seals a full tail | True: a fence does, too
    write_back="copy",  # a changed sealed entry goes back in a new page | drop: it is dropped | place: over the old page
    marker="before",  # content marker before the swap | after | once: not again for another number
    event_marker="before",  # the same for a caller's event id
    repeated="look",  # a caller's event id is looked for | never
    answer="same",  # a repeated call whose event is a refusal is refused | success
    tombstone=True,  # metadata.json is never deleted
    reuse="each",  # shared parts: is the version compared with still there in this very base | once: never asked again
    spare=True,  # purge leaves parts that other versions use
    purge="fence",  # a purge fences, so that who shares its parts decides anew | commit: it does not
    unmark="dead",  # erasure removes markers of numbers that are given | all: those that may be claimed as well
    sweep=True,  # erasure deletes again when no old request can live any more, then says "erased"
    settle="fence",  # "failed" after an unclear answer needs a commit on that base | read: a look is enough
    backup="metadata",  # a copy takes metadata first | data
    recheck=True,  # a copy that misses something takes the record again
    # Who copies into a record says first which state is to come, and vacuum leaves it alone until that state, or a later
    # one, is there. | flag: any state ends it | False: nothing is said
    copying="state",
)
TRIES = 3
rules = dict(RULES)  # of the search that runs

Meta = namedtuple("Meta", "commit fence state versions active last deleted sealed tail pages copying", defaults=(0,))
Entry = namedtuple("Entry", "n key content hash status purged changed")
Event = namedtuple("Event", "seq id kind n")
Ref = namedtuple("Ref", "key events entries")  # pins the page's content, as its SHA-256 does
State = namedtuple("State", "store net actors budget ghost")
Ghost = namedtuple("Ghost", "done refused failed erased had bad")  # what callers were told
Actor = namedtuple("Actor", "id op phase w")
# What an actor remembers: its call, its present try, what it has uploaded, and (vacuum, purge) what is to be deleted.
WORK = dict(event="", hash="", look=1, given=False)
WORK.update(base=None, tries=0, unclear=None, refusal=False, pages=(), resend=False)
WORK.update(fence=None, key=None, whole=False, shared=False, unique=False, marked=None, seq_marked=None, names=0)
WORK.update(todo=(), fenced=None, swept=False, copied=(), compared=0, source=None)
Work = namedtuple("Work", WORK, defaults=WORK.values())

# Metadata and pages are deep: they are kept once and named by a number, so that states hash fast.
kept, numbers, facts_of = [], {}, {}


def start(changes):
    """Begin a search under changed rules."""
    rules.clear()
    rules.update(RULES, **changes)
    kept.clear()
    numbers.clear()
    facts_of.clear()


def number(value):
    if value not in numbers:
        numbers[value] = len(kept)
        kept.append(value)
    return numbers[value]


def meta_of(store):
    return kept[store["meta"]] if "meta" in store else None


def events_of(meta):
    return tuple(event for ref in meta.pages for event in ref.events) + meta.tail


def entries_of(meta):
    """Every version's entry: metadata.json is always right, a page only where it is silent."""
    found = {entry.n: entry for ref in meta.pages for entry in ref.entries}
    found.update({entry.n: entry for entry in meta.versions})
    return found


def seq_of(meta):
    if meta is None:
        return 0
    return meta.tail[-1].seq if meta.tail else meta.pages[-1].events[-1].seq if meta.pages else 0


def fence_of(meta):
    return -1 if meta is None else meta.fence


def etag_of(number_of_meta):
    if rules["etag"] == "content" or number_of_meta is None:
        return number_of_meta
    meta = kept[number_of_meta]
    return ("count", meta.last, seq_of(meta))


# ---------------------------------------------------------------- requests
def apply(store, verb, key, value, condition):
    if verb == "DELETE":
        return ({k: v for k, v in store.items() if k != key}, "ok") if key in store else (store, "ok")
    if condition == "absent" and key in store:
        return store, "412"
    if isinstance(condition, tuple) and (key not in store or etag_of(store[key]) != condition[1]):
        return store, "412"
    return {**store, key: value}, "ok"


def send(state, verb, key, value=None, condition=None):
    """Every outcome of one request: (what the network did, store, net, budget, answer)."""
    store, answer = apply(state.store, verb, key, value, condition)
    lost, late, twice = state.budget
    message = (verb, key, value, condition)
    yield "", store, state.net, state.budget, answer
    if lost and answer == "ok":
        yield "; answer lost", store, state.net, (lost - 1, late, twice), "?"
        if condition:
            yield "; answer lost, repeated by a library", store, state.net, (lost - 1, late, twice), "412"
    if late:
        yield "; held back", state.store, state.net + (message,), (lost, late - 1, twice), "?"
    if twice:
        yield "; a copy comes later", store, state.net + (message,), (lost, late, twice - 1), answer


# ---------------------------------------------------------------- what an operation makes of a base
Plan = namedtuple("Plan", "state fence versions active last deleted event refusal")


def entry_for(meta, n):
    return entries_of(meta)[n]


def put_entry(versions, entry):
    return tuple(sorted([v for v in versions if v.n != entry.n] + [entry]))


def changed_entry(meta, entry, **fields):
    return entry._replace(changed=entry.changed or entry.n <= meta.sealed, **fields)


def decide(actor, meta):
    """The Plan, or None: a definite error."""
    w, op = actor.w, actor.op
    if op in ("vacuum", "resolve"):
        if meta is None:
            return Plan("void", 0, (), None, 0, 0, None, False)
        return Plan(meta.state, meta.fence + 1, meta.versions, meta.active, meta.last, meta.deleted, None, False)
    live = meta is not None and meta.state == "live"
    seq = seq_of(meta) + 1
    if op == "create" and not live:
        last = meta.last + 1 if meta else 1
        entry = Entry(last, w.key, actor.id, w.hash, "draft", False, False)
        kept_entries = meta.versions if meta else ()
        return Plan(
            "live",
            max(fence_of(meta), 0),
            kept_entries + (entry,),
            last,
            last,
            meta.deleted if meta else 0,
            Event(seq, w.event, op, last),
            False,
        )
    if not live or op == "create":
        return None
    plan = Plan("live", meta.fence, meta.versions, meta.active, meta.last, meta.deleted, None, False)
    if op in ("update", "same"):
        last = meta.last + 1
        content = actor.id if not w.shared else entry_for(meta, w.compared).content
        entry = Entry(last, w.key, content, w.hash, "draft", False, False)
        return plan._replace(
            versions=meta.versions + (entry,), active=last, last=last, event=Event(seq, w.event, op, last)
        )
    if op == "reject":
        if meta.active != w.look:
            return None  # a Conflict, and no event
        entry = entry_for(meta, meta.active)
        if entry.status != "draft":
            return plan._replace(event=Event(seq, w.event, "refused", meta.active), refusal=True)
        return plan._replace(
            versions=put_entry(meta.versions, changed_entry(meta, entry, status="rejected")),
            event=Event(seq, w.event, op, meta.active),
        )
    first = meta.deleted + 1
    if op == "rollback":
        if meta.active == first or entry_for(meta, first).purged:
            return None
        return plan._replace(
            versions=put_entry(meta.versions, entry_for(meta, first)),
            active=first,
            event=Event(seq, w.event, op, first),
        )
    if op in ("purge", "move"):
        if entry_for(meta, first).purged or (op == "move" and meta.active == first):
            return None
        versions = put_entry(meta.versions, changed_entry(meta, entry_for(meta, first), purged=True))
        for entry in sharers(meta) if op == "move" else ():
            versions = put_entry(versions, changed_entry(meta, entry, key=w.key))
        fence = meta.fence + (rules["purge"] == "fence")
        return plan._replace(fence=fence, versions=versions, event=Event(seq, w.event, op, first))
    assert op == "delete"
    return plan._replace(
        state="deleted", fence=meta.fence + 1, active=None, deleted=meta.last, event=Event(seq, w.event, op, 0)
    )


def sharers(meta):
    """The entries of other versions that use the file of the version to be purged, the first one."""
    first = meta.deleted + 1
    entries = entries_of(meta)
    return [e for n, e in entries.items() if n > first and not e.purged and e.key == entries[first].key]


def pages_needed(meta, plan):
    """(key of the page replaced or None, events, entries) of every page that the commit writes first."""
    if meta is None or not meta.tail or (plan.event is None and not rules["fences_seal"]):
        return []
    pages = []
    back = {
        v.n: v._replace(changed=False) for v in plan.versions if v.changed and v.n <= meta.sealed and v.n != plan.active
    }
    for ref in meta.pages:
        if any(entry.n in back for entry in ref.entries) and rules["write_back"] != "drop":
            pages.append((ref.key, ref.events, tuple(back.get(entry.n, entry) for entry in ref.entries)))
    unsealed = tuple(v for v in plan.versions if meta.sealed < v.n <= meta.last)
    events = meta.tail + ((plan.event,) if rules["page"] == "fixed" and plan.event else ())
    pages.append((None, events, unsealed))
    return pages


def next_meta(actor, meta, plan):
    w = actor.w
    commit = (actor.id, w.tries, actor.op) if rules["etag"] == "content" else 0
    tail, refs, sealed, versions = (
        (meta.tail, meta.pages, meta.sealed, plan.versions) if meta else ((), (), 0, plan.versions)
    )
    own = (plan.event,) if plan.event else ()
    if w.pages:
        replaced = {old: Ref(key, events, entries) for key, (old, events, entries) in w.pages}
        refs = tuple(replaced.get(ref.key, ref) for ref in refs) + (replaced[None],)
        sealed, tail = meta.last, ()
        versions = tuple(v for v in versions if v.n > sealed or v.n == plan.active)
        if rules["page"] == "fixed":
            own = ()
    copying = meta.copying if meta and plan.event is None else 0  # the number of the last event of the state to come
    return Meta(
        commit, plan.fence, plan.state, versions, plan.active, plan.last, plan.deleted, sealed, tail + own, refs, copying
    )


# ---------------------------------------------------------------- writers (also the fences of vacuum and resolve)
def own_event(w, meta):
    """The event that an unclear attempt of ours may have left: right behind its base."""
    if meta is None or w.unclear is None or rules["unclear"] == "never":
        return None
    events = meta.tail if rules["unclear"] == "tail" else events_of(meta)
    return next((e for e in events if e.id == w.event and e.seq == w.unclear + 1), None)


class Steps:
    """Collects what may happen next to one actor."""

    def __init__(self, state, actor, local):
        self.state, self.actor, self.w, self.local = state, actor, actor.w, local
        self.meta = meta_of(state.store)
        self.out = []

    def go(self, label, phase, w=None, store=None, net=None, budget=None, ghost=None, op=None):
        s = self.state
        actor = self.actor._replace(phase=phase, w=self.w if w is None else w, op=op or self.actor.op)
        self.out.append(
            (
                f"{actor.id}: {label}",
                s.store if store is None else store,
                s.net if net is None else net,
                actor,
                budget or s.budget,
                ghost or s.ghost,
            )
        )

    def tell(self, what, event=None):
        """The ghost after the caller was told `what`: done, refused, failed."""
        return self.state.ghost._replace(**{what: getattr(self.state.ghost, what) | {event or self.w.event}})

    def fail(self, label):
        self.go(
            f"{label}: says failed",
            "tidy" if self.local and self.w.key and not self.w.shared else "end",
            ghost=self.tell("failed"),
        )

    def succeed(self, label, w=None, refusal=False, **kw):
        if refusal:
            return self.go(f"{label}: refused", "end", w, ghost=self.tell("refused"), **kw)
        after = "wipe" if self.actor.op in ("delete", "purge", "move") else "end"
        if self.actor.op in ("create", "update") and rules["marker"] == "after":
            after = "late_marker"
        if self.w.given and rules["event_marker"] == "after":
            after = "late_event_marker"
        if rules["complete"] == "after" and self.local and not self.w.whole:
            after = "fill"
        self.go(f"{label}: done", after, w, ghost=self.tell("done"), **kw)

    # -- reading
    def read(self):
        w, op, meta = self.w, self.actor.op, self.meta
        own = own_event(w, meta)
        if own and op != "resolve":
            return self.succeed("reads back, its event is there", refusal=w.refusal)
        if w.given and rules["repeated"] == "look" and meta:
            marked = {key[2] for key in self.state.store if key[0] == "e" and key[1] == w.event}
            earlier = next((e for e in events_of(meta) if e.id == w.event and e.seq in marked), None)
            if earlier:
                refusal = earlier.kind == "refused" and rules["answer"] == "same"
                return self.succeed("finds an earlier call's event", refusal=refusal)
        if op != "resolve":
            w = w._replace(unclear=None)
        if w.tries >= TRIES:
            return self.go("leaves it", "end") if op in ("vacuum", "resolve") else self.fail("out of time")
        if w.fence is not None and rules["fence"] == "rule" and fence_of(meta) != w.fence:
            self.drop(w)
        else:
            self.decide_on(w._replace(fence=fence_of(meta)))

    def drop(self, w):
        """All that was uploaded counts as gone; a local stage also removes it."""
        store = self.state.store
        if self.local and w.key and not w.shared and store.get(w.key) in (self.actor.id, "hollow " + self.actor.id):
            store = {k: v for k, v in store.items() if k != w.key}
        fresh = w._replace(
            fence=None,
            key=None,
            whole=False,
            shared=False,
            marked=None,
            seq_marked=None,
            unique=True,
            names=w.names + 1,
        )
        self.go("another fence: drops its files", "read", fresh, store)

    def decide_on(self, w):
        meta, op = self.meta, self.actor.op
        if op == "same" and meta and meta.state == "live":
            gone = w.shared and (w.compared <= meta.deleted or entry_for(meta, w.compared).purged)
            if gone and rules["reuse"] == "each":
                w = w._replace(key=None, shared=False, whole=False)
            active = entry_for(meta, meta.active)
            if w.key is None and not active.purged and active.hash == w.hash:
                w = w._replace(key=active.key, shared=True, whole=True, compared=meta.active)
        w = w._replace(base=self.state.store.get("meta"), tries=w.tries + 1, pages=(), resend=False)
        plan = decide(self.actor._replace(w=w), meta)
        if plan is None:
            return self.fail("refused by its base")
        w = w._replace(refusal=plan.refusal)
        self.go("reads", self.next_phase(w, plan), w)

    def next_phase(self, w, plan):
        """What is to be written before the swap."""
        base = kept[w.base] if w.base is not None else None
        if self.actor.op in ("create", "update", "same"):
            if w.key is None:
                return "data"
            if self.local and not w.whole and rules["complete"] == "before":
                return "fill"
            if (
                rules["marker"] != "after"
                and w.marked != plan.last
                and (w.marked is None or rules["marker"] == "before")
            ):
                return "marker"
        if self.actor.op == "move" and w.key is None and sharers(base):
            return "move"
        seq = seq_of(base) + 1
        if (
            w.given
            and rules["event_marker"] != "after"
            and w.seq_marked != seq
            and (w.seq_marked is None or rules["event_marker"] == "before")
        ):
            return "event_marker"
        return "page" if len(w.pages) < len(pages_needed(base, plan)) else "swap"

    def plan(self, w=None):
        w = w or self.w
        return decide(self.actor._replace(w=w), kept[w.base] if w.base is not None else None)

    # -- uploads
    def data(self):
        w = self.w
        base = kept[w.base] if w.base is not None else None
        n = base.last + 1 if base else 1
        wanted = ("d", n, "")
        # The others are the copy's, or of the life before.
        own = w.unique or bool(base and (base.copying or (rules["reborn"] and base.state == "deleted")))
        key = ("d", n, f"{self.actor.id}.{w.names}") if own else wanted
        content = "hollow " + self.actor.id if self.local else self.actor.id
        for did, store, net, budget, answer in send(
            self.state, "PUT", key, content, "absent" if rules["claim"] == "absent" else None
        ):
            label = f"PUT {key[1:]} {answer}{did}"
            if answer == "ok" or (answer == "412" and (key != wanted or rules["taken"] == "adopt")):
                got = w._replace(key=key, whole=not self.local)
                self.go(label, self.next_phase(got, self.plan(got)), got, store, net, budget)
            else:  # taken, or nobody knows: a name of its own
                self.go(label, "data", w._replace(unique=True, names=w.names + 1), store, net, budget)

    def move(self):
        """Parts that others share are written to a file of their own."""
        w, base = self.w, kept[self.w.base]
        key = ("d", base.deleted + 1, f"{self.actor.id}.{w.names}")
        content = entry_for(base, base.deleted + 1).content
        for did, store, net, budget, answer in send(self.state, "PUT", key, content, "absent"):
            label = f"PUT {key[1:]} {answer}{did}"
            if answer == "?":
                self.go(label, "move", w._replace(names=w.names + 1), store, net, budget)
            else:
                got = w._replace(key=key, whole=True)
                self.go(label, self.next_phase(got, self.plan(got)), got, store, net, budget)

    def fill(self):
        """The rest of a local file; nothing where its name was removed meanwhile."""
        store, w = self.state.store, self.w._replace(whole=True)
        if store.get(w.key) == "hollow " + self.actor.id:
            store = {**store, w.key: self.actor.id}
        self.go(
            "completes its file", self.next_phase(w, self.plan(w)) if rules["complete"] == "before" else "end", w, store
        )

    def put_marker(self, key, w, phase_again, phase_next=None):
        for did, store, net, budget, answer in send(self.state, "PUT", key, 1):
            if answer == "?":
                self.go(f"marker {key[1:]}{did}", phase_again, None, store, net, budget)
            else:
                self.go(f"marker {key[1:]}{did}", phase_next or self.next_phase(w, self.plan(w)), w, store, net, budget)

    def marker(self):
        n = self.plan().last
        self.put_marker(("m", self.w.hash, n), self.w._replace(marked=n), "marker")

    def event_marker(self):
        seq = seq_of(kept[self.w.base] if self.w.base is not None else None) + 1
        self.put_marker(("e", self.w.event, seq), self.w._replace(seq_marked=seq), "event_marker")

    def late_marker(self):
        event = next((e for e in events_of(self.meta) if e.id == self.w.event), None)
        self.put_marker(("m", self.w.hash, event.n), self.w, "late_marker", "end")

    def late_event_marker(self):
        event = next((e for e in events_of(self.meta) if e.id == self.w.event), None)
        self.put_marker(("e", self.w.event, event.seq), self.w, "late_event_marker", "end")

    def page(self):
        w, base = self.w, kept[self.w.base]
        plan = self.plan()
        old, events, entries = body = pages_needed(base, plan)[len(w.pages)]
        key, condition = ("p", events[0].seq, f"{self.actor.id}.{w.names}.{w.tries}.{len(w.pages)}"), "absent"
        if rules["page"] == "fixed":
            key = ("p", events[0].seq, "")
        elif rules["page"] == "hash":
            key = ("p", events[0].seq, number((events, entries)))
        if old and rules["write_back"] == "place":
            key, condition = old, None
        for did, store, net, budget, answer in send(self.state, "PUT", key, number((events, entries)), condition):
            label = f"page of events {events[0].seq}-{events[-1].seq} {answer}{did}"
            if answer == "?" or (answer == "412" and rules["page"] == "own"):
                self.go(label, "page", w._replace(names=w.names + 1), store, net, budget)
            else:
                more = w._replace(pages=w.pages + ((key, body),))
                self.go(label, self.next_phase(more, plan), more, store, net, budget)

    # -- the swap
    def swap(self):
        w = self.w
        base = kept[w.base] if w.base is not None else None
        plan = self.plan()
        new = number(next_meta(self.actor, base, plan))
        condition = "absent" if base is None else ("match", etag_of(w.base))
        if rules["swap"] == "plain":
            condition = None
        for did, store, net, budget, answer in send(self.state, "PUT", "meta", new, condition):
            label = f"swap {answer}{did}"
            moved = dict(store=store, net=net, budget=budget)
            if answer == "ok" and plan.event is None:
                self.go(label, "fenced", w._replace(fenced=new), **moved)
            elif answer == "ok":
                self.succeed(label, refusal=plan.refusal, **moved)
            elif answer == "412":
                look = rules["moved"] == "look" and self.actor.op not in ("vacuum", "resolve")
                self.go(label, "read", w._replace(unclear=seq_of(base)) if look else w, **moved)
            elif plan.event is None:
                self.go(label, "back", w, **moved)
            elif rules["cleanup"]:
                cleaned = {k: v for k, v in store.items() if k != w.key}
                self.go(f"{label}: removes its files, says failed", "end", w, cleaned, net, budget, self.tell("failed"))
            elif rules["unclear"] == "failed":
                self.go(f"{label}: says failed", "end", w, ghost=self.tell("failed"), **moved)
            elif rules["unclear"] == "never":
                self.go(label, "read", w, **moved)
            else:
                self.go(label, "back", w._replace(unclear=seq_of(base)), **moved)

    def back(self):
        """No answer came: read back; the base still there, the same bytes again."""
        w, fence = self.w, self.actor.op in ("vacuum", "resolve")
        lost, late, twice = self.state.budget
        if lost and not fence:
            self.go(
                "the look fails",
                "unknown" if rules["back"] == "unknown" else "end",
                budget=(lost - 1, late, twice),
                ghost=None if rules["back"] == "unknown" else self.tell("failed"),
            )
        own = own_event(w, self.meta)
        if own and not fence:
            return self.succeed("reads back, its event is there", refusal=w.refusal)
        if etag_of(self.state.store.get("meta")) != etag_of(w.base):
            return self.go("reads back, the base has moved", "read")
        if w.tries < TRIES:
            self.go("reads back, the base is there: same bytes again", "swap", w._replace(resend=True))
        if not fence:
            self.go("out of time: OutcomeUnknown", "unknown")
        if rules["settle"] == "read" and not fence:
            self.go("the base is there: says failed", "end", ghost=self.tell("failed"))

    def unknown(self):
        self.go(
            "is asked what became of it",
            "read",
            self.w._replace(tries=0, fence=None, key=None, pages=(), base=None),
            op="resolve",
        )

    def fenced(self):
        w = self.w
        if self.actor.op == "vacuum":
            return self.go("has fenced", "list" if rules["list"] == "last" else "choose")
        own = own_event(w, kept[w.fenced])
        if own:
            return self.go(
                "resolve: it was committed", "end", ghost=self.tell("refused" if own.kind == "refused" else "done")
            )
        self.go("resolve: it never will be", "end", ghost=self.tell("failed"))

    # -- after the commit
    def tidy(self):
        """A stage that ends without a swap removes its files, where they are still its own."""
        store, mine = self.state.store, (self.actor.id, "hollow " + self.actor.id)
        if store.get(self.w.key) in mine:
            store = {k: v for k, v in store.items() if k != self.w.key}
        self.go("removes its files", "end", store=store)

    def wipe(self):
        """The data of a purged version or a deleted record go after the commit that says so."""
        w, base, op = self.w, kept[self.w.base], self.actor.op
        entries = entries_of(base)
        first = base.deleted + 1
        erased = range(first, base.last + 1) if op == "delete" else (first,)
        gone = [entries[n].key for n in erased]
        if op != "delete" and rules["spare"] and self.meta:
            used = {e.key for e in entries_of(self.meta).values() if not e.purged and e.n > self.meta.deleted}
            gone = [key for key in gone if key not in used]
        left = [key for key in gone + self.dead_markers([entries[n].hash for n in erased]) if key not in w.todo]
        if left:
            for did, store, net, budget, answer in send(self.state, "DELETE", left[0]):
                again = w._replace(todo=w.todo + (left[0],)) if answer == "ok" else w
                self.go(f"DELETE {left[0][1:]}{did}", "wipe", again, store, net, budget)
        elif gone and rules["sweep"] and not w.swept:
            self.go("waits until no old request lives, and again", "wipe", w._replace(swept=True, todo=()), net=())
        elif op == "delete" and not rules["tombstone"]:
            for did, store, net, budget, answer in send(self.state, "DELETE", "meta"):
                self.go(f"DELETE metadata.json{did}", "end", w, store, net, budget)
        elif gone:
            said = {(entries[n].key, entries[n].content) for n in erased if entries[n].key in gone}
            self.go("says erased", "end", ghost=self.state.ghost._replace(erased=self.state.ghost.erased | said))
        else:
            self.go("ends", "end")

    def dead_markers(self, hashes):
        """Markers with these hashes of versions that are not there, by the metadata of now."""
        meta = self.meta
        if meta is None:
            return []
        entries = entries_of(meta)
        alive = {(e.hash, e.n) for e in entries.values() if not e.purged and e.n > meta.deleted}
        found = sorted(key for key in self.state.store if key[0] == "m" and key[1] in hashes)
        return [key for key in found if (key[2] <= meta.last or rules["unmark"] == "all") and key[1:] not in alive]

    # -- vacuum
    def list(self):
        seen = tuple(sorted((k for k in self.state.store if k[0] in "dp"), key=repr))
        after = {"none": "choose"}.get(
            rules["fence"], "choose" if rules["list"] == "last" and self.w.fenced else "look"
        )
        self.go("lists", after, self.w._replace(todo=seen))

    def may_go(self, meta):
        used = set()
        if meta:
            used = {e.key for e in entries_of(meta).values() if not e.purged and e.n > meta.deleted} | {
                r.key for r in meta.pages
            }
        last = meta.last if meta else 0
        may_claim = rules["future"] and not (meta and meta.state == "deleted")
        claimable = lambda k: may_claim and k[0] == "d" and k[2] == "" and k[1] > last
        return tuple(k for k in self.w.todo if k not in used and not claimable(k))

    def look(self):
        """Nothing to remove: no fence, no commit."""
        found = self.may_go(self.meta)
        if self.meta and self.meta.copying:
            return self.go("leaves what is being copied into", "end")
        if rules["list"] == "last":
            return self.go("goes to fence", "read")
        if not found:
            return self.go("nothing to remove", "end")
        if self.meta is None and not rules["void"]:
            return self.go("no record, no fence", "delete", self.w._replace(todo=found))
        self.go("looks", "read", self.w._replace(todo=found) if rules["judge"] == "before" else None)

    def choose(self):
        meta = self.meta if rules["judge"] == "after" or self.w.fenced is None else kept[self.w.fenced]
        found = self.w.todo if rules["judge"] == "before" else self.may_go(meta)
        if meta and meta.copying:
            found = ()
        self.go("chooses", "delete", self.w._replace(todo=found))

    def delete(self):
        if not self.w.todo:
            return self.go("ends", "end", Work())
        key = self.w.todo[0]
        for did, store, net, budget, answer in send(self.state, "DELETE", key):
            self.go(f"DELETE {key[1:]}{did}", "delete", self.w._replace(todo=self.w.todo[1:]), store, net, budget)

    # -- a reader of the active version
    def open(self):
        if self.meta is None or self.meta.state != "live":
            return self.go("finds no record", "end")
        self.go("reads metadata", "parts", self.w._replace(base=self.state.store["meta"]))

    def parts(self):
        fault = missing(self.state.store, kept[self.w.base], only=kept[self.w.base].active)
        self.go("misses something" if fault else "reads all", "again" if fault else "end")

    def again(self):
        old, meta = kept[self.w.base], self.meta
        entry = entries_of(meta).get(old.active) if meta else None
        if meta is None or meta.state != "live" or entry.purged or entry.n <= meta.deleted:
            return self.go("says purged or deleted", "end")
        if meta == old:
            return self.go("says Corruption", "end", ghost=self.state.ghost._replace(bad="a reader sees Corruption"))
        self.go("newer metadata: starts again", "parts", self.w._replace(base=self.state.store["meta"]))

    # -- a backup: copies of kinds of objects, one kind after the other
    def copy(self):
        order = ("metp", "p", "d") if rules["backup"] == "metadata" else ("p", "d", "metp")
        at, copied = self.w.tries, dict(self.w.copied)
        if at < 3:
            copied.update(
                {k: v for k, v in self.state.store.items() if k == "meta" and order[at] == "metp" or k[0] == order[at]}
            )
            return self.go(
                f"copies {order[at]}",
                "copy",
                self.w._replace(tries=at + 1, copied=tuple(sorted(copied.items(), key=repr))),
            )
        meta = meta_of(copied)
        fault = missing(copied, meta) if meta else None
        if fault and rules["recheck"] and rules["backup"] == "metadata":
            return self.go("misses something: this record again", "copy", self.w._replace(tries=0, copied=()))
        ghost = self.state.ghost._replace(bad=f"backup: {fault}") if fault else None
        self.go("ends", "end", Work(), ghost=ghost)


# ---------------------------------------------------------------- what must be true in every state
def missing(store, meta, only=None):
    for n, entry in entries_of(meta).items():
        if entry.purged or n <= meta.deleted or (only and n != only):
            continue
        if store.get(entry.key) != entry.content:
            return f"version {n} refers to {entry.key[1:]}, which is {'missing' if entry.key not in store else 'other content'}"
    for ref in meta.pages:
        if ref.key not in store or kept[store[ref.key]] != (ref.events, ref.entries):
            return f"a reference to a page that is missing or another: {ref.key[1:]}"
    return None


def facts(meta_number):
    """What one metadata says by itself: (fault, kind of event by id, markers)."""
    if meta_number in facts_of:
        return facts_of[meta_number]
    meta = kept[meta_number]
    events, entries = events_of(meta), entries_of(meta)
    status, active, fault, made = {}, None, None, 0
    for place, event in enumerate(events, 1):
        if event.seq != place:
            fault = f"the history is not dense: {[tuple(e) for e in events]}"
        if event.kind in ("create", "update", "same"):
            made += 1
            fault = fault or (event.n != made and "versions are not dense") or None
            status[event.n], active = "draft", event.n
        elif event.kind == "reject":
            fault = fault or (event.n != active and "a version was reviewed unseen") or None
            fault = fault or (status.get(event.n) != "draft" and "a version was reviewed twice") or None
            status[event.n] = "rejected"
        elif event.kind in ("rollback", "delete"):
            active = event.n or None
    ids = [event.id for event in events]
    if len(set(ids)) != len(ids):
        fault = f"an event is there twice: {ids}"
    said = {n: entry.status for n, entry in entries.items()}
    if not fault and said != status:
        fault = f"the entries say {said}, the history says {status}"
    if not fault and (active != meta.active or made != meta.last):
        fault = "active version or highest number is not what the history says"
    markers = frozenset(("m", e.hash, n) for n, e in entries.items() if not e.purged and n > meta.deleted)
    facts_of[meta_number] = fault, {event.id: event.kind for event in events}, markers
    return facts_of[meta_number]


def violation(state, repeats):
    store, ghost = state.store, state.ghost
    if ghost.bad:
        return ghost.bad
    meta = meta_of(store)
    if meta is None:
        return "the acknowledged history is gone" if rules["tombstone"] and (ghost.done or ghost.had) else None
    fault = missing(store, meta)
    if fault or not rules["tombstone"]:
        return fault
    fault, kinds, markers = facts(store["meta"])
    if fault:
        return fault
    for event in ghost.done | ghost.had:
        if kinds.get(event, "refused") == "refused":
            return f"{event} was acknowledged, but is lost or was refused"
    for event in ghost.failed:
        if event in kinds and event not in repeats:
            return f"{event} was called failed, but is committed"
    for event in ghost.refused:
        if kinds.get(event, "refused") != "refused":
            return f"{event} was called refused, but is committed"
    if any(marker not in store for marker in markers):
        return "a committed version has no marker"
    if any(store.get(key) == content for key, content in ghost.erased):
        return "data said to be erased are there again"
    return None
