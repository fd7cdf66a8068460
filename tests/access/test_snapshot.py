import os
import subprocess
import sys

import pytest

from access.config import ConfigErrors
from access.snapshot import Snapshot
from tests.access.installation import write_config


def read_by_a_child(snapshot: Snapshot) -> str:
    words = [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read(), end='')", str(snapshot.path)]
    return subprocess.run(
        words, pass_fds=[snapshot.descriptor], capture_output=True, text=True, check=True
    ).stdout


def test_every_child_reads_the_file_as_it_was(tmp_path):
    file = write_config(tmp_path)
    text = file.read_text("utf-8")
    snapshot = Snapshot(file)
    file.write_text("half of a", "utf-8")

    assert [read_by_a_child(snapshot) for _ in range(2)] == [text, text]
    assert snapshot.settings.state_dir == tmp_path / "state"


def test_a_mistake_is_told_by_the_name_of_the_file(tmp_path):
    file = write_config(tmp_path)
    file.write_text(file.read_text("utf-8").replace("acct_port = 0", "acct_port = -1"), "utf-8")

    with pytest.raises(ConfigErrors) as wrong:
        Snapshot(file)

    assert str(wrong.value).startswith(f"{file}: radius.acct_port ")


def test_it_is_closed_when_nobody_needs_it_any_more(tmp_path):
    snapshot = Snapshot(write_config(tmp_path))
    descriptor = snapshot.descriptor
    del snapshot

    with pytest.raises(OSError):
        os.fstat(descriptor)
