"""The Python package on stores of each test's own."""

import os
import tempfile
from pathlib import Path

import coreshed
import pandas as pd
import pytest

from places import TEMPORARY


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own():
    """The catalog's index must not lie among this user's."""
    with tempfile.TemporaryDirectory(prefix="coreshed-cache-", dir=TEMPORARY) as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        yield


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="coreshed-", dir=TEMPORARY) as name:
        yield Path(name)


@pytest.fixture
def store(folder):
    return coreshed.open(folder / "store")


@pytest.fixture
def log():
    return pd.DataFrame({"depth_m": [0.0, 1.5, 3.0], "soil": ["fill", "clay", "sand"]})


@pytest.fixture
def record(store, log):
    """The id of a record with one version."""
    store.create_record("BH-7", log, created_by="a.meier")
    return "BH-7"
