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
import zlib

import numpy
import pillow_heif
from PIL import Image, ImageCms, ImageOps

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "testkit"))
from heif import coded, derived_of, file_of, film_of, overlay_of, with_more, written  # noqa: E402

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


def deep(picture, bits, **options):
    """A picture of more than 8 bits."""
    pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
    samples = numpy.asarray(picture).astype(numpy.uint16) * 257
    heif = pillow_heif.from_bytes(mode=f"{picture.mode};16", size=picture.size, data=samples.tobytes())
    file = io.BytesIO()
    heif.save(file, **{"quality": 90, "chroma": 420, **options})
    return file.getvalue()


def png_of(file, primaries, transfer):
    """The samples of a deep file as a PNG that states the same colors by numbers."""
    heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=False)
    width, height = heif.size
    samples = numpy.frombuffer(bytes(heif.data), numpy.uint16)
    samples = samples.reshape(height, -1)[:, : width * 3].astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    numbers = bytes([primaries, transfer, 0, 1])
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*part) for part in ((b"IHDR", head), (b"cICP", numbers), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


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


def auxiliary(item, name):
    """A picture as one that belongs to another."""
    kind, owned, data = item
    owned = [entry for entry in owned if entry[0] != b"auxC"]
    return (kind, [*owned, (b"auxC", bytes(4) + name + b"\0")], data)


def cases():
    """Name, file, bar, and the expected picture: as pixels, or as a file of another format that the engine shows."""
    photo = scene(404, 302)
    yield from samples(photo)
    yield from colors(photo)
    yield from items(photo)


def samples(photo):
    """Subsampling, range, depth and alpha."""
    for chroma in (420, 422, 444):
        file = encoded(photo, chroma=chroma)
        yield f"4:{chroma // 10 % 10}:{chroma % 10}", file, BAR, decoded(file)
    for name, options in [
        ("narrow range, BT.709", {"matrix_coefficients": 1, "full_range_flag": 0}),
        ("BT.2020", {"matrix_coefficients": 9}),
    ]:
        file = encoded(photo, **options)
        yield name, file, BAR, decoded(file)
    file = encoded(scene(401, 303))
    yield "odd sides", file, BAR, decoded(file)
    file = encoded(photo.convert("L"))
    yield "gray", file, BAR, decoded(file)
    for bits, chroma in ((10, 420), (10, 422), (10, 444), (12, 420)):
        file = deep(photo, bits, chroma=chroma)
        yield f"{bits} bits, {chroma}", file, BAR, decoded(file)
    clear = scene(204, 152, alpha=True)
    file = encoded(clear)
    yield "alpha", file, BAR, decoded(file, "RGBA")
    file = deep(clear, 10)
    yield "alpha, 10 bits", file, BAR, decoded(file, "RGBA")
    pixels = numpy.asarray(clear).astype(int)
    multiplied = pixels[..., :3] * pixels[..., 3:] // 255
    main = coded(encoded(Image.fromarray(multiplied.astype(numpy.uint8)), quality=100, chroma=444))[0]
    opacity = coded(encoded(clear, quality=100))[1]
    file = written([main, opacity], [(b"auxl", 2, [1]), (b"prem", 1, [2])])
    yield "alpha, colors multiplied by it", file, BAR_OF_PROFILES, clear


def colors(photo):
    """Profiles and code points."""
    profile = display_p3()
    wide = photo.copy()
    wide.info["icc_profile"] = profile
    file = encoded(wide)
    to_srgb = lambda picture: ImageCms.profileToProfile(
        picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), renderingIntent=1
    )
    yield "Display P3", file, BAR_OF_PROFILES, to_srgb(decoded(file))
    file, expected = grid(wide, 128)
    yield "Display P3, grid", file, BAR_OF_PROFILES, to_srgb(expected)
    for name, primaries, transfer, matrix in (
        ("PQ", 9, 16, 9), ("HLG", 9, 18, 9), ("Display P3 by numbers", 12, 13, 6), ("camera, BT.2020", 9, 14, 9),
    ):
        numbers = {"color_primaries": primaries, "transfer_characteristics": transfer, "matrix_coefficients": matrix}
        file = deep(photo, 10, chroma=444, **numbers)
        plain = png_of(file, primaries, 13 if transfer == 14 else transfer)
        yield name, file, BAR_OF_PROFILES, plain
        kind, owned, data = coded(file)[0]
        without = [entry for entry in owned if entry[0] != b"colr"]
        if name in ("PQ", "HLG"):
            yield f"{name}, in the stream alone", written([(kind, without, data)]), BAR_OF_PROFILES, plain


def items(photo):
    """Grids, turns, crops, overlays, and what is no part of the picture."""
    file, expected = grid(photo, 128)
    yield "grid", file, BAR, expected
    last = len(file) - 100
    cut = expected.copy()
    cut.paste((128, 128, 128), (384, 256, 404, 302))
    yield "grid, cut off in its last tile", file[:last], BAR, cut
    quarter, mirrored = (b"irot", b"\3"), (b"imir", b"\1")
    file, expected = grid(photo, 128, (quarter,))
    yield "grid, turned", file, BAR, expected.transpose(Image.Transpose.ROTATE_270)
    whole = encoded(photo)
    item, picture = coded(whole)[0], decoded(whole)
    yield "mirrored", written([with_more(item, [mirrored])]), BAR, ImageOps.mirror(picture)
    crop = (b"clap", struct.pack(">8i", 200, 1, 150, 1, -102, 2, 24, 1))
    left, top = (404 - 200) // 2 - 51, (302 - 150) // 2 + 24
    shown = picture.crop((left, top, left + 200, top + 150))
    yield "cropped", written([with_more(item, [crop])]), BAR, shown
    turned = ImageOps.mirror(shown.transpose(Image.Transpose.ROTATE_270))
    yield "cropped, turned, mirrored", written([with_more(item, [crop, quarter, mirrored])]), BAR, turned
    yield "derived twice", derived_of(item, [mirrored], [quarter, mirrored], [crop]), BAR, ImageOps.mirror(turned)
    small = coded(encoded(ImageOps.invert(photo).resize((160, 120))))[0]
    yield "thumbnail of another picture", written([item, small], [(b"thmb", 2, [1])]), BAR, picture
    gains = auxiliary(small, b"urn:com:apple:photo:2020:aux:hdrgainmap")
    depth = auxiliary(small, b"urn:mpeg:hevc:2015:auxid:2")
    more = [(b"auxl", 2, [1]), (b"auxl", 3, [1])]
    yield "gain map and depth", written([item, gains, depth], more), BAR, picture
    exif = (b"Exif", [], bytes(4) + b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0")
    yield "Exif that would turn it", written([item, exif], [(b"cdsc", 2, [1])]), BAR, picture
    yield "sequence without items", film_of([item, item], photo.size), BAR, picture
    canvas = Image.new("RGB", (450, 250), (0, 128, 255))
    tile = encoded(photo.resize((200, 150)))
    canvas.paste(picture, (-50, 20))
    canvas.paste(decoded(tile), (300, -24))
    layers = [(-50, 20, item), (300, -24, coded(tile)[0])]
    file = overlay_of(layers, canvas.size, (0, 0x8000, 0xFFFF, 0xFFFF))
    yield "overlay", file, BAR, canvas


def refused(photo):
    """Name, file, and a word of the reason."""
    whole = encoded(photo)
    item = coded(whole)[0]
    yield "cut off", whole[: len(whole) // 2], "corrupt"
    yield "no bytes", whole[:200], "corrupt"
    kind, owned, data = item
    yield "noise", written([(kind, owned, bytes(range(256)) * 20)]), "corrupt"
    yield "overlay of turned pictures", overlay_of([(0, 0, with_more(item, [(b"irot", b"\1")]))], (9, 9), (0, 0, 0, 0)), "turned"


def likeness(made, expected):
    made, expected = (numpy.asarray(each).astype(float) for each in (made, expected))
    if made.shape != expected.shape:
        return 0.0
    if made.shape[-1] == 4:  # Colors count as far as they are seen.
        made, expected = (each[..., :3] * (each[..., 3:] / 255) for each in (made, expected))
    error = ((made - expected) ** 2).mean()
    return 99.0 if error == 0 else 10 * numpy.log10(255**2 / error)


class Engine:
    """The composed engine, at the command line."""

    def __init__(self, thimble, engine, folder):
        self.command, self.folder = [thimble, "generate", "--engine", engine], folder

    def thumbnails(self, name, file, sizes):
        """Thumbnails of a file by their names, or what is said of it."""
        source = self.folder / "".join(letter if letter.isalnum() or letter == "." else "-" for letter in name)
        source.write_bytes(file)
        presets = [word for size in sizes.items() for word in ("--preset", "{}={}".format(*size))]
        done = subprocess.run(
            [*self.command, source, *presets, "-o", self.folder / "thumbs"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            return done.stdout + done.stderr
        made = (self.folder / "thumbs" / source.name).glob("*.png")
        return {path.stem: Image.open(path) for path in made}


def judged(engine, name, file, expected):
    """Likeness at full size, and at a quarter."""
    if isinstance(expected, bytes):
        expected = engine.thumbnails(f"{name}.png", expected, {"whole": "4000x4000,png"})["whole"].convert("RGB")
    width, height = expected.size
    small = (max(1, round(width / 4)), max(1, round(height / 4)))
    sizes = {"whole": f"{width}x{height},png", "small": f"{small[0]}x{small[1]},fill,png"}
    made = engine.thumbnails(f"{name}.heic", file, sizes)
    if isinstance(made, str):
        print(made)
        return [0.0, 0.0]
    scaled = expected.resize(small, Image.Resampling.LANCZOS)
    return [
        likeness(made["whole"].convert(expected.mode), expected),
        likeness(made["small"].convert(expected.mode), scaled),
    ]


def main(thimble, engine, folder):
    engine = Engine(thimble, engine, folder)
    failed = 0
    for name, file, bar, expected in cases():
        results = judged(engine, name, file, expected)
        is_good = min(results) >= bar
        failed += not is_good
        print(f"{'' if is_good else 'NOT '}{'alike':6} {results[0]:5.1f} dB, small {results[1]:5.1f} dB  {name}", flush=True)
    for name, file, word in refused(scene(204, 152)):
        said = engine.thumbnails(f"{name}.heic", file, {"small": "64x64,png"})
        is_good = isinstance(said, str) and word in said
        failed += not is_good
        print(f"{'' if is_good else 'NOT '}refused  {name}: {str(said).strip().splitlines()[-1:]}", flush=True)
    print(f"{failed} of the files are not taken as they should be" if failed else "all are taken as they should be")
    return failed > 0


if __name__ == "__main__":
    program, its_engine, *place = sys.argv[1:]
    if place:
        kept = pathlib.Path(place[0])
        kept.mkdir(parents=True, exist_ok=True)
        sys.exit(main(program, its_engine, kept))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(program, its_engine, pathlib.Path(temporary)))
