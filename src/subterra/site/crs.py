"""Coordinate reference systems: projected, in metres, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = ["check_crs", "to_site_frame"]


def check_crs(crs: str) -> str:
    """Check that a site can be measured in a coordinate reference system.

    Parameters
    ----------
    crs : str
        ``EPSG:n``.

    Returns
    -------
    str
        The same in capitals.

    Raises
    ------
    InputError
        If it is not known, not projected or not in metres.
    """
    import pyproj
    from pyproj.exceptions import CRSError

    try:
        known = pyproj.CRS.from_user_input(crs)
    except CRSError as error:
        problem = f"{crs!r} is not a known coordinate reference system; expected EPSG:n"
        raise InputError(problem) from error
    units = {axis.unit_name for axis in known.axis_info}
    if not known.is_projected or not units <= {"metre", "meter"}:
        problem = (
            f"{crs} ({known.name}) is not a projected system in metres but in "
            f"{', '.join(sorted(units)) or 'unknown units'}; take for example the UTM zone"
        )
        raise InputError(problem)
    return crs.upper()


def to_site_frame(
    crs: str, site_crs: str, x: npt.NDArray[Any], y: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """Transform plan coordinates into the site's frame.

    Parameters
    ----------
    crs : str
        Frame of the coordinates: an authority's code, or well-known text.
    site_crs : str
        The site's.
    x, y : (n,) numpy.ndarray
        Easting or longitude, northing or latitude.

    Returns
    -------
    x, y : (n,) numpy.ndarray
        In the site's frame, metres.
    accuracy_m : float
        Stated accuracy of the operation that was taken, m; 0 for a mere change of projection.

    Raises
    ------
    InputError
        If the frame is not known, no operation of known accuracy leads to the site's, or a
        coordinate lies outside of where it holds.
    """
    import pyproj
    from pyproj.exceptions import CRSError, ProjError

    try:
        known = pyproj.CRS.from_user_input(crs)
    except CRSError as error:
        problem = f"{crs[:80]!r} is not a known coordinate reference system"
        raise InputError(problem) from error
    target = pyproj.CRS.from_user_input(site_crs)
    if known == target:
        return np.asarray(x, np.float64), np.asarray(y, np.float64), 0.0
    try:
        operation = pyproj.Transformer.from_crs(known, target, always_xy=True, allow_ballpark=False)
        east, north = operation.transform(x, y, errcheck=True)
        # Of several operations the one that fits the coordinates states its accuracy after use.
        chosen = operation if operation.accuracy >= 0.0 else operation.get_last_used_operation()
    except ProjError as error:
        problem = (
            f"no operation of known accuracy leads from {known.name} to {target.name} for these "
            f"coordinates ({error}); transform the map with the national grid first"
        )
        raise InputError(problem) from error
    out = np.asarray(east, np.float64), np.asarray(north, np.float64)
    if not all(np.isfinite(v).all() for v in out):
        problem = f"a coordinate lies outside of the domain of {known.name}"
        raise InputError(problem)
    return *out, max(float(chosen.accuracy), 0.0)
