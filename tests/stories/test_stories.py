"""Every story beside this file, told by the tool itself. See story.py for how they are written."""

from pathlib import Path

import pytest
import story

STORIES = sorted(Path(__file__).parent.glob("*.story"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path):
    differences = story.play(path)
    assert not differences, "\n" + "\n".join(differences)


def test_the_quickstart_runs_to_its_end():
    with story.Stage() as stage:
        printed, code = stage.run(f'"{story.ROOT}/examples/quickstart.sh" "$PWD/quickstart"')
    assert code == 0, printed
    assert "no faults" in printed
