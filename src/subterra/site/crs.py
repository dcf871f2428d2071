"""Coordinate reference systems: projected, in metres, or refused."""

from __future__ import annotations

from subterra.errors import InputError

__all__ = ["check_crs"]


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
