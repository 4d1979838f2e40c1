#!/usr/bin/env python3
"""Makes the HEIC files beside it: one picture of our own, encoded in a few ways.

It needs Pillow and pillow-heif, whose libheif has x265 (1.8.1 made those that are committed):

    python3 make.py
"""

import io
import pathlib
import sys

import numpy
import pillow_heif
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import heif  # noqa: E402
from sources import with_alpha  # noqa: E402


def picture(width, height):
    """Red grows to the right, green downwards, and blue is the same everywhere."""
    y, x = numpy.mgrid[0:height, 0:width]
    samples = [x * 255 // (width - 1), y * 255 // (height - 1), numpy.full_like(x, 128)]
    return Image.fromarray(numpy.dstack(samples).astype(numpy.uint8))


def encoded(made, depth=8, **options):
    samples, mode = numpy.asarray(made), made.mode
    if depth > 8:
        samples, mode = samples.astype(numpy.uint16) * 257, f"{mode};16"
    file = io.BytesIO()
    source = pillow_heif.from_bytes(mode=mode, size=made.size, data=samples.tobytes())
    source.save(file, quality=95, save_nclx_profile=True, **options)
    return file.getvalue()


def files():
    plain = picture(96, 64)
    yield "420-8", encoded(plain, chroma=420)
    yield "422-10", encoded(plain, 10, chroma=422)
    yield "444-8", encoded(plain, chroma=444, matrix_coefficients=1, full_range_flag=0)
    yield "gray", encoded(plain.convert("L"))
    yield "alpha", encoded(with_alpha(picture(96, 64)), chroma=444)
    pq = {"color_primaries": 9, "transfer_characteristics": 16, "matrix_coefficients": 9}
    yield "pq", encoded(plain, 10, chroma=444, **pq)
    whole = picture(160, 128)
    boxes = [(x, y, x + 80, y + 64) for y in (0, 64) for x in (0, 80)]
    tiles = [heif.coded(encoded(whole.crop(box), chroma=420))[0] for box in boxes]
    yield "grid", heif.file_of(tiles, 2, whole.size, [(b"irot", b"\1")])
    yield "overlay", heif.overlay_of([(-16, 8, tiles[0]), (40, 30, tiles[3])], (96, 64), (0, 0, 0, 0))


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    for name, file in files():
        (here / f"{name}.heic").write_bytes(file)
        print(f"{len(file):6} {name}.heic")
