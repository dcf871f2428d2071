"""An unfinished run on disk: an interrupted inference goes on at its last temperature.

Each island is one NumPy archive (``.npz``, no pickle) that is replaced whole after every step of
the ladder, and the scan is another. Responses are left out, since they follow from the scenes; an
archive takes about 1 kB per scene whatever the survey. What the run depends on stands in every
archive as JSON; if any of it differs, the archive is not used and the reason is said.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import Evidence
from subterra.inference.outlook import Outlook
from subterra.inference.pairs import make_pairs
from subterra.inference.population import Scorer, populate
from subterra.inference.scan import Scan, make_scan
from subterra.inference.smc import Rung
from subterra.scene import Objects, Prior, Scenes

__all__ = ["Checkpoint", "Unfinished", "code_identity", "run_identity"]

Array = npt.NDArray[Any]
Identity = dict[str, Any]

_FORMAT: Final = 2
_SCAN: Final = "unfinished-scan.npz"
_ISLAND: Final = "unfinished-island-{}.npz"
_DIGEST: Final = 64
_SITE: Final = ("host_density", "host_resistivity", "unit", "site_unit")


def _silent(words: str) -> None:
    del words


@dataclass(frozen=True)
class Checkpoint:
    """Where an unfinished run is kept, and who is told about it.

    Parameters
    ----------
    folder : Path
        Folder, made if need be. It holds one unfinished run.
    tell : callable
        Told in a few words that a run is resumed, or why one is not.
    """

    folder: Path
    tell: Callable[[str], None] = _silent

    @property
    def files(self) -> list[Path]:
        """Files of the unfinished run; none where there is no such run."""
        return sorted(self.folder.glob("unfinished-*.npz"))

    def clear(self) -> None:
        """Forget the unfinished run: its belief is kept, or it is to start over."""
        for file in (*self.files, *self.folder.glob(".unfinished-*.npz.part")):
            file.unlink(missing_ok=True)


@cache
def code_identity() -> str:
    """Hash of everything that turns random numbers into a belief: our sources and NumPy's kin."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    for package in ("numpy", "scipy", "numba"):
        digest.update(version(package).encode())
    return digest.hexdigest()[:16]


def run_identity(prior: Prior, evidence: Sequence[Evidence], n_scenes: int, seed: int) -> Identity:
    """Return what must agree for an unfinished run to be this run, as JSON has it."""
    identity = {
        "format": _FORMAT,
        "version of the code": code_identity(),
        "prior": prior,
        "evidence": [[e.id, e.kind, e.fingerprint] for e in evidence],
        "number of scenes": n_scenes,
        "seed": seed,
    }
    return json.loads(json.dumps(identity, default=_plain))


def _plain(value: Any) -> Any:
    """Mappings and dataclasses as JSON objects, NumPy's numbers as numbers."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) else vars(value)


def _encode(identity: Identity, arrays: Mapping[str, Array]) -> bytes:
    """Write an npz archive whose comment is the hexadecimal SHA-256 of what stands before it."""
    held = io.BytesIO()
    content: dict[str, Any] = {"identity": np.array(json.dumps(identity)), **arrays}
    np.savez(held, **content)
    # An archive ends in the length of its comment, which NumPy leaves at nought.
    body = held.getvalue()[:-2] + struct.pack("<H", _DIGEST)
    return body + hashlib.sha256(body).hexdigest().encode()


def _decode(content: bytes) -> dict[str, Array] | None:
    """Read an archive; None where it is not whole or not ours."""
    body, digest = content[:-_DIGEST], content[-_DIGEST:]
    if hashlib.sha256(body).hexdigest().encode() != digest:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


class Unfinished:
    """The files of one run; without a checkpoint nothing is read and nothing kept.

    Parameters
    ----------
    checkpoint : Checkpoint or None
        Where they are.
    identity : dict
        What the run depends on.
    """

    def __init__(self, checkpoint: Checkpoint | None, identity: Identity) -> None:
        self._checkpoint, self._identity = checkpoint, identity
        self._held: dict[str, dict[str, Array]] = {}
        if checkpoint is not None:
            self._open(checkpoint)

    def _open(self, checkpoint: Checkpoint) -> None:
        """Read what belongs to this run; remove what does not and say why."""
        reasons: dict[str, None] = {}
        for file in checkpoint.files:
            arrays, reason = self._read(file)
            if arrays is not None:
                self._held[file.name] = arrays
                continue
            reasons[reason] = None
            # Where it cannot be removed it cannot be replaced either, and that is said then.
            with suppress(OSError):
                file.unlink()
        for reason in reasons:
            checkpoint.tell(reason)
        if self.temperatures:
            reached = ", ".join(f"{v:.3f}" for v in self.temperatures)
            checkpoint.tell(
                f"going on with an unfinished run, {self.seconds:.0f} s in: its islands have "
                f"reached λ = {reached}"
            )

    def _read(self, file: Path) -> tuple[dict[str, Array] | None, str]:
        """Read an archive of this run, or say why it is of no use."""
        try:
            arrays = _decode(file.read_bytes())
        except OSError as error:
            return None, f"{file}: this part of an unfinished run cannot be read ({error.strerror})"
        if arrays is None:
            return None, f"{file}: this part of an unfinished run is damaged; it starts over"
        found = json.loads(str(arrays["identity"]))
        unlike = " and ".join(name for name, v in self._identity.items() if found.get(name) != v)
        if unlike:
            return None, f"{file.parent}: an unfinished run with another {unlike} is discarded"
        return arrays, ""

    def _keep(self, name: str, arrays: Mapping[str, Array]) -> None:
        checkpoint = self._checkpoint
        if checkpoint is None:
            return
        # No flush to the disk: what a power cut leaves half-written is seen by its digest.
        part = checkpoint.folder / f".{name}.part"
        try:
            checkpoint.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(_encode(self._identity, arrays))
            part.replace(checkpoint.folder / name)
        except OSError as error:
            self._checkpoint = None
            checkpoint.tell(
                f"{checkpoint.folder}: the unfinished run cannot be kept ({error.strerror}); "
                "if it is interrupted it starts over"
            )

    @property
    def seconds(self) -> float:
        """Seconds that the run had taken when it was interrupted."""
        taken = [float(a["seconds"]) for a in self._held.values() if "seconds" in a]
        return max(taken, default=0.0)

    @property
    def temperatures(self) -> list[float]:
        """Temperature that each island on disk has reached."""
        return [float(a["temperatures"][-1]) for a in self._held.values() if "temperatures" in a]

    def outlook(self) -> Outlook | None:
        """Return what the run has looked at; None where it is to look."""
        arrays = self._held.get(_SCAN)
        if arrays is None:
            return None
        n = int(arrays["families"])
        edges = [tuple(arrays[f"edges_{code}_{c}"] for c in range(4)) for code in range(n)]
        density = tuple(arrays[f"log_density_{code}"] for code in range(n))
        key, mass = (
            tuple(tuple(arrays[f"{name}_{a}_{b}"] for b in range(n)) for a in range(n))
            for name in ("pair_key", "pair_mass")
        )
        single = make_scan([(a, b, c, d) for a, b, c, d in edges], density)
        return Outlook(single, make_pairs(key, mass))

    def keep_outlook(self, outlook: Outlook) -> None:
        """Keep what was looked at."""
        scan, pair = outlook.single, outlook.pair
        n = len(scan.edges)
        arrays = {"families": np.array(n)}
        for code, (edges, density) in enumerate(zip(scan.edges, scan.log_density, strict=True)):
            arrays |= {f"edges_{code}_{c}": e for c, e in enumerate(edges)}
            arrays[f"log_density_{code}"] = density
        arrays |= {f"pair_key_{a}_{b}": pair.key[a][b] for a in range(n) for b in range(n)}
        arrays |= {f"pair_mass_{a}_{b}": pair.mass[a][b] for a in range(n) for b in range(n)}
        self._keep(_SCAN, arrays)

    def rung(self, island: int, scorer: Scorer) -> Rung | None:
        """Return the last rung of an island, its responses computed; None where there is none."""
        arrays = self._held.get(_ISLAND.format(island + 1))
        if arrays is None:
            return None
        objects = Objects(*(arrays[f.name] for f in fields(Objects)))
        scenes = Scenes(objects, *(arrays[name] for name in _SITE))
        return Rung(
            populate(scorer, scenes, arrays["log_each"]),
            arrays["held"],
            tuple(tuple(arrays[f"kernels_{i}"].tolist()) for i in range(len(scorer.surveys))),
            float(arrays["log_evidence"]),
            tuple(float(v) for v in arrays["temperatures"]),
            arrays["tally"],
            float(arrays["effective"]),
            self._seen(arrays),
        )

    def _seen(self, arrays: Mapping[str, Array]) -> tuple[Scan, Scan] | None:
        """What the scan saw when it looked again; the bins are those of the first look."""
        if "seen_0_0" not in arrays:
            return None
        outlook = self.outlook()
        edges = () if outlook is None else outlook.single.edges
        first, second = (
            make_scan(edges, [arrays[f"seen_{half}_{code}"] for code in range(len(edges))])
            for half in (0, 1)
        )
        return first, second

    def keep_rung(self, island: int, rung: Rung, seconds: float) -> None:
        """Replace what is kept of an island."""
        scenes = rung.population.scenes
        arrays = {f.name: getattr(scenes.objects, f.name) for f in fields(Objects)}
        arrays |= {name: getattr(scenes, name) for name in _SITE}
        arrays |= {f"kernels_{i}": np.array(labels) for i, labels in enumerate(rung.kernels)}
        arrays |= {
            "log_each": rung.population.log_each,
            "held": rung.held,
            "log_evidence": np.array(rung.log_evidence),
            "temperatures": np.array(rung.temperatures),
            "tally": rung.tally,
            "effective": np.array(rung.effective),
            "seconds": np.array(seconds),
        }
        for half, scan in enumerate(rung.seen or ()):
            arrays |= {f"seen_{half}_{code}": d for code, d in enumerate(scan.log_density)}
        self._keep(_ISLAND.format(island + 1), arrays)
