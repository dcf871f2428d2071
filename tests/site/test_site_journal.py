from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.errors import SiteError
from subterra.site.journal import append_entries, read_journal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.jsonl"
    known = append_entries(path, (), [("new", {"name": "Fäld"})])
    known = append_entries(path, known, [("add", {"x": 0.1}), ("add", {"x": (1, 2)})])
    append_entries(path, known, [("retract", {})])
    return path


def test_what_was_written_is_read(journal: Path):
    entries = read_journal(journal)
    assert [e.n for e in entries] == [1, 2, 3, 4]
    assert [e.verb for e in entries] == ["new", "add", "add", "retract"]
    assert entries[0].payload == {"name": "Fäld"}
    assert entries[2].payload == {"x": [1, 2]}
    assert [e.previous for e in entries[1:]] == [e.sha256 for e in entries[:-1]]


def test_appending_leaves_the_old_lines_as_they_are(journal: Path):
    old = journal.read_bytes()
    append_entries(journal, read_journal(journal), [("add", {})])
    assert journal.read_bytes().startswith(old)


@given(data=st.data())
@settings(max_examples=60)
def test_any_changed_byte_is_found(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    append_entries(path, (), [("new", {"a": 1}), ("add", {"b": "two"})])
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    with pytest.raises(SiteError, match=r"line [12]"):
        read_journal(path)


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_truncated_last_line_is_named_and_nothing_is_dropped(journal: Path, cut: int):
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-cut])
    with pytest.raises(SiteError, match=r"line 4: the line is truncated"):
        read_journal(journal)
    assert journal.read_bytes() == whole[:-cut]


def test_a_missing_line_is_found(journal: Path):
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:1] + lines[2:]))
    with pytest.raises(SiteError, match="line 2: the line says that it is number 3"):
        read_journal(journal)


def test_a_forged_line_breaks_the_chain(journal: Path):
    lines = journal.read_bytes().splitlines(keepends=True)
    forged = json.loads(lines[1])
    forged["payload"] = {"x": 0.2}
    lines[1] = json.dumps(forged).encode() + b"\n"
    journal.write_bytes(b"".join(lines))
    with pytest.raises(SiteError, match="line 2: the line was changed"):
        read_journal(journal)


@pytest.mark.parametrize(
    "line", [b"{}\n", b"[]\n", b"\n", b"\xff\n", b'{"n": NaN}\n', b'"text"\n', b"nonsense\n"]
)
def test_a_foreign_line_is_damage(journal: Path, line: bytes):
    with journal.open("ab") as file:
        file.write(line)
    with pytest.raises(SiteError, match="line 5: the line is damaged"):
        read_journal(journal)


def test_a_missing_or_empty_journal_is_a_site_error(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    with pytest.raises(SiteError, match="cannot be read"):
        read_journal(path)
    path.touch()
    with pytest.raises(SiteError, match="empty"):
        read_journal(path)


def test_a_second_writer_is_noticed(journal: Path):
    known = read_journal(journal)
    append_entries(journal, known, [("add", {"by": "another"})])
    content = journal.read_bytes()
    with pytest.raises(SiteError, match="changed meanwhile"):
        append_entries(journal, known, [("add", {"by": "me"})])
    assert journal.read_bytes() == content
