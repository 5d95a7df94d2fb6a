"""The same calls on a bucket; tests/s3/servers.py starts the servers and names them in CORESHED_TEST_S3."""

import os
import pickle
import uuid

import coreshed
import pandas as pd
import pytest

SERVERS = dict(name.split("=", 1) for name in os.environ.get("CORESHED_TEST_S3", "").split())
pytestmark = pytest.mark.skipif(not SERVERS, reason="needs S3 servers: tests/s3/servers.py COMMAND")


@pytest.fixture(params=SERVERS or ["none"])
def place(request, monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_REGION", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tester-secret")
    return f"s3://coreshed-tests/{uuid.uuid4().hex}", {"endpoint": SERVERS[request.param], "region": "us-east-1"}


def test_a_life_in_a_bucket(place, log, folder):
    location, options = place
    store = coreshed.open(location, **options)
    store.create_record("BH-7", log, created_by="a.meier")
    store.approve_record("BH-7", approved_by="k.brandt")
    store.append_rows("BH-7", pd.DataFrame({"depth_m": [4.5], "soil": ["rock"]}), updated_by="a.meier")
    assert pickle.loads(pickle.dumps(store)).read("BH-7", where="depth_m > 3").soil.to_list() == ["rock"]
    pd.testing.assert_frame_equal(store.read("BH-7@approved"), log)
    assert store.verify(deep=True).ok
    assert store.copy(folder / "backup").ok
    assert coreshed.open(folder / "backup", create=False).copy(location + "-restored", **options).ok
    assert coreshed.open(location + "-restored", create=False, **options).get_all_versions("BH-7") == [1, 2]


def test_the_usual_mistakes(place, monkeypatch):
    location, options = place
    with pytest.raises(coreshed.NotFoundError):
        coreshed.open(location, create=False, **options)
    with pytest.raises(coreshed.Error, match="no-such-bucket"):
        coreshed.open("s3://no-such-bucket-anywhere/x", **options)
    with pytest.raises(coreshed.UnsupportedError), coreshed.file_lock(location):
        pass
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    if options["endpoint"] == SERVERS.get("moto"):
        return  # moto takes any key
    with pytest.raises(coreshed.Error, match="[Ss]ignature|secret|key|denied"):
        coreshed.open(location, **options)
