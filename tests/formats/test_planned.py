"""Files of surveys that are only planned: read here, refused as evidence, and the other way."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.formats import (
    read_gravity,
    read_planned_gravity,
    read_planned_resistivity,
    read_unified,
    sniff_gravity,
    sniff_planned_gravity,
    sniff_planned_resistivity,
)
from subterra.testing.readers import check_reader

STATIONS = b"station,x,y,z,sd_ugal,crew\nA,1,2,0.5,4,anna\nB,6,2,0.5,4,anna\nC,6,7,0.6,4,bert\n"
ELECTRODES = b"""5 # electrodes
# x y z
0 5 0
2 5 0
4 5 0
6 5 0
8 5 0
2 # data
# a b m n err
1 2 3 4 0.02
2 3 4 5 0.03
0
"""


def written(folder, content, name):
    path = folder / name
    path.write_bytes(content)
    return path


def test_batteries():
    check_reader(read_planned_gravity, STATIONS, ".csv", mutations=150, seed=1)
    check_reader(read_planned_resistivity, ELECTRODES, ".dat", mutations=150, seed=1)


def test_stations(tmp_path):
    path = written(tmp_path, STATIONS, "plan.csv")
    table = read_planned_gravity(path)
    assert table.station == ("A", "B", "C")
    assert table.sd_ugal.tolist() == [4.0, 4.0, 4.0]
    assert table.z_m.tolist() == [0.5, 0.5, 0.6]
    assert dict(table.extra) == {"crew": ("anna", "anna", "bert")}
    assert sniff_planned_gravity(STATIONS)
    assert not sniff_gravity(STATIONS)
    with pytest.raises(InputError, match="missing column g_ugal"):
        read_gravity(path)


def test_stations_that_were_read_are_no_plan(tmp_path):
    measured = STATIONS.replace(b"crew", b"g_ugal").replace(b"anna", b"3").replace(b"bert", b"4")
    path = written(tmp_path, measured, "survey.csv")
    with pytest.raises(InputError, match=r"line 1, column 6.*has been measured"):
        read_planned_gravity(path)
    assert not sniff_planned_gravity(measured)


def test_electrodes(tmp_path):
    path = written(tmp_path, ELECTRODES, "plan.dat")
    table = read_planned_resistivity(path, origin=(100.0, 200.0), rotation_deg=90.0)
    assert table.abmn.tolist() == [[0, 1, 2, 3], [1, 2, 3, 4]]
    assert table.err_relative.tolist() == [0.02, 0.03]
    assert np.allclose(table.electrode_x_m, 95.0)
    assert np.allclose(table.electrode_y_m, 200.0 + 2.0 * np.arange(5))
    assert sniff_planned_resistivity(ELECTRODES)
    with pytest.raises(InputError, match="expected a column 'rhoa' or 'r'"):
        read_unified(path)


def test_errors_that_are_not_stated_are_written_out(tmp_path):
    """Reciprocal pairs of stand-ins must not seem to agree exactly."""
    silent = ELECTRODES.replace(b" err\n", b"\n").replace(b" 0.02\n", b"\n")
    silent = silent.replace(b" 0.03\n", b"\n")
    table = read_planned_resistivity(written(tmp_path, silent, "silent.dat"))
    assert table.err_relative.tolist() == [0.02, 0.02]


def test_columns_of_electrodes_without_names_are_a_b_m_n_err(tmp_path):
    bare = ELECTRODES.replace(b"# a b m n err\n", b"")
    table = read_planned_resistivity(written(tmp_path, bare, "bare.dat"))
    assert table.err_relative.tolist() == [0.02, 0.03]


@pytest.mark.parametrize("name", [b"rhoa", b"r", b"u"])
def test_electrodes_that_were_read_are_no_plan(tmp_path, name):
    path = written(tmp_path, ELECTRODES.replace(b"err", name), "survey.dat")
    with pytest.raises(InputError, match="has been measured"):
        read_planned_resistivity(path)
