"""Small terrain and survey files, written byte by byte from the published format descriptions.

TIFF 6.0 (Adobe 1992) with the keys of OGC GeoTIFF 1.1; ASPRS LAS Specification 1.2 and 1.4 R15;
Survex "3d Format Specification", version 8.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

DOUBLE, ASCII, SHORT, LONG = 12, 2, 3, 4
_CODES = {DOUBLE: "d", SHORT: "H", LONG: "I"}
HEIGHTS = (300.0 + 0.25 * np.arange(20 * 24).reshape(20, 24) % 7.0).astype(np.float32)
"""Rows from north to south of the sample grid; 2 m cells, upper left corner 400000, 5600040."""


def lzw_codes(data):
    """LZW of TIFF 6.0, section 13, without ever using what was seen: a clear code in good time."""
    codes = [256]
    for k, byte in enumerate(data):
        if k and k % 250 == 0:
            codes.append(256)
        codes.append(byte)
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[k : k + 8], 2) for k in range(0, len(bits), 8))


def packbits_runs(data):
    """PackBits of TIFF 6.0, section 9, in literal stretches."""
    parts = [data[k : k + 100] for k in range(0, len(data), 100)]
    return b"".join(bytes([len(p) - 1]) + p for p in parts)


COMPRESSIONS = {1: bytes, 5: lzw_codes, 8: zlib.compress, 32773: packbits_runs}


def tiff(rows, *, order="<", compression=1, tile=None, keys=None, nodata="-9999", extra=()):
    """One band of any type in strips of 8 rows, or tiles of 16 x 16."""
    height, width = rows.shape
    kind = {"f": 3, "i": 2, "u": 1}[rows.dtype.kind]
    stored = rows.astype(rows.dtype.newbyteorder(order))
    pack = COMPRESSIONS[compression]
    if tile:
        padded = np.pad(stored, ((0, -height % tile), (0, -width % tile)))
        blocks = [
            padded[i : i + tile, j : j + tile]
            for i in range(0, padded.shape[0], tile)
            for j in range(0, padded.shape[1], tile)
        ]
    else:
        blocks = [stored[i : i + 8] for i in range(0, height, 8)]
    packed = [pack(np.ascontiguousarray(b).tobytes()) for b in blocks]
    places = 8 + np.cumsum([0, *(len(p) for p in packed)])
    where, sizes = (324, 325) if tile else (273, 279)
    if keys is None:
        keys = [(1024, 0, 1, 1), (1025, 0, 1, 1), (3072, 0, 1, 25833)]
    entries = [
        (256, SHORT, [width]), (257, SHORT, [height]), (258, SHORT, [8 * rows.dtype.itemsize]),
        (259, SHORT, [compression]), (262, SHORT, [1]), (277, SHORT, [1]),
        (where, LONG, places[:-1].tolist()), (sizes, LONG, [len(p) for p in packed]),
        (339, SHORT, [kind]),
        *([(322, SHORT, [tile]), (323, SHORT, [tile])] if tile else [(278, SHORT, [8])]),
        (33550, DOUBLE, [2.0, 2.0, 0.0]), (33922, DOUBLE, [0, 0, 0, 400000.0, 5600040.0, 0]),
        (34735, SHORT, [1, 1, 0, len(keys), *(v for key in keys for v in key)]),
        *([(42113, ASCII, nodata)] if nodata else []),
    ]  # fmt: skip
    entries = {tag: (kind, values) for tag, kind, values in (*entries, *extra)}
    entries = sorted((tag, *rest) for tag, rest in entries.items() if rest[1] is not None)
    start = int(places[-1])
    spill_at = start + 2 + 12 * len(entries) + 4
    directory, spill = struct.pack(f"{order}H", len(entries)), b""
    for tag, code, values in entries:
        data = (
            values.encode("ascii") + b"\0"
            if code == ASCII
            else struct.pack(f"{order}{len(values)}{_CODES[code]}", *values)
        )
        field = data.ljust(4, b"\0")
        if len(data) > 4:
            field, spill = struct.pack(f"{order}I", spill_at + len(spill)), spill + data
        count = len(data) if code == ASCII else len(values)
        directory += struct.pack(f"{order}HHI", tag, code, count) + field
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(f"{order}I", start)
    return head + b"".join(packed) + directory + bytes(4) + spill


def tiff_sample():
    """A tiled GeoTIFF with a vertical datum, compressed by LZW."""
    keys = [(1024, 0, 1, 1), (1025, 0, 1, 1), (3072, 0, 1, 25833), (4096, 0, 1, 7837)]
    rows = HEIGHTS.copy()
    rows[0, 0] = -9999.0
    return tiff(rows, compression=5, tile=16, keys=keys)


RECORD_BYTES = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)


def las_points():
    """Places, class, return and number of returns of twelve points; nine of them are ground."""
    k = np.arange(12)
    x, y = 400000.0 + 5.0 * (k % 4), 5600000.0 + 5.0 * (k // 4)
    kind = np.where(k % 4 == 3, 5, 2)
    return x, y, 300.0 + 0.1 * (x - 400000.0) + 3.0 * (kind == 5), kind


def las(minor=2, point_format=1, *, kinds=None, records=(), flags=0):
    """LAS 1.0 to 1.4, uncompressed; ``records`` are variable length records."""
    x, y, z, kind = las_points()
    kind = kind if kinds is None else np.asarray(kinds)
    size = {3: 235, 4: 375}.get(minor, 227)
    own = b"".join(
        struct.pack("<H16sHH32s", 0, user, number, len(data), b"") + data
        for user, number, data in records
    )
    head = bytearray(size)
    head[:4], head[24], head[25] = b"LASF", 1, minor
    n, length = len(x), RECORD_BYTES[point_format]
    struct.pack_into("<HIIBHI", head, 94, size, size + len(own), len(records), point_format,
                     length, n)  # fmt: skip
    struct.pack_into("<6d", head, 131, 0.01, 0.01, 0.01, 400000.0, 5600000.0, 0.0)
    if minor == 4:
        struct.pack_into("<QIQ", head, 235, 0, 0, n)
    body = b""
    for k in range(n):
        place = [round((v - o) * 100) for v, o in ((x[k], 4e5), (y[k], 5.6e6), (z[k], 0.0))]
        wide = point_format >= 6
        returns = 0x11 if wide else 0x09
        tail = bytes([returns, flags, int(kind[k])] if wide else [returns, int(kind[k]) | flags])
        body += (struct.pack("<3iH", *place, 0) + tail).ljust(length, b"\0")
    return bytes(head) + own + body


def las_keys(code=25833):
    """Key directory with the code of a projected system."""
    keys = (1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, code)
    return (b"LASF_Projection", 34735, struct.pack("<12H", *keys))


def label(before, after):
    """How one label becomes the next: bytes cut and bytes appended."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    cut, more = len(before) - same, after[same:]
    if cut < 16 and len(more) < 16 and (cut or more):
        return bytes([cut << 4 | len(more)]) + more
    return bytes([0, cut, len(more)]) + more


def survex_3d(legs, stations, *, crs="EPSG:27700", flags=b"\0", version=b"v8"):
    """Survex image of legs (from, to, leg flags, survey) and stations by name, m."""
    out = b"Survex 3D Image File\n" + version + b"\nA mine\0" + crs.encode() + b"\n@1371300355\n"
    out += flags + b"\0"
    held, here = b"", None

    def place(name):
        return struct.pack("<3i", *(round(100 * v) for v in stations[name]))

    for begin, end, leg_flags, survey in legs:
        if here != begin:
            out += b"\x0f" + place(begin)
        out += b"\x11" + struct.pack("<H", 41000)
        if survey.encode() == held:
            out += bytes([0x60 | leg_flags]) + place(end)
        else:
            out += bytes([0x40 | leg_flags]) + label(held, survey.encode()) + place(end)
            held = survey.encode()
        here = end
    out += b"\x1f" + struct.pack("<5i", len(legs), 5000, 100, 90, 40)
    for name in stations:
        out += b"\x82" + label(held, name.encode()) + place(name)
        held = name.encode()
    out += b"\x30" + label(held, held[:-1] + b"2") + struct.pack("<4H", 100, 90, 0xFFFF, 20)
    return out + b"\0"


def survex_3d_sample():
    """A short drive with a splay, a leg above ground and a station of two names."""
    stations = {
        "mine.1": (171500.0, 51200.0, 70.0),
        "mine.2": (171520.0, 51200.0, 68.0),
        "mine.3": (171531.5, 51211.25, 67.5),
        "mine.top.1": (171500.0, 51200.0, 70.0),
        "mine.top.2": (171490.0, 51260.0, 74.0),
        "mine.wall": (171520.0, 51203.0, 68.0),
    }
    legs = [
        ("mine.1", "mine.2", 0, "mine"),
        ("mine.2", "mine.wall", 4, "mine"),
        ("mine.2", "mine.3", 2, "mine"),
        ("mine.top.1", "mine.top.2", 1, "mine.top"),
    ]
    return survex_3d(legs, stations)
