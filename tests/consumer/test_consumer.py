"""A program outside this tree builds against an installed copy of the library, and runs."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def test_a_strangers_program(tmp_path):
    launcher = shutil.which("ccache") or ""
    variables = {
        "BUILD": ROOT / "build" / "release",
        "SOURCE": HERE,
        "WORK": tmp_path / "work",
        "COMPILER": os.environ.get("CXX", "c++"),
        "LAUNCHER": launcher,
    }
    words = [f"-D{name}={value}" for name, value in variables.items()]
    done = subprocess.run(["cmake", *words, "-P", HERE / "run.cmake"], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
