"""What long work says where stderr is no terminal."""

from __future__ import annotations

import io

from subterra.cli import output
from subterra.cli.output import Output


def test_a_pipe_gets_a_plain_line_now_and_then(monkeypatch):
    stream, now = io.StringIO(), [0.0]
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(output.time, "monotonic", lambda: now[0])
    with Output(json=False).progress() as move:
        for now[0] in (1.0, 9.0, 10.5, 12.0, 19.0, 21.0):
            move(now[0] / 40.0, "temperature 0.2 of 1")
    assert stream.getvalue() == "26 % temperature 0.2 of 1\n52 % temperature 0.2 of 1\n"


def test_short_work_is_silent(capsys):
    with Output(json=True).progress() as move:
        move(0.5, "halfway")
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
