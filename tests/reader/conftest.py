import shutil

import pytest

from made_store import CLI, make_store


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A store with everything in it, and what was written to it; nobody may change it."""
    assert CLI.exists(), f"{CLI} is not there: build it, or set CORESHED_CLI"
    return make_store(tmp_path_factory.mktemp("made"))


@pytest.fixture
def store(made, tmp_path):
    """A copy of it, to be damaged."""
    return shutil.copytree(made.store, tmp_path / "store")
