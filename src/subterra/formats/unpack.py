"""Compression of TIFF that the standard library has not: LZW and PackBits (TIFF 6.0, 9 and 13)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel

__all__ = ["lzw", "packbits"]

Array = npt.NDArray[Any]


def lzw(data: bytes, size: int) -> bytes:
    """Unpack codes of 9 to 12 bits, most significant bit first; at most ``size`` bytes.

    What is damaged gives fewer bytes.
    """
    out = np.zeros(size, np.uint8)
    done = _lzw(np.frombuffer(data, np.uint8), out)
    return out[:done].tobytes()


def packbits(data: bytes, size: int) -> bytes:
    """Unpack runs and literal stretches; at most ``size`` bytes; see `lzw`."""
    out = np.zeros(size, np.uint8)
    done = _packbits(np.frombuffer(data, np.uint8), out)
    return out[:done].tobytes()


@kernel
def _lzw(data: Array, out: Array) -> int:
    """Write what the codes say and return how many bytes that are.

    A code's string is the string of another code with one more byte. Codes get a bit longer one
    code early, as TIFF writers do.
    """
    prefix = np.zeros(4096, np.int32)
    last = np.zeros(4096, np.uint8)
    length = np.ones(4096, np.int32)
    for code in range(256):
        last[code] = code
    used, width, before = 258, 9, -1
    bits, held, done = 0, 0, 0
    for byte in data:
        bits = ((bits << 8) | int(byte)) & 0xFFFFFFFF
        held += 8
        if held < width:
            continue
        held -= width
        code = (bits >> held) & ((1 << width) - 1)
        if code == 257:
            return done
        if code == 256:
            used, width, before = 258, 9, -1
            continue
        if before < 0:
            if code > 255 or done >= out.size:
                return done
            out[done] = code
            done += 1
            before = code
            continue
        if code > used or used > 4095:
            return done
        # The string of a code that is just being made is the last one with its own first byte.
        source = code if code < used else before
        n = length[source]
        if done + n + (code == used) > out.size:
            return done
        at, walk = done + n - 1, source
        for _ in range(n):
            out[at] = last[walk]
            walk = prefix[walk]
            at -= 1
        first = out[done]
        done += n
        if code == used:
            out[done] = first
            done += 1
        prefix[used] = before
        last[used] = first
        length[used] = length[before] + 1
        used += 1
        before = code
        if used >= (1 << width) - 1 and width < 12:
            width += 1
    return done


@kernel
def _packbits(data: Array, out: Array) -> int:
    at, done = 0, 0
    while at < data.size:
        count = int(data[at])
        at += 1
        if count == 128:
            continue
        n = count + 1 if count < 128 else 257 - count
        take = n if count < 128 else 1
        if at + take > data.size or done + n > out.size:
            return done
        for k in range(n):
            out[done + k] = data[at + (k if count < 128 else 0)]
        at += take
        done += n
    return done
