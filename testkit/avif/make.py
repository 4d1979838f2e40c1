#!/usr/bin/env python3
"""Makes the AVIF files beside it: one picture of our own, encoded in every way.

It needs Pillow and libavif's `avifenc` (0.11 made those that are committed):

    python3 make.py avifenc

Without `avifenc` it makes those again that are put together of parts of others.
"""

import pathlib
import struct
import subprocess
import sys
import tempfile

from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import heif  # noqa: E402
from sources import display_p3, with_alpha  # noqa: E402

SIDES = (96, 64)


def picture(width, height):
    """Red grows to the right, green downwards, and blue is the same everywhere."""
    made = Image.new("RGB", (width, height))
    made.putdata(
        [(x * 255 // (width - 1), y * 255 // (height - 1), 128) for y in range(height) for x in range(width)]
    )
    return made


FINE = ["--min", "0", "--max", "8", "--minalpha", "0", "--maxalpha", "8"]

FILES = {
    "420-8": ["-y", "420"],
    "422-8": ["-y", "422"],
    "444-8": ["-y", "444"],
    "400-8": ["-y", "400"],
    "420-10": ["-y", "420", "-d", "10"],
    "422-12": ["-y", "422", "-d", "12"],
    "444-12": ["-y", "444", "-d", "12"],
    "400-10": ["-y", "400", "-d", "10"],
    "limited-709": ["-y", "420", "-r", "limited", "--cicp", "1/13/1"],
    "limited-2020-10": ["-y", "444", "-d", "10", "-r", "limited", "--cicp", "1/13/9"],
    "identity": ["-y", "444", "--cicp", "1/13/0"],
    "ycgco": ["-y", "444", "--cicp", "1/13/8"],
    "camera": ["-y", "420", "--cicp", "1/1/6"],
    "alpha": ["-y", "420"],
    "alpha-premultiplied": ["-y", "444", "-p"],
    "alpha-limited-10": ["-y", "420", "-d", "10"],
    "grid": ["-y", "420", "-g", "2x2"],
    "grid-alpha": ["-y", "444", "-g", "2x2"],
    "turned": ["--irot", "1"],
    "turned-and-mirrored": ["--irot", "3", "--imir", "0"],
    "cropped": ["--crop", "16,8,64,32"],
    "p3-code-points": ["-y", "444", "--cicp", "12/13/6"],
    "p3-profile": ["-y", "444"],
    "pq": ["-y", "444", "-d", "10", "--cicp", "9/16/9"],
    "hlg": ["-y", "420", "-d", "10", "--cicp", "9/18/9"],
    "grain": ["-y", "420", "-a", "film-grain-test=1"],
    "sequence": ["-y", "420"],
}


def turned(quarters):
    return (b"irot", bytes([quarters]))


def cropped(left, top, width, height, whole):
    """A clean aperture: its center counts from that of the whole."""
    shift = lambda start, length, side: 2 * start + length - side
    center = (shift(left, width, whole[0]), 2, shift(top, height, whole[1]), 2)
    return (b"clap", struct.pack(">8i", width, 1, height, 1, *center))


def put_together(here):
    """Files of parts of other files."""
    part = lambda name: heif.coded((here / f"{name}.avif").read_bytes())
    plain, gray = part("444-8")[0], part("400-8")[0]
    opaque, clear = (0, 0x8000, 0, 0xFFFF), (0, 0, 0, 0)
    # A crop in the middle of turns: what is left of it is 32 wide and 48 high.
    steps = [turned(1), cropped(8, 16, 48, 32, (64, 96)), turned(3)]
    picture, alpha = part("alpha")
    tiles = [picture, picture]
    color = [entry for entry in picture[1] if entry[0] == b"colr"]
    grid = (b"grid", [heif.sides(192, 64), *color], struct.pack(">BBBBHH", 0, 0, 0, 1, 192, 64))
    yield "overlay", heif.overlay_of([(-16, 8, plain), (40, 30, gray)], (128, 80), opaque)
    yield "overlay-transparent", heif.overlay_of([(16, 8, plain)], (128, 80), clear, [turned(1)])
    yield "film", heif.film_of([plain, gray], SIDES)
    yield "derived", heif.derived_of(plain, [turned(1)], [cropped(16, 8, 64, 32, SIDES)])
    yield "steps", heif.written([heif.with_more(plain, steps)])
    yield "grid-alphas", heif.written(
        [grid, *tiles, alpha, alpha],
        [(b"dimg", 1, [2, 3]), (b"auxl", 4, [2]), (b"auxl", 5, [3])],
    )


def main(encoder):
    here = pathlib.Path(__file__).parent
    if encoder:
        encode(here, encoder)
    for name, file in put_together(here):
        (here / f"{name}.avif").write_bytes(file)
        print(f"{len(file):6} {name}.avif")


def encode(here, encoder):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, arguments in FILES.items():
            sides = (160, 128) if name.startswith("grid") else SIDES
            made = picture(*sides)
            if "alpha" in name:
                made = with_alpha(made)
            source = folder / "source.png"
            made.save(source)
            sources = [source]
            if name == "sequence":
                other = folder / "other.png"
                made.transpose(Image.Transpose.ROTATE_180).save(other)
                sources.append(other)
            if name == "p3-profile":
                profile = folder / "p3.icc"
                profile.write_bytes(display_p3())
                arguments = [*arguments, "--icc", profile]
            target = here / f"{name}.avif"
            command = [encoder, "-s", "0", *FINE, *arguments, *sources, target]
            subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
            print(f"{target.stat().st_size:6} {target.name}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
