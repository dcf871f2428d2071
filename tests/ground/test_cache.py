"""The cache of covariances: hits, misses, and files that were damaged."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.ground import GroundKernel, cached_arrays, layout_hash

ARRAYS = [np.eye(3), np.arange(12.0).reshape(3, 4), np.array([[np.pi]])]


class Maker:
    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return [a.copy() for a in ARRAYS]


def same(found):
    return len(found) == len(ARRAYS) and all(
        np.array_equal(a, b) for a, b in zip(found, ARRAYS, strict=True)
    )


def test_a_hit_gives_the_same_arrays(tmp_path):
    make = Maker()
    folder = tmp_path / "deep" / "cache"
    assert same(cached_arrays(folder, "k", make))
    assert same(cached_arrays(folder, "k", make))
    assert make.calls == 1
    cached_arrays(folder, "other", make)
    assert make.calls == 2
    assert len(list(folder.iterdir())) == 2


def test_without_a_folder_nothing_is_kept(tmp_path):
    make = Maker()
    assert same(cached_arrays(None, "k", make))
    assert same(cached_arrays(None, "k", make))
    assert make.calls == 2
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_made_anew(tmp_path):
    make = Maker()
    cached_arrays(tmp_path, "k", make)
    (path,) = tmp_path.iterdir()
    sound = path.read_bytes()
    rng = np.random.default_rng(0)
    damaged = [b"", sound[:10], sound[: len(sound) // 2], sound[:-1], sound + b"x", b"\x00" * 500]
    for _ in range(200):
        changed = bytearray(sound)
        changed[rng.integers(len(sound))] ^= 1 << int(rng.integers(8))
        damaged.append(bytes(changed))
    for number, content in enumerate(damaged, start=2):
        path.write_bytes(content)
        assert same(cached_arrays(tmp_path, "k", make))
        assert make.calls == number
        assert path.read_bytes() == sound
    assert list(tmp_path.iterdir()) == [path]


def test_a_maker_that_fails_leaves_nothing(tmp_path):
    def broken():
        raise MemoryError

    with pytest.raises(MemoryError):
        cached_arrays(tmp_path, "k", broken)
    assert not list(tmp_path.iterdir())


def test_hash_of_a_layout():
    x = np.arange(4.0)
    parts = [
        ("gravity", x),
        ("gravity", x + 1e-9),
        ("gravity", x.astype(np.float32)),
        ("gravity", x.reshape(2, 2)),
        ("resistivity", x),
        ("gravity", x, 1.0),
        ("gravity", x, GroundKernel(1.0, 2.0, 0.5)),
        ("gravity", x, GroundKernel(1.0, 2.0, 1.5)),
    ]
    found = [layout_hash(*p) for p in parts]
    assert len(set(found)) == len(parts)
    assert found[0] == layout_hash("gravity", x.copy())
    assert layout_hash("a", x[::2]) == layout_hash("a", x[::2].copy())
