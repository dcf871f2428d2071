from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from subterra.errors import SiteError
from subterra.site.atomic import replace_with, write_atomic, writing


def test_a_file_is_replaced_whole(tmp_path: Path):
    path = tmp_path / "a.txt"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")

    def interrupted(temporary: Path) -> None:
        temporary.write_bytes(b"tw")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_with(path, interrupted)
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_exclude_each_other(tmp_path: Path):
    with (
        writing(tmp_path),
        pytest.raises(SiteError, match="another process"),
        writing(tmp_path),
    ):
        pass
    with writing(tmp_path):
        pass


def test_a_dead_writer_leaves_no_lock(tmp_path: Path):
    code = (
        "import os, sys; from pathlib import Path; from subterra.site.atomic import writing\n"
        "with writing(Path(sys.argv[1])): os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == 9
    with writing(tmp_path):
        pass
