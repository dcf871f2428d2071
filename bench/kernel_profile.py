"""Where the time of the kernels goes: processor time of their parts on one thread.

    python bench/kernel_profile.py

Gravity: the rate of a loop that does nothing but the one square root and the one division of a
pair, as a ceiling, beside the kernel. Resistivity: the four stages of one scene at 24 quadrature
points. Likelihood: its products for a chunk of 128 scenes and one ground model. Each part is timed
alone on warm data, so the parts need not add up to the whole.
"""

from __future__ import annotations

import math

import numpy as np
from threadpoolctl import threadpool_limits

from gravity_speed import segment_work
from measure import Threads, clocked, describe, machine, save, table
from resistivity_speed import CHUNK, load
from subterra.ground import focus
from subterra.kernel import kernel
from subterra.physics import electrode_fields, log_response
from subterra.physics.resistivity_kernel import _difference, _polarise, _products

POINTS = 24


@kernel
def root_and_division(a, b, out):
    for j in range(a.size):
        out[j] = np.float32(math.sqrt(a[j])) / b[j]


def microseconds(work, calls, rounds=7):
    """Least processor time of one call, averaged over ``calls`` of them."""
    work()

    def many():
        for _ in range(calls):
            work()

    return 1e6 * min(clocked(many)[1] for _ in range(rounds)) / calls


def gravity_parts():
    rng = np.random.default_rng(1)
    a, b, out = (rng.uniform(1.0, 2.0, 4096).astype(np.float32) for _ in range(3))
    rows = [
        (
            "one square root, one division",
            4096 / microseconds(lambda: root_and_division(a, b, out), 2000),
        )
    ]
    with Threads(1) as threads:
        for name, vertices in (("chain of 4 segments", 5), ("one segment", 2)):
            work, pairs = segment_work(threads, vertices)
            rows.append((name, pairs / microseconds(work, 1)))
    return rows


def response_parts(layout):
    rng = np.random.default_rng(1)
    width = 3 * POINTS
    x, y = rng.uniform(0.0, 20.0, (2, POINTS)).astype(np.float32)
    z = np.full(POINTS, -2.5, np.float32)
    tensor = rng.random((6, POINTS), np.float32)
    section = np.zeros(POINTS, np.float32)
    fields, moments, injected, sensed = (
        np.zeros((n, width), np.float32)
        for n in (len(layout.x), len(layout.x), len(layout.current), len(layout.potential))
    )
    out = np.zeros(len(layout.abmn), np.float32)
    places = (layout.x, layout.y, layout.z)

    def differences():
        _difference(fields, layout.potential, width, sensed)
        _difference(moments, layout.current, width, injected)

    def products():
        _products(injected, sensed, layout.current_of, layout.potential_of, width, out)

    works = {
        "fields of the electrodes": lambda: electrode_fields(*places, x, y, z, POINTS, fields),
        "differences to dipoles": differences,
        "polarisation": lambda: _polarise(fields, tensor, section, POINTS, moments),
        "products of dipoles": products,
    }
    return [(name, microseconds(work, 2000)) for name, work in works.items()]


def likelihood_parts(evidence):
    one = evidence.with_models(focus(evidence.models, [0]))
    models = one.models
    project, weights, data = models.project[0], models.precision[0], models.data[0]
    rng = np.random.default_rng(1)
    total = rng.normal(0.0, 0.05, (CHUNK, len(models.sd))).astype(np.float32)
    inner = total @ project.T
    works = {
        "ln(1 + F)": lambda: log_response(total),
        "projection (matrix product)": lambda: total @ project.T,
        "weights of the nuisance nodes": lambda: (
            (inner * data) @ weights,
            (inner * inner) @ weights,
        ),
        "whole score": lambda: one.score(total),
    }
    return [(name, microseconds(work, 50) / CHUNK) for name, work in works.items()]


def main():
    about = machine()
    evidence = load()
    with threadpool_limits(1):
        gravity = gravity_parts()
        response = response_parts(evidence.layout)
        likelihood = likelihood_parts(evidence)
    print("\n## Where the time goes, one thread, processor time")
    print(describe(about))
    rows = [["gravity", name, f"{rate:,.0f} M pairs/s"] for name, rate in gravity]
    rows += [[f"response, {POINTS} points", n, f"{v:.1f} µs per scene"] for n, v in response]
    rows += [["likelihood, 1 model", n, f"{v:.1f} µs per scene"] for n, v in likelihood]
    print(table(["kernel", "part", "measured"], rows))
    parts = {"gravity_m_pairs": gravity, "response_us": response, "likelihood_us": likelihood}
    save("kernel_profile.json", {"machine": about} | {k: dict(v) for k, v in parts.items()})


if __name__ == "__main__":
    main()
