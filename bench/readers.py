"""Damage the sample of every reader 10,000 times: no crash, no hang, no partial table.

    python bench/readers.py                     all readers, 10,000 damaged files each
    python bench/readers.py ags4 --mutations 500 --seed 3

The battery is `subterra.testing.check_reader`; the tests run it with 300.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests" / "formats"
sys.path.insert(0, str(TESTS))


def main() -> int:
    """Run the battery over the readers whose sample's name begins with one of those given."""
    from test_reader_battery import BINARY, READERS, SAMPLES

    from subterra.testing import check_reader

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="beginnings of sample names; all by default")
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()
    known = {name: (read, (SAMPLES / name).read_bytes(), True) for name, read in READERS.items()}
    known |= {name: (*pair, False) for name, pair in BINARY.items()}
    wanted = [n for n in known if not given.names or n.startswith(tuple(given.names))]
    failed = 0
    for name in wanted:
        read, sample, text = known[name]
        begun = time.perf_counter()
        try:
            check_reader(
                read,
                sample,
                Path(name).suffix,
                mutations=given.mutations,
                seed=given.seed,
                text=text,
            )
            result = "passed"
        except AssertionError as error:
            failed += 1
            result = f"FAILED: {str(error)[:400]}"
        print(f"{name:28s} {given.mutations:7d} {time.perf_counter() - begun:7.1f} s  {result}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
