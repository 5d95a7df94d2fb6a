"""Files uploaded to a store on S3: what they leave there, and who else may be at work."""

import subprocess

import boto3
import pytest

from cli import command, environment_of, must, must_json, must_verify, skip_unless_built

skip_unless_built()


HOLES = "hole,depth\nBH-7,1.5\nBH-8,3\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "holes.csv").write_text(HOLES)
    (tmp_path / "more.csv").write_text(HOLES + "BH-9,4\n")
    return tmp_path


@pytest.fixture
def keys(endpoint, place):
    """The keys of the store that hold data or files."""
    bucket, prefix = place.removeprefix("s3://").split("/", 1)
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")

    def found():
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        every = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return sorted(key for key in every if "/versions/" in key or "/sources/" in key)

    return found


def upload(place, file, *options, code=0):
    return must(place, "upload", file, "--name", "holes", *options, code=code)


def record(place):
    return must_json(place, "list")["records"][0]["record_id"]


def test_what_is_not_needed_is_not_left(place, files, keys):
    must(place, "init", place)
    upload(place, files / "holes.csv")
    upload(place, files / "more.csv", "--overwrite")
    before = keys()
    assert len(before) == 4
    assert "is the active one again" in upload(place, files / "holes.csv", "--overwrite")
    upload(place, files / "holes.csv", "--overwrite")
    assert keys() == before
    must(place, "rollback", record(place), "v2")
    must(place, "purge", record(place), "v1", "-m", "names a person")
    assert len(keys()) == 2
    must_verify(place)


def test_a_file_whose_dataset_changes_meanwhile_is_read_again(way, place, files):
    """The stream of a large file can't be written twice, the file can be read twice."""
    lines = ["hole,depth"] + [f"BH-{n},{n}" for n in range(150_000)]
    (files / "large.csv").write_text("\n".join(lines) + "\n")
    must(place, "init", place)
    begun = [
        subprocess.Popen(
            command("upload", files / "large.csv", "--name", "holes", "--overwrite", "--as-new-version"),
            env=environment_of(place),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120) for process in begun]
    assert [process.returncode for process in begun] == [0, 0, 0], said
    assert must(place, "log", record(place)).count("uploaded over it") == 2
    must_verify(place)
