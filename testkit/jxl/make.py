#!/usr/bin/env python3
"""Makes the JPEG XL files beside it: one picture of our own, encoded in every way.

It needs Pillow and libjxl's `cjxl` (0.7 made those that are committed):

    python3 make.py cjxl
"""

import pathlib
import struct
import subprocess
import sys
import tempfile

from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from sources import display_p3, with_alpha  # noqa: E402

SIDES = (96, 64)
LARGE = (640, 400)


def color(x, y, width, height):
    """Red grows to the right, green downwards, and blue is the same everywhere, or stripes in
    the large picture; from 0 to 1."""
    blue = abs((x + 2 * y) % 64 - 32) * 4 if width == LARGE[0] else 128
    return (x / (width - 1), y / (height - 1), blue / 255)


def picture(sides):
    width, height = sides
    made = Image.new("RGB", sides)
    pixels = [color(x, y, width, height) for y in range(height) for x in range(width)]
    made.putdata([tuple(int(sample * 255) for sample in pixel) for pixel in pixels])
    return made


def deep(sides, channels):
    """A PPM or a PGM of 16 bits."""
    width, height = sides
    kind = b"P6" if channels == 3 else b"P5"
    samples = []
    for y in range(height):
        for x in range(width):
            samples += [round(sample * 65535) for sample in color(x, y, width, height)[:channels]]
    return b"%s %d %d 65535\n" % (kind, width, height) + struct.pack(f">{len(samples)}H", *samples)


def floats(sides):
    """A PFM; its rows begin at the bottom."""
    width, height = sides
    samples = []
    for y in reversed(range(height)):
        for x in range(width):
            samples += color(x, y, width, height)
    return b"PF\n%d %d\n-1.0\n" % (width, height) + struct.pack(f"<{len(samples)}f", *samples)


# A curve of points, for a profile that has no numbers of its own in JPEG XL.
CURVE = b"curv" + struct.pack(">IIHHHHHH", 0, 6, 0, 4000, 14000, 28000, 46000, 65535)

FINE = ["-d", "0.1"]
EXACT = ["-d", "0"]

# Sources and settings of the encoder. The last of `SOURCES` that a name begins with is its source.
FILES = {
    "lossy": FINE,
    "lossy-container": [*FINE, "--container=1"],
    "lossy-modular": [*FINE, "-m", "1"],
    "lossy-quick": [*FINE, "-e", "3"],
    "lossy-resampled": ["-d", "24"],
    "lossless": EXACT,
    "lossless-quick": [*EXACT, "-e", "1"],
    "lossless-thorough": [*EXACT, "-e", "9"],
    "lossless-progressive": [*EXACT, "-p", "-R", "1"],
    "gray": EXACT,
    "gray-lossy": FINE,
    "gray-alpha": EXACT,
    "gray-16": EXACT,
    "alpha": EXACT,
    "alpha-lossy": FINE,
    "deep": EXACT,
    "deep-lossy": FINE,
    "float": EXACT,
    "float-lossy": FINE,
    "p3": [*EXACT, "-x", "color_space=RGB_D65_DCI_Rel_SRG"],
    "p3-lossy": [*FINE, "-x", "color_space=RGB_D65_DCI_Rel_SRG"],
    "profile": EXACT,
    "profile-lossy": FINE,
    "curve": EXACT,
    "curve-lossy": FINE,
    "deep-linear": [*EXACT, "-x", "color_space=RGB_D65_SRG_Rel_Lin"],
    "deep-pq": [*EXACT, "-x", "color_space=RGB_D65_202_Rel_PeQ"],
    "deep-pq-lossy": [*FINE, "-x", "color_space=RGB_D65_202_Rel_PeQ"],
    "deep-hlg": [*EXACT, "-x", "color_space=RGB_D65_202_Rel_HLG"],
    "jpeg": ["-j", "1"],
    "animation": EXACT,
    "frames": EXACT,
    "layers": EXACT,
    "odd": EXACT,
    "odd-lossy": FINE,
    "large": EXACT,
    "large-many-transforms": [*EXACT, "-R", "1"],
    "large-lossy": ["-d", "1"],
    "large-progressive": ["-d", "1", "--progressive_ac", "--progressive_dc", "1"],
    **{f"turned-{orientation}": ["-j", "0", *FINE] for orientation in range(2, 9)},
}


def png(made, **options):
    return ".png", lambda path: made.save(path, **options)


def frames(duration):
    """Four frames that are nearly alike, so that the encoder keeps them all."""
    made = [Image.new("RGB", (8, 8), (10 * number % 20, 0, 0)) for number in range(4)]
    return png(made[0], save_all=True, append_images=made[1:], duration=duration)


def raw(ending, made):
    return ending, lambda path: path.write_bytes(made)


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return ".jpg", lambda path: picture(SIDES).save(path, quality=100, subsampling=0, exif=exif)


SOURCES = {
    "lossy": lambda: png(picture(SIDES)),
    "lossless": lambda: png(picture(SIDES)),
    "gray": lambda: png(picture(SIDES).convert("L")),
    "gray-alpha": lambda: png(with_alpha(picture(SIDES)).convert("LA")),
    "gray-16": lambda: raw(".pgm", deep(SIDES, 1)),
    "alpha": lambda: png(with_alpha(picture(SIDES))),
    "deep": lambda: raw(".ppm", deep(SIDES, 3)),
    "float": lambda: raw(".pfm", floats(SIDES)),
    "p3": lambda: png(picture(SIDES)),
    "profile": lambda: png(picture(SIDES), icc_profile=display_p3()),
    "curve": lambda: png(picture(SIDES), icc_profile=display_p3(CURVE)),
    "jpeg": lambda: (".jpg", lambda path: picture(SIDES).save(path, quality=98)),
    "animation": lambda: png(
        picture(SIDES),
        save_all=True,
        append_images=[picture(SIDES).transpose(Image.Transpose.ROTATE_180), picture(SIDES)],
        duration=100,
    ),
    "frames": lambda: frames(100),
    "layers": lambda: frames(0),
    "odd": lambda: png(picture((37, 3))),
    "large": lambda: png(picture(LARGE)),
    **{f"turned-{orientation}": lambda orientation=orientation: turned(orientation) for orientation in range(2, 9)},
}


def main(encoder):
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in FILES.items():
            source = max((known for known in SOURCES if name.startswith(known)), key=len)
            ending, write = SOURCES[source]()
            path = pathlib.Path(folder) / f"source{ending}"
            write(path)
            target = here / f"{name}.jxl"
            command = [encoder, "--quiet", path, target, *arguments]
            subprocess.run([str(word) for word in command], check=True)
            print(f"{target.stat().st_size:6} {target.name}")


if __name__ == "__main__":
    main(sys.argv[1])
