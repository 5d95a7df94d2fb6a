"""Each request of each verb fails in turn, in every way. Afterwards the store has no faults, the record is exactly as it
was before or as it was meant to be, what the tool said agrees with that, and the same call again brings it there."""

import itertools
import json

import pytest

from cli import must, must_json, must_verify, run, skip_unless_built, without_times_and_ids

skip_unless_built()

FAULTS = ("drop", "lose", "late")
EVENT_ID = "0123456789abcdef0123456789abcdef"
RECORD = "BH-7"
CASES = {
    "create": ([], ("create", "{id}", "data={first}", "lab={lab}")),
    "update": ([("create", "{id}", "data={first}", "lab={lab}")], ("update", "{id}", "data={second}", "lab={lab}")),
    "approve": ([("create", "{id}", "data={first}")], ("approve", "{id}", "--by", "k.brandt")),
    "rollback": (
        [("create", "{id}", "data={first}"), ("update", "{id}", "data={second}")],
        ("rollback", "{id}", "v1", "-m", "wrong file"),
    ),
}
TABLES = {
    "first": "depth,soil\n0.5,clay\n1.5,sand\n",
    "second": "depth,soil\n0.5,clay\n1.5,gravel\n",
    "lab": "sample,w\n1,0.25\n",
}


@pytest.fixture
def files(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return {name: tmp_path / f"{name}.csv" for name in TABLES}


def state(place, record_id):
    """History and rows of a record, without times, ids and its name; None where there is none."""
    log = run(place, "--json", "log", record_id)
    if log.returncode == 3:
        return None
    seen = [json.loads(log.stdout), must_json(place, "read", f"{record_id}#data")]
    return json.loads(json.dumps(without_times_and_ids(seen)).replace(f'"{record_id}"', '"the record"'))


@pytest.mark.parametrize("endpoint", ["versitygw"], indirect=True)
@pytest.mark.parametrize(
    ("verb", "fault"),
    [*itertools.product(CASES, FAULTS), *itertools.product(["update"], ["twice", 500, "lose500"])],
)
def test_every_request_fails_once(way, place, files, verb, fault):
    before_calls, call = CASES[verb]
    must(place, "init", place)

    def words(call, record_id):
        return [word.format(id=record_id, **files) for word in call]

    def prepare(record_id):
        for earlier in before_calls:
            must(place, *words(earlier, record_id))

    prepare("model")
    before = state(place, "model")
    must(place, *words(call, "model"))
    after = state(place, "model")
    number = 0
    while True:
        number += 1
        record_id = f"BH-{number}"
        prepare(record_id)
        way.clear()
        way.fault = lambda request, at=number: fault if request.number == at else None
        done = run(place, *words(call, record_id), "--event-id", EVENT_ID)
        way.fault = lambda request: None
        if number > len(way.log):
            break
        what = f"{fault} at {number}: {way.log[number - 1].what}\n{done.stdout}{done.stderr}"
        way.deliver_late()
        found = state(place, record_id)
        assert found in (before, after), what
        if done.returncode == 0:
            assert found == after, what
        elif done.returncode != 15:  # outcome unknown
            assert found == before, what
        must(place, *words(call, record_id), "--event-id", EVENT_ID)
        assert state(place, record_id) == after, what
    must_verify(place)
    assert number > 5


def test_a_server_that_is_busy_for_a_while(way, place, files):
    must(place, "init", place)
    refused = {}

    def busy(request):
        refused[request.path] = refused.get(request.path, 0) + 1
        return 503 if refused[request.path] <= 2 else None

    way.fault = busy
    must(place, "create", RECORD, files["first"])
    must_verify(place)
    assert max(refused.values()) >= 3


def test_a_server_that_stays_away(way, place, files):
    must(place, "init", place)
    must(place, "create", RECORD, files["first"])
    before = state(place, RECORD)
    for fault in ("drop", 503):
        way.fault = lambda request, fault=fault: fault
        said = must(place, "--timeout", "1", "update", RECORD, files["first"], code=12)
        assert "s3://" in said
    way.fault = lambda request: None
    assert state(place, RECORD) == before
    must_verify(place)


def test_credentials_that_expire_midway(way, place, files):
    must(place, "init", place)
    must(place, "create", RECORD, files["first"])
    before = state(place, RECORD)
    expired = b"<Error><Code>ExpiredToken</Code><Message>injected</Message></Error>"
    for number in range(1, 5):
        way.clear()
        way.edit = lambda request, *answer, at=number: (403, [], expired) if request.number >= at else answer
        way.fault = lambda request, at=number: "refuse" if request.number >= at else None
        said = must(place, "update", RECORD, files["second"], code=12)
        assert "expired" in said, said
        way.edit, way.fault = (lambda request, *answer: answer), (lambda request: None)
        assert state(place, RECORD) == before
    must(place, "update", RECORD, files["second"])
    must_verify(place)


def test_the_answer_of_the_swap_stays_away(way, place, files):
    """Lost for good: the tool may not say "failed" about what was done."""
    must(place, "init", place)
    must(place, "create", RECORD, files["first"])
    lost = []

    def after_the_swap(request):
        if request.method == "PUT" and request.path.endswith("/metadata.json"):
            lost.append(request)
            return "lose"
        return "drop" if lost else None

    way.fault = after_the_swap
    said = must(place, "--timeout", "2", "update", RECORD, files["first"], code=15)
    way.fault = lambda request: None
    words = said.split("coreshed resolve ")[1].split()[:3]
    assert "It happened: update" in must(place, "resolve", *(word.strip(".'\"") for word in words))
