"""Images made by code, of which some mean no good."""

from __future__ import annotations

import struct
import zlib
from typing import Optional

_STARTS = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png(width: int, height: int, *, interlaced: bool = False, claims: Optional[tuple[int, int]] = None) -> bytes:
    """A PNG of zeros: gray, or RGBA where it is interlaced. ``claims`` is the size in the header."""
    color, interlace = (6, 1) if interlaced else (0, 0)
    header = struct.pack(">IIBBBBB", *(claims or (width, height)), 8, color, 0, 0, interlace)
    length = _passes(width, height) if interlaced else (width + 1) * height
    data = zlib.compress(bytes(length), 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _passes(width: int, height: int) -> int:
    """Bytes of the seven passes over an image of RGBA, with a byte of filter in each row."""
    total = 0
    for x, y, across, down in _STARTS:
        columns, rows = -((x - width) // across), -((y - height) // down)
        total += rows * (1 + 4 * columns) if columns > 0 else 0
    return total


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
