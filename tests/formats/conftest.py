"""Shared by the tests of formats."""

from __future__ import annotations

import pytest


@pytest.fixture
def write(tmp_path):
    """Write bytes or text to a file and give its path."""

    def put(content, name="file.dat"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put
