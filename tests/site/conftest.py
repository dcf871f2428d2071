from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from subterra.site import Site
from subterra.site.config import build_config


@pytest.fixture
def site(tmp_path: Path) -> Site:
    config = build_config({"name": "Field", "bounds": [0, 0, 20, 15], "depth_m": 8})
    return Site.create(tmp_path / "field", config)


@pytest.fixture
def given(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of the user's, outside of the site."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / "given" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
