"""The model finds nothing wrong with the protocol, and something wrong with every protocol that lacks a rule."""

import re
import subprocess
import sys
from pathlib import Path

SPEC = Path(__file__).resolve().parents[2] / "spec"


def test_quick_model():
    done = subprocess.run(
        [sys.executable, SPEC / "protocol_model.py", "--check", "--quick"], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "UNFOUND" not in done.stdout and "BROKEN" not in done.stdout


def test_page_and_model_name_the_same_mutations():
    cells = re.findall(r"^\| (N\d.*?) \|", (SPEC / "commit.md").read_text(), re.M)
    page = re.findall(r"N(\d+)", " ".join(cells))
    model = re.findall(r'"N(\d+) ', (SPEC / "protocol_model.py").read_text())
    assert sorted(map(int, page)) == sorted(map(int, model)) == list(range(1, len(model) + 1))
