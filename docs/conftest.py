"""Runs every Python block of the guide, page by page, as a reader would type it.

A page runs in an empty folder of its own, in which `examples/data` are the data of the repository. Its blocks share
their names; pages share nothing.
"""

import os
import shutil
import tempfile
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import pandas as pd
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

_EXAMPLES = Path(__file__).parents[1] / "examples" / "data"
_CACHE = "XDG_CACHE_HOME"  # the store's index for lists lies below it


def _enter(namespace):
    folder = tempfile.mkdtemp(prefix="coreshed-docs-")
    namespace["_left"] = Path.cwd(), folder, os.environ.get(_CACHE)
    shutil.copytree(_EXAMPLES, Path(folder, "examples", "data"))
    os.environ[_CACHE] = str(Path(folder, "cache"))
    os.chdir(folder)
    pd.set_option("display.width", 100, "display.max_columns", 12)


def _leave(namespace):
    before, folder, cache = namespace["_left"]
    os.chdir(before)
    if cache is None:
        del os.environ[_CACHE]
    else:
        os.environ[_CACHE] = cache
    pd.reset_option("display.width")
    pd.reset_option("display.max_columns")
    shutil.rmtree(folder)


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE), SkipParser()],
    pattern="*.md",
    setup=_enter,
    teardown=_leave,
).pytest()
