"""Parts of the pictures that `avif/make.py` and `jxl/make.py` encode."""

import struct

from PIL import Image


def with_alpha(opaque):
    """Transparent on the left, opaque on the right."""
    width, height = opaque.size
    alpha = Image.new("L", opaque.size)
    alpha.putdata([x * 255 // (width - 1) for _ in range(height) for x in range(width)])
    opaque.putalpha(alpha)
    return opaque


def display_p3(curve=None):
    """An ICC profile: the primaries of Display P3, and the curve of sRGB unless there is another."""

    def numbers(*values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = curve or b"para\0\0\0\0\0\3\0\0" + numbers(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {
        b"wtpt": b"XYZ \0\0\0\0" + numbers(0.9642, 1, 0.8249),
        b"rXYZ": b"XYZ \0\0\0\0" + numbers(0.51512, 0.2412, -0.00105),
        b"gXYZ": b"XYZ \0\0\0\0" + numbers(0.29198, 0.69225, 0.04189),
        b"bXYZ": b"XYZ \0\0\0\0" + numbers(0.1571, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
        b"desc": b"desc\0\0\0\0\0\0\0\3P3\0" + bytes(81),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
    }
    table, values = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(values), len(value))
        values += value
    length = 128 + len(table) + len(values)
    head = struct.pack(">I", length) + b"lcms\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp"
    head += bytes(28) + numbers(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + table + values
