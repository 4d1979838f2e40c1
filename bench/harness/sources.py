"""A photograph in each format that the main tables lack, beside the usual code for it.

The photograph is `p12.jpg`, encoded once and kept. Thumbnails are JPEG. HEIC is measured where
`make heic` has built its codec: it is joined to the engine for that.
"""

import hashlib
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import figures
import tools
import workers as peers
from measure import interleaved, ratio
from workloads import T1, T3, Image, images

FOLDER = tools.TARGET / "bench-sources"
ROUNDS = 5
PEERS = (peers.THIMBLE, peers.NATIVE, peers.SHARP, "pillow")
# Sides of a tile of HEIC, as phones write them.
TILE = 512
USUAL = (peers.SHARP, "pillow")


@dataclass(frozen=True)
class Source(Image):
    """A source whose thumbnails are JPEG."""

    @property
    def format(self):
        return "jpeg"


@dataclass(frozen=True)
class Kind:
    """A format, the end of its files, and the most of the usual code's time that is wanted."""

    name: str
    suffix: str
    save: dict
    three: float = 1.0
    one: float = 1.0
    engine: str = peers.THIMBLE

    def goal(self, workload):
        return self.three if workload is T3 else self.one


KINDS = (
    Kind("AVIF", ".avif", {"quality": 70, "speed": 8}, one=2.0),
    Kind("JPEG XL", ".jxl", {"quality": 90, "effort": 3}, one=2.0),
    Kind("HEIC", ".heic", {"quality": 80, "chroma": 420}, one=2.0, engine=peers.COMPOSED),
    Kind("GIF", ".gif", {}),
    Kind("TIFF, LZW", "-lzw.tif", {"compression": "tiff_lzw"}),
    Kind("TIFF, Deflate", "-deflate.tif", {"compression": "tiff_adobe_deflate"}),
    Kind("TIFF, JPEG", "-jpeg.tif", {"compression": "jpeg", "quality": 90}),
    Kind("TIFF, 16 bits, Deflate", "-16.tif", {}),
    Kind("BMP", ".bmp", {}),
)


def run():
    """Writes the section `sources` of BENCHMARKS.md."""
    tools.build()
    engines = {peers.THIMBLE, peers.COMPOSED} if tools.compose("heic") else {peers.THIMBLE}
    kinds = [kind for kind in KINDS if kind.engine in engines]
    photograph = next(image for image in images(quick=False) if image.path.stem == "p12" and image.format == "jpeg")
    peers.pin()
    running = [peers.Worker.start(name) for name in (*PEERS, *sorted(engines - {peers.THIMBLE}))]
    try:
        rows = [row for kind in kinds for row in _rows(kind, _encoded(kind, photograph.path), running)]
    finally:
        for worker in running:
            worker.stop()
    head = ["source", "thumbnails", *(peers.LABELS[name] for name in PEERS), "over the quicker", "MiB"]
    figures.write("sources", [f"Processor: {figures.processor()}. CPU milliseconds; medians of {ROUNDS} rounds in turns.",
                              "", *figures.table(head, rows)])


def _rows(kind, path, running):
    names = (kind.engine, *PEERS[1:])
    running = [worker for worker in running if worker.name in names]
    for workload in (T3, T1):
        print(f"bench: {kind.name} {workload.name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            turns = interleaved(running, Source(path), workload, ROUNDS, Path(folder))
        usual = [name for name in USUAL if turns[name].milliseconds]
        quicker = min(usual, key=lambda name: turns[name].median)
        found = ratio(turns, kind.engine, quicker)
        goal = kind.goal(workload)
        share = f"{found.middle:.2f} ({found.low:.2f} to {found.high:.2f}), "
        share += f"{goal:.2f}" if found.middle <= goal else f"**{goal:.2f}**"
        times = [f"{turns[name].median:.0f}" if turns[name].milliseconds else "-" for name in names]
        memory = f"{turns[kind.engine].memory / 2**20:.0f}"
        yield [kind.name, str(len(workload.sizes)), *times, share, memory]


def _encoded(kind, photograph):
    """The photograph in a format; made anew if it or the way to encode it is another."""
    digest = hashlib.sha256(photograph.read_bytes() + repr(kind).encode()).hexdigest()[:12]
    path = FOLDER / f"{digest}{kind.suffix}"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"part-{path.name}")
        _encode(kind, photograph, part)
        part.rename(path)
    return path


def _encode(kind, photograph, path):
    import numpy
    import pillow_jxl  # noqa: F401 - teaches Pillow to write JPEG XL
    import tifffile
    from PIL import Image as Pillow

    image = Pillow.open(photograph).convert("RGB")
    if kind.suffix == "-16.tif":
        samples = numpy.asarray(image).astype(numpy.uint16) * 257
        tifffile.imwrite(path, samples, photometric="rgb", compression="zlib", rowsperstrip=16)
    elif kind.suffix == ".heic":
        path.write_bytes(_grid(image, kind.save))
    else:
        image.save(path, **kind.save)


def _grid(image, save):
    """A grid of tiles, as phones write it; the last ones reach beyond the picture."""
    import pillow_heif

    sys.path.insert(0, str(tools.CHECKOUT / "testkit"))
    import heif

    tiles = []
    columns = range(0, image.width, TILE)
    for top in range(0, image.height, TILE):
        for left in columns:
            file = io.BytesIO()
            pillow_heif.from_pillow(image.crop((left, top, left + TILE, top + TILE))).save(file, **save)
            tiles.append(heif.coded(file.getvalue())[0])
    return heif.file_of(tiles, len(columns), image.size)
