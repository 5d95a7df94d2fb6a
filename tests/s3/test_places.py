"""The tool on s3://: every verb, and the usual mistakes."""

import subprocess

import boto3
import pytest

import servers
from cli import must, must_json, must_verify, run, skip_unless_built

skip_unless_built()

FIRST = "depth,soil\n0.5,clay\n1.5,sand\n"
SECOND = "depth,soil\n0.5,clay\n1.5,gravel\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "first.csv").write_text(FIRST)
    (tmp_path / "second.csv").write_text(SECOND)
    return tmp_path


@pytest.fixture
def more(files):
    (files / "more.csv").write_text("depth,soil\n9.5,peat\n")


def test_every_verb(place, files, more, tmp_path):
    assert f"Made a store at {place}" in must(place, "init", place)
    assert "There is a store already" in must(place, "init", place)
    must(place, "create", "BH-7", files / "first.csv", "-a", "site=HKZ1", "-m", "first readings")
    must(place, "approve", "BH-7", "--by", "k.brandt", "--meaning", "approved for design")
    must(place, "update", "BH-7", files / "second.csv", "-m", "soil mended")
    must(place, "reject", "BH-7", "--by", "k.brandt", "-m", "wrong sample")
    must(place, "append", "BH-7", files / "first.csv")
    must(place, "delete-rows", "BH-7", "--where", "soil = 'clay'")
    must(place, "rollback", "BH-7", "3", "-m", "all of them")
    must(place, "upsert", "BH-7", files / "more.csv", "--key", "depth")
    assert run(place, "read", "BH-7", "-f", "csv", "--where", "depth > 2").stdout == "depth,soil\n9.5,peat\n"
    must(place, "rollback", "BH-7", "3", "-m", "all of them")
    must(place, "tag", "BH-7@v1", "design-freeze")
    must(place, "attributes", "BH-7", "site=HKZ2")
    must(place, "policy", "BH-7", "warn")
    must(place, "rollback", "BH-7", "1", "-m", "back to the approved one")
    assert run(place, "read", "BH-7", "-f", "csv").stdout == FIRST
    filtered = run(place, "read", "BH-7@head", "-f", "csv", "--where", "depth > 1").stdout
    assert filtered == "depth,soil\n1.5,gravel\n1.5,sand\n9.5,peat\n"
    must(place, "export", "BH-7@v2", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == SECOND
    assert "BH-7" in must(place, "list", "--status", "approved")
    assert "BH-7" in must(place, "info", "BH-7")
    assert "rolled back" in must(place, "log", "BH-7")
    content = must_json(place, "versions", "BH-7")["versions"][0]["duplicate_hash"]
    assert "BH-7" in must(place, "find", content)
    must(place, "drift", "BH-7", files / "second.csv")
    assert "no faults" in must(place, "verify", "--deep")
    seal = tmp_path / "seal.json"
    must(place, "seal", "-o", seal)
    assert "no faults" in must(place, "verify", "--seal", seal)
    must(place, "vacuum", "--grace", "0")
    assert "BH-7" in must(place, "changes")
    must(place, "repair")
    must(place, "purge", "BH-7", "v2", "-m", "why")
    must(place, "redact", "BH-7", "--event", "1", "--text", "comment", "-m", "why")
    must(place, "copy", tmp_path / "copy")
    must(place, "stats")
    must(place, "settings", "default_selector=approved")
    must_verify(place)


def test_it_is_not_a_store(place):
    said = must(place, "list", code=3)
    assert f"There is no store at {place}." in said and f"coreshed init {place} " in said


def test_no_bucket_given(endpoint):
    assert "names no bucket" in must("s3://", "list", code=11)
    assert "can't be a bucket" in must("s3://A_b/x", "init", "s3://A_b/x", code=11)


def test_there_is_no_such_bucket(endpoint):
    said = must("s3://no-such-bucket-here/x", "list", code=12)
    assert "no such bucket" in said and endpoint in said
    must("s3://no-such-bucket-here/x", "init", "s3://no-such-bucket-here/x", code=12)


def test_wrong_credentials(place, endpoints, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoints["versitygw"])  # moto looks at none
    must(place, "init", place)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    assert "secret is another one" in must(place, "list", code=12)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    assert "does not know this access key" in must(place, "list", code=12)


def test_nobody_answers(place, monkeypatch):
    with_nobody = f"http://127.0.0.1:{servers.free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", with_nobody)
    said = must(place, "--timeout", "1", "list", code=12)
    assert with_nobody in said and "got no answer" in said


def test_no_quiet_fall_back_to_local_files(place, files, monkeypatch):
    monkeypatch.chdir(files)
    must(place, "init", place)
    assert sorted(path.name for path in files.iterdir() if path.name != "cache") == ["first.csv", "second.csv"]
    for wrong in ("s3:/bucket/x", "S3://bucket/x", "http://bucket/x"):
        run(wrong, "init", wrong)
        assert not any(path.is_dir() and path.name != "cache" for path in files.iterdir()), wrong


def put(endpoint, place, key, text):
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    bucket, prefix = place.removeprefix("s3://").split("/")
    client.put_object(Bucket=bucket, Key=f"{prefix}/{key}", Body=text.encode())


def test_foreign_objects_and_garbage(endpoint, place, files):
    must(place, "init", place)
    must(place, "create", "BH-7", files / "first.csv")
    must(place, "create", "BH-8", files / "first.csv")
    for key in ("records/BH-7/notes.txt", "records/readme", "holiday/photo.jpg", "content/xx", "records/%zz/metadata.json"):
        put(endpoint, place, key, "not ours")
    must(place, "read", "BH-7")
    put(endpoint, place, "records/BH-7/metadata.json", "garbage")
    assert "BH-7" in must(place, "read", "BH-7", code=10)
    must(place, "update", "BH-7", files / "second.csv", code=10)
    must(place, "create", "BH-7", files / "second.csv", code=10)
    must(place, "update", "BH-8", files / "second.csv")
    assert "BH-8" in must(place, "list")
    assert "BH-7" in must(place, "verify", code=1)


@pytest.mark.parametrize("endpoint", ["moto"], indirect=True)
def test_clocks_two_hours_apart(way, place, files):
    """The server's clock counts, also for signatures, after it has refused the first."""
    from datetime import datetime, timedelta, timezone
    from email.utils import format_datetime

    def now():
        return datetime.now(timezone.utc) + timedelta(hours=2)

    def strict(request, status, headers, body):
        signed = {name.lower(): value for name, value in request.headers.items()}["x-amz-date"]
        said = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        headers = [pair for pair in headers if pair[0].lower() != "date"]
        headers.append(("Date", format_datetime(now(), usegmt=True)))
        if abs(now() - said) > timedelta(minutes=15):
            return 403, headers, b"<Error><Code>RequestTimeTooSkewed</Code></Error>"
        return status, headers, body

    must(place, "init", place)
    way.edit = strict
    must(place, "create", "BH-7", files / "first.csv")
    time = must_json(place, "log", "BH-7")["events"][0]["time"]
    assert abs(now() - datetime.fromisoformat(time.replace("Z", "+00:00"))) < timedelta(minutes=1)


@pytest.mark.parametrize("endpoint", ["moto"], indirect=True)
def test_a_server_that_ignores_conditions_is_refused(way, place, files):
    """Conditions are taken out on their way, as old servers do that do not know them."""
    forward = way.forward

    def without_conditions(method, target, headers, body):
        kept = {name: value for name, value in headers.items() if not name.lower().startswith("if-")}
        return forward(method, target, kept, body)

    way.forward = without_conditions
    said = must(place, "init", place, code=13)
    assert "overwrote an object" in said
    must(place, "list", code=3)  # nothing was made
    way.forward = forward
    must(place, "init", place)
    way.forward = without_conditions
    assert "does not look at conditions" in must(place, "create", "BH-7", files / "first.csv", code=13)
    way.forward = forward
    assert must_json(place, "list")["records"] == []


def test_lifecycle_rules(way, place):
    rules = b"""<LifecycleConfiguration><Rule><ID>tidy-up</ID><Status>Enabled</Status>
        <Filter><Prefix></Prefix></Filter><Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>"""

    def edit(request, status, headers, body):
        return (200, [], rules) if "lifecycle" in request.query else (status, headers, body)

    way.edit = edit
    said = must(place, "init", place, code=13)
    assert "tidy-up" in said and "expires" in said


@pytest.mark.parametrize("endpoint", ["versitygw"], indirect=True)
def test_credentials_of_a_profile(place, tmp_path, monkeypatch):
    """Found by AWS's own library, which is loaded only for that."""
    must(place, "init", place)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert "There are no credentials" in must(place, "list", code=12)
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id = nobody\naws_secret_access_key = wrong\n"
        f"[tests]\naws_access_key_id = {servers.KEY}\naws_secret_access_key = {servers.SECRET}\n"
    )
    assert "does not know this access key" in must(place, "list", code=12)
    monkeypatch.setenv("AWS_PROFILE", "tests")
    must(place, "list")


@pytest.mark.parametrize("endpoint", ["versitygw"], indirect=True)
def test_certificates_are_checked(endpoint, tmp_path, monkeypatch):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *subject]
    subprocess.run([*command, "-keyout", key, "-out", certificate, "-days", "1"], check=True, capture_output=True)
    folder = tmp_path / "server"
    folder.mkdir()
    place = f"s3://{servers.BUCKET}/tls"
    with servers.versitygw_running(folder, (certificate, key)) as secure:
        monkeypatch.setenv("AWS_ENDPOINT_URL", secure)
        assert "certificate" in must(place, "--timeout", "1", "init", place, code=12)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        must(place, "init", place)


def test_many_writers(place, files):
    """Eight processes, ten updates each, none lost."""
    from concurrent.futures import ThreadPoolExecutor

    must(place, "init", place)
    must(place, "create", "BH-7", files / "first.csv")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: must(place, "update", "BH-7", files / "second.csv"), range(80)))
    events = must_json(place, "log", "BH-7")["events"]
    assert sorted(event["version"] for event in events) == list(range(1, 82))
    must_verify(place)
