"""What is and what is not a text file that we read."""

from __future__ import annotations

import pytest

from subterra.errors import InputError
from subterra.formats.text import Place, number, read_text, whole_number, write_text

AT = Place("file", 3)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", None, "the file is empty, expected a table"),
        (b" \r\n\t\n", None, "empty"),
        ("a,b\n".encode("utf-16"), 1, "found UTF-16 text, expected UTF-8"),
        (b"\xfe\xff\x00a", 1, "found UTF-16 text"),
        ("a,b\n1,2\n".encode("utf-16-le"), 1, "UTF-16 text without a byte order mark"),
        ("a,b\n1,2\n".encode("utf-16-be"), 1, "UTF-16 text without a byte order mark"),
        ("a,b\n".encode("utf-32"), 1, "found UTF-32 text"),
        (b"a,b\n1,\x002\n", 2, "binary data (byte 0x00)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), 2, "binary data"),
        (b"a\r\nb\r\nc\xe9d", 3, "byte 0xe9 is not UTF-8"),
        (b"a\rb\rc\xe9d", 3, "byte 0xe9 is not UTF-8"),
    ],
)
def test_what_is_not_utf8_text_is_named(write, data, line, words):
    path = write(data)
    with pytest.raises(InputError) as caught:
        read_text(path)
    assert (caught.value.path, caught.value.line) == (str(path), line)
    assert words in caught.value.problem


def test_a_byte_order_mark_and_the_dos_end_of_file_are_dropped(write):
    assert read_text(write(b"\xef\xbb\xbfa,\xc3\xa9\n\x1a")) == "a,é\n"


def test_paths_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_text(tmp_path / "none")
    with pytest.raises(InputError, match="found a folder"):
        read_text(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_text("a\x00b")
    with pytest.raises(InputError, match="cannot be read"):
        read_text("a" * 5000)


def test_a_file_of_just_the_limit_is_read(write):
    assert read_text(write(b"12345678"), max_bytes=8) == "12345678"
    with pytest.raises(InputError, match="has 9 bytes, at most 8 are read"):
        read_text(write(b"123456789"), max_bytes=8)


def test_paths_that_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_text(tmp_path / "none" / "file", "text")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1.0), (" -1.5 ", -1.5), ("+.5", 0.5), ("5.", 5.0), ("1e-3", 1e-3), ("1.5E+2", 150.0)],
)
def test_numbers(text, value):
    assert number(text, "x", AT) == value


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1 2", "1,5", "1_0", "0x1", "1e400", "1e16", "٣", "--1", "1e", "."]
)
def test_not_numbers(text):
    with pytest.raises(InputError, match=r"file, line 3, column 2: x: expected a number"):
        number(text, "x", AT, column=2)


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("3.0", 3), ("3e0", 3), ("-1", -1)])
def test_whole_numbers(text, value):
    found = whole_number(text, "count", AT)
    assert found == value
    assert isinstance(found, int)


@pytest.mark.parametrize("text", ["3.5", "1e12", "x"])
def test_not_whole_numbers(text):
    with pytest.raises(InputError, match=r"count: expected a (whole )?number"):
        whole_number(text, "count", AT)
