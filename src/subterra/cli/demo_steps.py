"""Steps that the demos share: each is what the verb of that name does, said and timed."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from subterra.cli.drilling import say_log, say_plan
from subterra.cli.inference import say_belief
from subterra.cli.output import Output
from subterra.errors import SiteError

if TYPE_CHECKING:
    from subterra.inference import Belief
    from subterra.search import Hole, PlannedHole
    from subterra.site import Site, SiteConfig
    from subterra.site.actions import SiteActions
    from subterra.site.log_hole import LoggedHole
    from subterra.site.plan_store import Plan

__all__ = ["Steps", "free_folder", "read_data"]

_N_SCENES: Final = 2048
"""Half of what ``infer`` takes by default: a first result in about a minute on two cores."""


def read_data(file: str) -> dict[str, Any]:
    """Read a file of data that comes with the package."""
    return json.loads(package_files("subterra.cli").joinpath(file).read_text(encoding="utf-8"))


def free_folder(wanted: Path) -> Path:
    """Return a folder that does not exist or is empty: the wanted one, or with a number."""
    candidate, number = wanted, 2
    while candidate.exists() and (not candidate.is_dir() or any(candidate.iterdir())):
        candidate = wanted.with_name(f"{wanted.name}-{number}")
        number += 1
    return candidate


class Steps:
    """The work on one demo site.

    Parameters
    ----------
    output : Output
        Where words go.
    folder : Path
        Where the site will be.
    """

    def __init__(self, output: Output, folder: Path) -> None:
        self._output = output
        self._folder = folder
        self._site: Site | None = None
        self._plan: Plan | None = None
        self._seconds: dict[str, float] = {}

    @property
    def site(self) -> Site:
        """The site as it stands."""
        if self._site is None:
            problem = f"{self._folder}: the demo has not made its site yet"
            raise SiteError(problem)
        return self._site

    def say(self, words: str) -> None:
        """Say something to the user."""
        self._output.say(words)

    def make(self, config: SiteConfig) -> None:
        """Make the site."""
        from subterra.site import Site

        with self._timed("new"):
            self._site = Site.create(self._folder, config)
        self.say(f"\n> subterra new: {self._folder}")

    def add(self, paths: Sequence[Path]) -> None:
        """Add files of evidence."""
        from subterra.site import add_files

        with self._timed("add"):
            self._site, items = add_files(self.site, paths)
        self.say("\n> subterra add")
        for item in items:
            self.say(f"  {item.original}: {item.what}")

    def add_hole(
        self,
        name: str,
        collar: tuple[float, float, float, float, float],
        length_m: float,
        void: tuple[float, float] | None,
    ) -> None:
        """Add a drilled hole and its log as files: collar x, y, z, azimuth and inclination."""
        from subterra.formats import write_boreholes, write_intervals
        from subterra.search import Hole
        from subterra.site.holes import collar_table, log_table

        hole = Hole(name, *collar, length_m)
        with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
            collars = Path(folder) / f"{name} collar.csv"
            intervals = Path(folder) / f"{name} log.csv"
            write_boreholes(collar_table([hole]), collars)
            write_intervals(log_table(hole, [] if void is None else [("void", *void)]), intervals)
            self.add([collars, intervals])

    def infer(self, seed: int) -> Belief:
        """Compute the belief."""
        from subterra.inference import summarise
        from subterra.site import infer_site

        before = self._seconds.get("infer", 0.0)
        with self._timed("infer"), self._output.progress() as progress:
            self._site, belief = infer_site(
                self.site, n_scenes=_N_SCENES, seed=seed, progress=progress
            )
        self.say(f"\n> subterra infer ({self._seconds['infer'] - before:.0f} s)")
        say_belief(self._output, summarise(belief))
        return belief

    def plan(self, *, reasons: bool = True) -> Plan:
        """Plan holes and freeze the plan; says the reason of each if wanted."""
        from subterra.site.plan_store import make_plan

        with self._timed("plan"):
            self._site, self._plan, current = make_plan(self.site)
        self.say("\n> subterra plan")
        say_plan(self._output, self._plan, current.belief.info.n_scenes, reasons=reasons)
        return self._plan

    def weigh(self) -> SiteActions:
        """Weigh holes, panels and survey lines against one another."""
        from subterra.cli.actions import say_actions
        from subterra.site.actions import weigh_actions

        with self._timed("weigh"):
            found = weigh_actions(self.site)
        self.say("\n> subterra plan --actions")
        say_actions(self._output, found, reasons=False)
        return found

    def as_hole(self, row: PlannedHole) -> Hole:
        """Return the hole of a row of the plan."""
        from subterra.site.holes import as_hole

        return as_hole(row)

    def log(self, hole: Hole, hit: tuple[float, float] | None) -> LoggedHole:
        """Log the result of a planned hole and update the belief."""
        from subterra.site.log_hole import log_hole

        with self._timed("log"), self._output.progress() as progress:
            done = log_hole(self.site, hole.name, hit=hit, progress=progress)
            self._site = done.site
        self.say(f"\n> subterra log {hole.name} ({self._seconds['log']:.0f} s)")
        say_log(self._output, done, str(self._folder))
        return done

    def finish(self) -> dict[str, Any]:
        """Write the page and say where everything lies; returns the facts for ``--json``."""
        from subterra.report import write_report

        with self._timed("report"):
            page = write_report(self.site)
        plan_files = [] if self._plan is None else [str(self._folder / f) for f in self._plan.files]
        total = sum(self._seconds.values())
        self.say(f"\nDone in {total:.0f} s: {self._timings()}.")
        self.say(f"Site: {self._folder}")
        for file in plan_files:
            self.say(f"Plan: {file}")
        self.say(f"Page: {page}")
        return {
            "site": str(self._folder),
            "report": str(page),
            "plan": plan_files,
            "seconds": {name: round(value, 2) for name, value in self._seconds.items()},
            "total_seconds": round(total, 2),
        }

    def _timings(self) -> str:
        return ", ".join(f"{name} {value:.1f} s" for name, value in self._seconds.items())

    @contextmanager
    def _timed(self, name: str) -> Generator[None]:
        began = time.perf_counter()
        yield
        self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - began
