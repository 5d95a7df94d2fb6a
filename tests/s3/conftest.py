"""A place in a bucket of its own for each test, on each server; CORESHED_TEST_S3 names those that run already."""

import os
import sys
import uuid
from pathlib import Path

import pytest

import proxy
import servers

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "processes"))

KINDS = ("versitygw", "moto")


@pytest.fixture(scope="session")
def endpoints():
    if names := os.environ.get(servers.VARIABLE):
        yield dict(name.split("=", 1) for name in names.split())
        return
    with servers.all_running() as names:
        yield dict(name.split("=", 1) for name in names.split())


@pytest.fixture(params=KINDS)
def endpoint(request, endpoints, monkeypatch, tmp_path):
    """Where the server is; the environment says how to use it."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_REGION", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoints[request.param])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return endpoints[request.param]


@pytest.fixture
def place(endpoint):
    return f"s3://{servers.BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture
def way(endpoint, monkeypatch):
    """The proxy in front of the server, through which all calls go."""
    with proxy.running(endpoint, servers.BUCKET) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        yield running
