"""The codec for HEIC in a composed engine, beside libheif: every kind of file, at two sizes.

usage: oracle.py THIMBLE ENGINE [FOLDER]

With FOLDER, files and thumbnails stay there, to be looked at.
"""

import io
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from heif import coded, file_of

# Likeness in decibels: of pictures at full size, and of those that are averaged and whose in-loop
# filters are left out. Profiles and tone maps are rounded by each program in its own way.
BAR, BAR_OF_PROFILES = 40.0, 37.0


def scene(width, height, alpha=False):
    """Waves of all colors, edges, and a little noise: as hard as a photo."""
    y, x = numpy.mgrid[0:height, 0:width].astype(float)
    waves = [
        128 + 100 * numpy.sin(x / 37) * numpy.cos(y / 53),
        128 + 90 * numpy.sin((x + y) / 61),
        128 + 90 * numpy.cos(x / 97 - y / 41),
    ]
    picture = numpy.stack(waves, axis=-1)
    picture[height // 4 : height // 2, width // 3 : width // 2] = (220, 40, 60)
    picture[(x - width * 0.7) ** 2 + (y - height * 0.6) ** 2 < (height / 6) ** 2] = (30, 90, 200)
    picture += numpy.random.default_rng(7).normal(0, 3, picture.shape)
    picture = picture.clip(0, 255).astype(numpy.uint8)
    if alpha:
        fade = (x / width * 255).clip(0, 255).astype(numpy.uint8)
        picture = numpy.dstack([picture, fade])
    return Image.fromarray(picture)


def encoded(picture, **options):
    file = io.BytesIO()
    options = {"quality": 90, "chroma": 420, **options}
    pillow_heif.from_pillow(picture).save(file, **options)
    return file.getvalue()


def deep(picture, bits):
    """A picture of more than 8 bits."""
    pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
    samples = numpy.asarray(picture).astype(numpy.uint16) * 257
    heif = pillow_heif.from_bytes(mode="RGB;16", size=picture.size, data=samples.tobytes())
    file = io.BytesIO()
    heif.save(file, quality=90, chroma=420)
    return file.getvalue()


def decoded(file, mode="RGB"):
    return pillow_heif.read_heif(file, convert_hdr_to_8bit=True).to_pillow().convert(mode)


def display_p3():
    """A profile of Display P3, made by hand: a matrix and a curve."""
    number = lambda value: struct.pack(">i", round(value * 65536))
    xyz = lambda *values: b"XYZ \0\0\0\0" + b"".join(map(number, values))
    curve = b"para\0\0\0\0\0\3\0\0" + b"".join(map(number, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)))
    text = "Display P3".encode("utf-16-be")
    named = b"mluc\0\0\0\0" + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(text), 28) + text
    tags = [
        (b"desc", named), (b"cprt", named), (b"wtpt", xyz(0.96420, 1.0, 0.82491)),
        (b"rXYZ", xyz(0.51512, 0.24120, -0.00105)), (b"gXYZ", xyz(0.29198, 0.69225, 0.04189)),
        (b"bXYZ", xyz(0.15710, 0.06657, 0.78407)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve),
    ]
    at, table, data = 132 + 12 * len(tags), b"", b""
    for name, content in tags:
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(data), len(content))
        data += content
    head = struct.pack(">I4sI4s4s4s12s4s4s", at + len(data), b"none", 0x04000000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp", bytes(4))
    head += bytes(24) + number(0.96420) + number(1.0) + number(0.82491)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def grid(picture, tile, extra=(), **options):
    """A grid as phones write it: tiles of one size, of which the last reach beyond the picture."""
    columns, rows = -(-picture.width // tile), -(-picture.height // tile)
    whole = ImageOps.pad(picture, picture.size).crop((0, 0, columns * tile, rows * tile))
    parts, expected = [], Image.new("RGB", whole.size)
    for row in range(rows):
        for column in range(columns):
            place = (column * tile, row * tile)
            file = encoded(whole.crop((*place, place[0] + tile, place[1] + tile)), **options)
            parts.append(coded(file)[0])
            expected.paste(decoded(file), place)
    return file_of(parts, columns, picture.size, extra), expected.crop((0, 0, *picture.size))


def cases():
    """Name, file, expected picture and bar."""
    photo = scene(804, 602)
    for chroma in (420, 422, 444):
        file = encoded(photo, chroma=chroma)
        yield f"4:{chroma // 10 % 10}:{chroma % 10}", file, decoded(file), BAR
    for name, options in [
        ("narrow range, BT.709", {"matrix_coefficients": 1, "full_range_flag": 0}),
        ("BT.2020", {"matrix_coefficients": 9}),
    ]:
        file = encoded(photo, **options)
        yield name, file, decoded(file), BAR
    odd = scene(401, 303)
    file = encoded(odd)
    yield "odd sides", file, decoded(file), BAR
    file = encoded(photo.convert("L"))
    yield "gray", file, decoded(file), BAR
    for bits in (10, 12):
        file = deep(photo, bits)
        yield f"{bits} bits", file, decoded(file), BAR
    file = encoded(scene(300, 200, alpha=True))
    yield "alpha", file, decoded(file, "RGBA"), BAR
    profile = display_p3()
    wide = photo.copy()
    wide.info["icc_profile"] = profile
    file = encoded(wide)
    to_srgb = lambda picture: ImageCms.profileToProfile(
        picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), renderingIntent=1
    )
    yield "Display P3", file, to_srgb(decoded(file)), BAR_OF_PROFILES
    file, expected = grid(photo, 256)
    yield "grid", file, expected, BAR
    quarter = ((b"irot", b"\3"),)
    file, expected = grid(photo, 256, quarter)
    yield "grid, turned", file, expected.transpose(Image.Transpose.ROTATE_270), BAR
    mirrored = ((b"imir", b"\1"),)
    single = coded(encoded(photo))
    yield "mirrored", file_of([single[0]], 1, photo.size, mirrored), ImageOps.mirror(decoded(encoded(photo))), BAR
    crop = struct.pack(">8i", 400, 1, 300, 1, -102, 1, 49, 1)
    left, top = (804 - 400) // 2 - 102, (602 - 300) // 2 + 49
    shown = decoded(encoded(photo)).crop((left, top, left + 400, top + 300))
    yield "cropped", file_of([single[0]], 1, photo.size, ((b"clap", crop),)), shown, BAR


def likeness(made, expected):
    made, expected = (numpy.asarray(each).astype(float) for each in (made, expected))
    if made.shape != expected.shape:
        return 0.0
    if made.shape[-1] == 4:  # Colors count as far as they are seen.
        made, expected = (each[..., :3] * (each[..., 3:] / 255) for each in (made, expected))
    error = ((made - expected) ** 2).mean()
    return 99.0 if error == 0 else 10 * numpy.log10(255**2 / error)


def main(thimble, engine, folder):
    failed = 0
    for name, file, expected, bar in cases():
        source = folder / (name.replace(":", "").replace(" ", "-").replace(",", "") + ".heic")
        source.write_bytes(file)
        width, height = expected.size
        small = (max(1, round(width / 4)), max(1, round(height / 4)))
        subprocess.run(
            [thimble, "generate", source, "--engine", engine, "--preset", f"whole={width}x{height},png",
             "--preset", f"small={small[0]}x{small[1]},fill,png", "-o", folder / "thumbs"],
            check=True, stdout=subprocess.DEVNULL,
        )
        made = {path.stem: Image.open(path) for path in (folder / "thumbs").rglob("*.png") if source.name in str(path)}
        mode = expected.mode
        scaled = expected.resize(small, Image.Resampling.LANCZOS)
        results = [
            likeness(made["whole"].convert(mode), expected),
            likeness(made["small"].convert(mode), scaled),
        ]
        is_good = min(results) >= bar
        failed += not is_good
        print(f"{'' if is_good else 'NOT '}{'alike':6} {results[0]:5.1f} dB, small {results[1]:5.1f} dB  {name}", flush=True)
    print(f"{failed} of the files do not look as they should" if failed else "all look as they should")
    return failed > 0


if __name__ == "__main__":
    program, its_engine, *place = sys.argv[1:]
    if place:
        kept = pathlib.Path(place[0])
        kept.mkdir(parents=True, exist_ok=True)
        sys.exit(main(program, its_engine, kept))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(program, its_engine, pathlib.Path(temporary)))
