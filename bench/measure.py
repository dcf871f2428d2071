"""What the benchmarks share: clocks, threads, the machine, one table and one file per script."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
WORLDS_PYTHON = HERE / ".env-worlds" / "bin" / "python"


def clocked(work):
    """Wall-clock and processor seconds, over all threads of the process, of one call."""
    wall, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - used


def in_turn(works, rounds=5):
    """Shortest wall-clock and processor seconds of each piece of work, (2, n).

    The pieces take turns, so that all meet the same machine; a first round compiles. Processor
    time hardly feels other people's work on the same cores, wall-clock time does.
    """
    for work in works:
        work()
    taken = [[clocked(work) for work in works] for _ in range(rounds)]
    return np.array(taken).min(axis=0).T


class Threads:
    """A pool that runs parts of one piece of work, each part with single-threaded BLAS."""

    def __init__(self, number):
        self.number = number
        self._pool = ThreadPoolExecutor(number)
        self._limits = threadpool_limits(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._pool.shutdown()
        self._limits.restore_original_limits()

    def run(self, work, parts):
        """Call ``work(part)`` for every part; each thread goes through a share of its own."""

        def share(first):
            for part in parts[first :: self.number]:
                work(part)

        list(self._pool.map(share, range(self.number)))


def slices(n, size):
    return [slice(i, min(i + size, n)) for i in range(0, n, size)]


def machine():
    """Processor, cores, load when asked, and versions: without them a number means little."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [v for v in info.read_text().splitlines() if v.startswith("model name")]
        model = named[0].split(":")[1].strip() if named else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def describe(about):
    busy = about["load_1_min"] > 0.5 * about["cores"]
    return (
        f"{about['processor']}, {about['cores']} cores, load {about['load_1_min']}"
        f"{' (busy machine)' if busy else ''}, Python {about['python']}, numpy {about['numpy']}"
    )


def table(header, rows):
    """Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(v) for v in row) + " |" for row in rows]
    return "\n".join(lines)


def save(name, content):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / name).write_text(json.dumps(content, indent=1) + "\n")


def run_peer(script, *arguments):
    """Run a script of ``bench/peers`` in the environment of the peers; return its last line."""
    command = [str(WORLDS_PYTHON), str(HERE / "peers" / script), *map(str, arguments)]
    if not WORLDS_PYTHON.exists():
        problem = "the peers' environment is missing: make -C bench/worlds env"
        raise SystemExit(problem)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        problem = f"{script} failed:\n{done.stderr[-2000:]}"
        raise SystemExit(problem)
    return json.loads(done.stdout.splitlines()[-1])


def yes(met):
    return "yes" if met else "NO"
