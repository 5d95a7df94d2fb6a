"""The steps of a copy into a record, of what another place has (spec/commit.md, "Copying"), beside those of
protocol_steps.py. `w.source` is the number of the metadata there.
"""

from protocol_steps import (
    TRIES,
    Meta,
    Steps,
    entries_of,
    etag_of,
    events_of,
    fence_of,
    kept,
    number,
    rules,
    send,
    seq_of,
)


class CopySteps(Steps):
    def begin(self):
        """Say so first."""
        w, meta = self.w, self.meta
        if w.tries >= TRIES:
            return self.go("gives up", "end")
        to_come, said = seq_of(kept[w.source]), meta.copying if meta else 0
        if rules["copying"] == "flag":
            to_come = said or to_come
        if said > to_come:
            return self.go("a newer state is to come", "end")
        if not rules["copying"] or said == to_come:
            return self.go("begins", "fetch", w._replace(fence=fence_of(meta), tries=w.tries + 1, todo=()))
        commit = (self.actor.id, w.tries, "begin")
        if meta:
            new = meta._replace(commit=commit, fence=meta.fence + (not said), copying=to_come)
        else:
            new = Meta(commit, 0, "void", (), None, 0, 0, 0, (), (), to_come)
        condition = ("match", etag_of(self.state.store["meta"])) if meta else "absent"
        for did, store, net, budget, answer in send(self.state, "PUT", "meta", number(new), condition):
            self.go(f"begins a copy {answer}{did}", "begin", w._replace(tries=w.tries + 1), store, net, budget)

    def fetch(self):
        w = self.w
        source = kept[w.source]
        needed = {ref.key: number((ref.events, ref.entries)) for ref in source.pages}
        needed.update({e.key: e.content for e in entries_of(source).values()})
        needed.update({("m", e.hash, e.n): 1 for e in entries_of(source).values()})
        left = [key for key in needed if key not in w.todo]
        if not left:
            return self.go("has all", "finish")
        key = left[0]
        done = w._replace(todo=w.todo + (key,))
        if self.state.store.get(key) == needed[key]:
            return self.go(f"finds {key[1:]}", "fetch", done)
        for did, store, net, budget, answer in send(self.state, "PUT", key, needed[key], "absent"):
            self.go(f"copies {key[1:]} {answer}{did}", "fetch", done if answer == "ok" else w, store, net, budget)

    def finish(self):
        w, meta, source = self.w, self.meta, kept[self.w.source]
        behind = meta is None or (seq_of(meta) < seq_of(source) and events_of(meta) == events_of(source)[: seq_of(meta)])
        if not behind:
            return self.go("finds a history of its own, or its own commit", "end")
        other = {"state": meta and meta.copying != seq_of(source), "flag": meta and not meta.copying, False: False}
        if fence_of(meta) != w.fence or other[rules["copying"]]:
            return self.go("another fence: again", "begin")
        new = source._replace(commit=(self.actor.id, w.tries, "copy"), fence=max(meta.fence + 1 if meta else 0, source.fence))
        condition = ("match", etag_of(self.state.store["meta"])) if meta else "absent"
        for did, store, net, budget, answer in send(self.state, "PUT", "meta", number(new), condition):
            moved = dict(store=store, net=net, budget=budget)
            if answer == "ok":
                done = self.state.ghost.done | {event.id for event in events_of(source)}
                self.go(f"completes {answer}{did}", "end", ghost=self.state.ghost._replace(done=done), **moved)
            else:
                self.go(f"completes {answer}{did}", "begin", **moved)
