"""What is erased from a store on S3 is gone, also from a bucket that keeps versions of its objects."""

import uuid
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import boto3
import pytest

from cli import must, must_json, must_verify, run, skip_unless_built

skip_unless_built()

SECRET = "Jane Doe"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "first.csv").write_text(f"patient,dose\n{SECRET},7\n")
    (tmp_path / "second.csv").write_text("patient,dose\nP-02,7\n")
    return tmp_path


@pytest.fixture
def bucket(endpoint):
    """A bucket that keeps versions."""
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    name = f"kept-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return client, name


def bodies(client, name):
    """Every version of every object, also of those that were deleted."""
    pages = client.get_paginator("list_object_versions").paginate(Bucket=name)
    versions = [version for page in pages for version in page.get("Versions", [])]
    return {
        (version["Key"], version["VersionId"]): client.get_object(
            Bucket=name, Key=version["Key"], VersionId=version["VersionId"]
        )["Body"].read()
        for version in versions
    }


@pytest.mark.parametrize("endpoint", ["moto"], indirect=True)  # versitygw keeps versions only where it is told to
def test_no_version_of_any_object_is_left(bucket, files):
    client, name = bucket
    place = f"s3://{name}/store"
    must(place, "init", place)
    must(place, "create", "trial-7", files / "first.csv", "-m", f"{SECRET} asked for it")
    must(place, "update", "trial-7", files / "second.csv")
    held = bodies(client, name)
    assert any(SECRET.encode() in body for body in held.values())
    must(place, "purge", "trial-7", "v1", "-m", "names a person")
    must(place, "redact", "trial-7", "--event", "1", "--text", "comment", "-m", "names a person")
    left = bodies(client, name)
    assert not [key for key, body in left.items() if SECRET.encode() in body]
    assert not [key for key, _ in left if "versions/v1" in key]
    assert run(place, "read", "trial-7", "-f", "csv").stdout == "patient,dose\nP-02,7\n"
    must_verify(place)


def test_it_is_over_when_no_request_can_come_late_any_more(place, files):
    must(place, "init", place)
    must(place, "create", "trial-7", files / "first.csv")
    must(place, "update", "trial-7", files / "second.csv")
    done = must_json(place, "purge", "trial-7", "v1", "-m", "names a person")
    assert done["files"] == 1 and not done["erased"]
    again = datetime.fromisoformat(done["again_after"])
    assert timedelta(minutes=50) < again - datetime.now(timezone.utc) < timedelta(minutes=61)
    assert "not over" in must(place, "purge", "trial-7", "v1", "-m", "names a person")
    kinds = [event["event_type"] for event in must_json(place, "log", "trial-7")["events"]]
    assert kinds == ["create", "update", "purge"]


@pytest.mark.parametrize("endpoint", ["moto"], indirect=True)
def test_an_hour_later_the_history_says_so(way, place, files):
    must(place, "init", place)
    must(place, "create", "trial-7", files / "first.csv")
    must(place, "update", "trial-7", files / "second.csv")
    assert not must_json(place, "purge", "trial-7", "v1", "-m", "names a person")["erased"]

    way.edit = an_hour_later
    assert must_json(place, "purge", "trial-7", "v1", "-m", "names a person")["erased"]
    kinds = [event["event_type"] for event in must_json(place, "log", "trial-7")["events"]]
    assert kinds == ["create", "update", "purge", "erased"]
    must_verify(place)


def later(**how_much):
    """Answers of a server whose clock is ahead."""

    def edit(request, status, headers, body):
        date = format_datetime(datetime.now(timezone.utc) + timedelta(**how_much), usegmt=True)
        return status, [pair for pair in headers if pair[0].lower() != "date"] + [("Date", date)], body

    return edit


an_hour_later = later(minutes=61)


@pytest.mark.parametrize("endpoint", ["moto"], indirect=True)
def test_a_clock_that_was_years_ahead_puts_nothing_off(way, place, files):
    must(place, "init", place)
    way.edit = later(days=2000)
    must(place, "create", "trial-7", files / "first.csv")
    must(place, "update", "trial-7", files / "second.csv")
    way.edit = later()
    purge = ("purge", "trial-7", "v1", "-m", "names a person")
    soon = datetime.now(timezone.utc) + timedelta(minutes=61)
    for _ in range(2):
        assert datetime.fromisoformat(must_json(place, *purge)["again_after"]) < soon
    way.edit = an_hour_later
    assert must_json(place, *purge)["erased"]
    must_verify(place)


def test_parts_of_uploads_that_were_never_completed_go_too(place, endpoint, files):
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    name, _, prefix = place.removeprefix("s3://").partition("/")
    must(place, "init", place)
    must(place, "settings", "allow_delete=true")
    for record in ("trial-7", "trial-70"):
        must(place, "create", record, files / "first.csv")
        key = f"{prefix}/records/{record}/versions/v2-{uuid.uuid4().hex}.parquet"
        upload = client.create_multipart_upload(Bucket=name, Key=key)["UploadId"]
        client.upload_part(Bucket=name, Key=key, PartNumber=1, UploadId=upload, Body=SECRET.encode())
    must(place, "delete", "trial-7", "-m", "why")
    left = [one["Key"] for one in client.list_multipart_uploads(Bucket=name, Prefix=prefix).get("Uploads", [])]
    assert len(left) == 1 and "/trial-70/" in left[0]


@pytest.mark.parametrize("endpoint", ["versitygw"], indirect=True)  # moto answers 500
def test_a_writer_whose_upload_was_ended_says_so(way, place, endpoint, tmp_path):
    """As a vacuum without a grace period does, or an erasure of the record."""
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    name, _, prefix = place.removeprefix("s3://").partition("/")
    with open(tmp_path / "big.csv", "w") as file:
        file.write("token\n")
        file.writelines(uuid.uuid4().hex + uuid.uuid4().hex + "\n" for _ in range(700_000))  # files of more than 8 MiB
    must(place, "init", place)
    ended = []

    def end_the_first(request):
        if request.method == "PUT" and "partNumber=1&" in request.query + "&" and not ended:
            for upload in client.list_multipart_uploads(Bucket=name, Prefix=prefix)["Uploads"]:
                client.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
                ended.append(upload)

    way.fault = end_the_first
    said = must(place, "create", "trial-7", tmp_path / "big.csv", code=5)  # its rows came as a stream
    assert ended and "Nothing was changed: try again" in said
    must(place, "create", "trial-7", tmp_path / "big.csv")
    must_verify(place)
    assert run(place, "read", "trial-7", "-f", "csv").stdout == (tmp_path / "big.csv").read_text()


@pytest.mark.parametrize("endpoint", ["moto"], indirect=True)
def test_what_is_erased_at_a_copy_stays_to_be_removed_for_an_hour(way, place, files, tmp_path):
    here = tmp_path / "here"
    must(here, "init", here)
    must(here, "create", "trial-7", files / "first.csv")
    must(here, "update", "trial-7", files / "second.csv")
    must(here, "copy", place)
    must(here, "purge", "trial-7", "v1", "-m", "names a person")
    assert must_json(here, "copy", place)["again_after"]
    assert "to_sweep" in must(place, "info", "trial-7", "--raw")
    assert must_json(here, "copy", place)["again_after"]
    way.edit = an_hour_later
    assert not must_json(here, "copy", place)["again_after"]
    assert "to_sweep" not in must(place, "info", "trial-7", "--raw")
    must_verify(place)


def test_copies_between_a_folder_and_s3(place, files, tmp_path):
    here, back = tmp_path / "here", tmp_path / "back"
    must(here, "init", here)
    must(here, "settings", "allow_delete=true")
    for number in range(30):
        must(here, "create", f"R-{number}", files / "first.csv")
    must(here, "update", "R-0", files / "second.csv")
    assert must_json(here, "copy", place)["copied"] == 31
    assert must_json(here, "copy", place)["copied"] == 0
    must_verify(place)
    must(here, "purge", "R-0", "v1", "-m", "why")
    must(here, "delete", "R-1", "-m", "why")
    must(here, "update", "R-2", files / "second.csv")
    done = must_json(here, "copy", place)
    assert (done["copied"], done["files"], done["faults"]) == (3, 1, [])
    soon = timedelta(minutes=61)
    assert timedelta(0) < datetime.fromisoformat(done["again_after"]) - datetime.now(timezone.utc) < soon
    assert must_json(place, "copy", back)["copied"] == 31
    for store in (place, back):
        must_verify(store)
        for record in ("R-0", "R-2", "R-29"):
            assert must_json(store, "log", record) == must_json(here, "log", record)
            assert must_json(store, "read", record) == must_json(here, "read", record)
        must(store, "read", "R-1", code=3)
