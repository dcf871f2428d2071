"""pyGIMLi: inversion of each resistivity line in two dimensions, smooth or blocky."""

from __future__ import annotations

import numpy as np
import pygimli as pg
from pygimli.physics import ert

DEPTHS = np.arange(1.0, 7.01, 0.5)
STEP_M = 1.0


def ert_lines(path, compact):
    """Contrast of ln rho along every line of a unified data file.

    Returns `place` (lines, points, 2), `resistive` and `conductive` (lines, points): the largest
    contrast of each sign against the median of its depth, from 1 to 7 m down, and the depth of
    the larger of the two.
    """
    electrodes, rows = _read(path)
    lines = _lines(electrodes)
    found = [_one(electrodes[index], *_part(rows, index), compact) for index in lines]
    return {name: np.stack([f[name] for f in found]) for name in found[0]}


def _read(path):
    text = [v for v in path.read_text().splitlines() if v and not v.startswith("#")]
    n = int(text[0])
    electrodes = np.array([v.split() for v in text[1 : n + 1]], float)[:, :2]
    m = int(text[n + 1])
    return electrodes, np.array([v.split() for v in text[n + 2 : n + 2 + m]], float)


def _lines(electrodes):
    """Indices of the electrodes of each line, along it; lines run along x or y."""
    across = min((0, 1), key=lambda k: len(np.unique(electrodes[:, k])))
    values = np.unique(electrodes[:, across])
    along = 1 - across
    return [
        index[np.argsort(electrodes[index, along])]
        for index in (np.flatnonzero(electrodes[:, across] == v) for v in values)
    ]


def _part(rows, index):
    """Data of one line, numbered along it."""
    number = {int(e) + 1: k for k, e in enumerate(index)}
    mine = np.array([int(r[0]) in number for r in rows])
    abmn = np.array([[number[int(v)] for v in r[:4]] for r in rows[mine]])
    return abmn, rows[mine, 4], rows[mine, 5]


def _one(electrodes, abmn, rhoa, err, compact):
    s = np.linalg.norm(electrodes - electrodes[0], axis=1)
    data = pg.DataContainerERT()
    for v in s:
        data.createSensor([float(v), 0.0])
    data.resize(len(abmn))
    for k, name in enumerate("abmn"):
        data[name] = abmn[:, k]
    data["rhoa"], data["err"] = rhoa, np.maximum(err, 0.02)
    data["valid"] = np.ones(len(abmn))
    data["k"] = ert.createGeometricFactors(data, numerical=False)
    manager = ert.ERTManager(data, verbose=False)
    # Until it is told a number of threads, pgcore 1.6 returns a Jacobian of zeros without a word;
    # told to the operator of Python it has no effect.
    manager.fop._core.setThreadCount(1)
    model = manager.invert(
        lam=20.0, blockyModel=compact, robustData=False, paraDepth=9.0, quality=33.5, verbose=False
    )
    if float(np.abs(np.asarray(pg.utils.gmat2numpy(manager.fop.jacobian()))).max()) == 0.0:
        problem = "the Jacobian is zero: pgcore was not told its threads"
        raise RuntimeError(problem)
    mesh = manager.paraDomain
    at = np.arange(s[0] + 0.5 * STEP_M, s[-1], STEP_M)
    image = np.array([_values(mesh, np.log(np.asarray(model)), at, -d) for d in DEPTHS])
    contrast = image - np.median(image, axis=1, keepdims=True)
    heading = (electrodes[-1] - electrodes[0]) / s[-1]
    largest = np.abs(contrast).argmax(axis=0)
    return {
        "place": electrodes[0] + at[:, None] * heading,
        "resistive": contrast.max(axis=0),
        "conductive": -contrast.min(axis=0),
        "depth": DEPTHS[largest],
    }


def _values(mesh, model, x, z):
    cells = [mesh.findCell(pg.RVector3(float(v), float(z), 0.0)) for v in x]
    return np.array([model[c.id()] for c in cells])
