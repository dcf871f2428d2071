"""An interrupted run that goes on ends as the run that was never interrupted, bit for bit."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from calibration_site import gravity_table, hole, small_prior

from subterra.evidence import (
    Evidence,
    borehole_evidence,
    gravity_evidence,
    resistivity_evidence,
)
from subterra.inference import Belief, Checkpoint, infer
from subterra.inference.checkpoint import Unfinished, run_identity
from subterra.scene import Objects, Prior, make_scene, sample_prior, slot, take
from subterra.tables import ResistivityTable

SCENES, SEED = 256, 7
DRIVE = make_scene(
    [
        {
            "family": "driven",
            "fill": "air",
            "axis": [[5.0, 2.0, -2.6], [30.0, 38.0, -2.8]],
            "radius": 1.4,
        }
    ]
)


@pytest.fixture(scope="module")
def prior() -> Prior:
    return small_prior()


@pytest.fixture(scope="module")
def site(prior: Prior) -> list[Evidence]:
    """Gravity over a wide drive that takes many steps to be found, and a dry hole beside it."""
    survey = gravity_evidence([gravity_table()], prior)
    return [
        survey.simulate(DRIVE, np.random.default_rng(21)),
        borehole_evidence(*hole("B1", 26.0, 20.0), prior),
    ]


@pytest.fixture(scope="module")
def counted(prior: Prior, site: list[Evidence]) -> tuple[Belief, int]:
    """The run that nothing interrupts and that keeps nothing, and the steps of all its islands."""
    steps = Steps(None)
    belief = infer(prior, site, n_scenes=SCENES, seed=SEED, threads=2, progress=steps)
    assert len(belief.info.temperatures) >= 6
    return belief, steps.done


@pytest.fixture(scope="module")
def whole(counted: tuple[Belief, int]) -> Belief:
    return counted[0]


class Kept:
    """A checkpoint and what it said."""

    def __init__(self, folder: Path) -> None:
        self.words: list[str] = []
        self.checkpoint = Checkpoint(folder, self.words.append)

    @property
    def names(self) -> list[str]:
        return [file.name for file in self.checkpoint.files]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "belief")


@pytest.fixture(scope="module")
def first_step(
    prior: Prior, site: list[Evidence], tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """What is kept of an island after its first step."""
    kept = Kept(tmp_path_factory.mktemp("first"))
    interrupt(prior, site, kept, 1)
    return kept.checkpoint.files[0].read_bytes()


def assert_same(one: Belief, two: Belief) -> None:
    for name in vars(one.scenes.objects):
        a, b = (getattr(belief.scenes.objects, name) for belief in (one, two))
        assert np.array_equal(a, b)
        assert a.dtype == b.dtype
    for name in ("unit", "site_unit", "host_density", "host_resistivity"):
        assert np.array_equal(getattr(one.scenes, name), getattr(two.scenes, name))
    assert np.array_equal(one.weight, two.weight)
    # By repr: what is not supported is NaN, which is not itself.
    assert repr(replace(one.info, seconds=0.0)) == repr(replace(two.info, seconds=0.0))


class Steps:
    """Progress that interrupts after so many steps of the ladder, over all islands."""

    def __init__(self, most: int | None) -> None:
        self.most, self.done = most, 0

    def __call__(self, fraction: float, words: str) -> None:
        if "islands" in words:
            self.done += 1
            if self.done == self.most:
                raise KeyboardInterrupt


def run(
    prior: Prior,
    site: list[Evidence],
    kept: Kept,
    after: int | None = None,
    seed: int = SEED,
    n_scenes: int = SCENES,
    threads: int = 1,
) -> Belief:
    return infer(
        prior,
        site,
        n_scenes=n_scenes,
        seed=seed,
        progress=Steps(after),
        threads=threads,
        checkpoint=kept.checkpoint,
    )


def interrupt(prior: Prior, site: list[Evidence], kept: Kept, after: int, **how: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(prior, site, kept, after, **how)


@pytest.mark.parametrize(
    ("share", "threads"), [(0.0, 1), (0.2, 2), (0.3, 1), (0.5, 2), (0.7, 1), (1.0, 2)], ids=str
)
def test_a_resumed_run_is_the_whole_run(
    prior: Prior,
    site: list[Evidence],
    counted: tuple[Belief, int],
    kept: Kept,
    share: float,
    threads: int,
) -> None:
    """Wherever the interruption falls, from the first step to the last but one."""
    whole, total = counted
    after = 1 + round(share * (total - 2))
    interrupt(prior, site, kept, after, threads=threads)
    assert not kept.words
    steps = Steps(None)
    resumed = infer(
        prior,
        site,
        n_scenes=SCENES,
        seed=SEED,
        threads=3 - threads,
        progress=steps,
        checkpoint=kept.checkpoint,
    )
    assert_same(resumed, whole)
    assert len(kept.words) == 1
    assert "going on with an unfinished run" in kept.words[0]
    # What was done is not done again: only what an island had reached is told once more.
    assert steps.done <= total - after + 2 + (threads == 2)


def test_interrupted_again_and_again(
    prior: Prior, site: list[Evidence], whole: Belief, kept: Kept
) -> None:
    """Each sitting takes one step more than it found; the seconds of all count."""
    for sitting in range(4):
        interrupt(prior, site, kept, 2 if sitting else 1)
    resumed = run(prior, site, kept)
    assert_same(resumed, whole)
    taken = Unfinished(kept.checkpoint, run_identity(prior, site, SCENES, SEED)).seconds
    assert 0.0 < taken <= resumed.info.seconds


def test_a_run_that_was_done_but_for_keeping_its_belief(
    prior: Prior, site: list[Evidence], whole: Belief, kept: Kept
) -> None:
    first = run(prior, site, kept)
    assert kept.names == [
        "unfinished-island-1.npz", "unfinished-island-2.npz", "unfinished-scan.npz",
    ]  # fmt: skip
    assert_same(first, whole)
    assert_same(run(prior, site, kept), whole)
    (kept.checkpoint.folder / ".unfinished-island-1.npz.part").write_bytes(b"half")
    (kept.checkpoint.folder / "20260101T000000Z-0123456789ab.nc").write_bytes(b"a belief")
    kept.checkpoint.clear()
    assert [p.suffix for p in kept.checkpoint.folder.iterdir()] == [".nc"]


@pytest.mark.parametrize("change", ["seed", "scenes", "prior", "evidence", "code", "order"])
def test_another_run_is_not_gone_on_with(
    prior: Prior,
    site: list[Evidence],
    whole: Belief,
    kept: Kept,
    change: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interrupt(prior, site, kept, 3)
    seed, n_scenes = SEED, SCENES
    if change == "seed":
        seed, word = 8, "seed"
    elif change == "scenes":
        n_scenes, word = 300, "number of scenes"
    elif change == "prior":
        prior, word = replace(prior, p_none=0.25), "prior"
    elif change == "evidence":
        site, word = [site[0], replace(site[1], fingerprint="another")], "evidence"
    elif change == "order":
        site, word = site[::-1], "evidence"
    else:
        monkeypatch.setattr("subterra.inference.checkpoint.code_identity", lambda: "another")
        word = "version of the code"
    if change != "code":
        interrupt(prior, site, kept, 1, seed=seed, n_scenes=n_scenes)
        assert kept.names[0] == "unfinished-island-1.npz"
    else:
        assert_same(run(prior, site, kept), whole)
    assert len(kept.words) == 1
    assert kept.words[0].endswith(f"an unfinished run with another {word} is discarded")


def test_damaged_parts_start_over(
    prior: Prior, site: list[Evidence], whole: Belief, kept: Kept
) -> None:
    """The island whose file is damaged starts over, the other goes on."""
    interrupt(prior, site, kept, 5, threads=2)
    file = kept.checkpoint.folder / "unfinished-island-1.npz"
    file.write_bytes(file.read_bytes()[:-200])
    found = run(prior, site, kept)
    assert kept.words[0] == f"{file}: this part of an unfinished run is damaged; it starts over"
    assert "going on" in kept.words[1]
    assert_same(found, whole)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "longer", "other", "comment"])
def test_any_damage_is_seen(
    prior: Prior, site: list[Evidence], kept: Kept, first_step: bytes, damage: str
) -> None:
    kept.checkpoint.folder.mkdir()
    file = kept.checkpoint.folder / "unfinished-island-1.npz"
    file.write_bytes(first_step)
    identity = run_identity(prior, site, SCENES, SEED)
    assert len(Unfinished(kept.checkpoint, identity).temperatures) == 1
    kept.words.clear()
    content = bytearray(first_step)
    if damage == "flipped":
        content[len(content) // 2] ^= 0x10
    elif damage == "comment":
        content[-70] ^= 0x01
    else:
        content = {
            "empty": b"", "cut": content[: len(content) // 3], "longer": content + b"x",
            "other": b"not an archive",
        }[damage]  # fmt: skip
    file.write_bytes(content)
    assert not Unfinished(kept.checkpoint, identity).temperatures
    assert kept.words == [f"{file}: this part of an unfinished run is damaged; it starts over"]
    assert not file.exists()


def test_a_part_that_cannot_be_read(
    prior: Prior, site: list[Evidence], kept: Kept, first_step: bytes
) -> None:
    (kept.checkpoint.folder / "unfinished-island-1.npz").mkdir(parents=True)
    (kept.checkpoint.folder / "unfinished-island-2.npz").write_bytes(first_step)
    unfinished = Unfinished(kept.checkpoint, run_identity(prior, site, SCENES, SEED))
    assert "cannot be read (Is a directory)" in kept.words[0]
    assert len(unfinished.temperatures) == 1


def test_the_identity_is_that_of_the_values(prior: Prior, site: list[Evidence]) -> None:
    """Bounds from an array of integers are the same bounds."""
    bounds = (*np.array([0, 0, 40]), np.float32(40.0))
    same = replace(prior, bounds=bounds, families=MappingProxyType(dict(prior.families)))
    assert run_identity(same, site, SCENES, SEED) == run_identity(prior, site, SCENES, SEED)
    families = dict(prior.families)
    families["driven"] = replace(families["driven"], radius_m=(0.4, 1.6))
    other = replace(prior, families=families)
    assert run_identity(other, site, SCENES, SEED) != run_identity(prior, site, SCENES, SEED)


def test_the_archive_reads_without_us(prior: Prior, site: list[Evidence], kept: Kept) -> None:
    """A plain npz without pickle, whose zip is whole, and of bounded size."""
    interrupt(prior, site, kept, 3)
    for name in kept.names:
        file = kept.checkpoint.folder / name
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            assert len(archive.comment) == 64
        with np.load(file, allow_pickle=False) as held:
            assert '"seed": 7' in str(held["identity"])
            arrays = {key: held[key] for key in held.files}
        assert not any(value.dtype.hasobject for value in arrays.values())
    assert arrays["families"] > 0
    island = kept.checkpoint.folder / "unfinished-island-1.npz"
    assert island.stat().st_size < 3000 * (SCENES // 2) + 20_000


def test_a_disk_that_takes_no_more(
    prior: Prior,
    site: list[Evidence],
    whole: Belief,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The run goes on to its end, and it is said that it cannot be resumed."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert_same(run(prior, site, kept), whole)
    assert len(kept.words) == 1
    assert "cannot be kept (No space left on device)" in kept.words[0]
    assert not kept.names


@pytest.fixture(scope="module")
def line(prior: Prior) -> Evidence:
    """A short line of resistivity over the drive."""
    x = np.arange(8.0, 34.0, 2.5)
    quads = [(i, i + 1, i + 1 + k, i + 2 + k) for k in (1, 2, 4) for i in range(len(x) - 2 - k)]
    table = ResistivityTable(
        x, np.full(len(x), 20.0), None, np.array(quads, np.int32), np.full(len(quads), 200.0), None
    )
    survey = resistivity_evidence([table], prior)
    return survey.simulate(DRIVE, np.random.default_rng(3))


@pytest.mark.parametrize("kind", ["gravity", "resistivity"])
def test_a_response_does_not_depend_on_its_neighbours(
    prior: Prior, site: list[Evidence], line: Evidence, kind: str
) -> None:
    """A resumed run computes responses in other batches: not the last digit may differ."""
    survey = site[0] if kind == "gravity" else line
    scenes = sample_prior(prior, 100, np.random.default_rng(5))
    order = np.random.default_rng(6).permutation(100)
    together = survey.object_response(slot(scenes, 0))
    assert np.array_equal(survey.object_response(slot(take(scenes, order), 0)), together[order])
    alone = np.concatenate(
        [survey.object_response(slot(take(scenes, slice(i, i + 1)), 0)) for i in range(100)]
    )
    assert np.array_equal(alone, together)
    flat = Objects(*(v.reshape(-1, *v.shape[2:]) for v in vars(scenes.objects).values()))
    assert np.array_equal(survey.object_response(flat)[::3], together)


def test_resuming_a_resistivity_survey(prior: Prior, line: Evidence, kept: Kept) -> None:
    site = [line]
    interrupt(prior, site, kept, 3)
    assert_same(run(prior, site, kept), infer(prior, site, n_scenes=SCENES, seed=SEED, threads=2))
