"""The efforts of the JPEG encoder: bytes where a thumbnail is as good, and the time of making it.

Bytes and structural similarity are those of photographs that were made as small before, so that nothing but the encoding
counts. Times are those of whole thumbnails of the photographs themselves.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import figures
import tools
import workers as peers
from measure import Turns, ratio
from quality import Reference, size_at
from sources import Source
from workloads import QUALITY, Workload, images

# The default first: what both are compared at, and the qualities between which a size is looked for.
EFFORTS = ("small", "fast")
COMPARED = (50, 60, 70, 75, QUALITY, 85, 90)
BETWEEN = (30, 40, *COMPARED, 95)

# The photograph of p12.jpg in other files: made as small, it is the same picture again.
AGAIN = ("p12_444.jpg", "p12o.jpg", "p12p.jpg")

SIDES = (256, 512, 800)
ROUNDS = 9
ITERATIONS = 8


def run():
    """Writes the section `efforts` of BENCHMARKS.md."""
    tools.build()
    photographs = [image for image in images(quick=False) if image.format == "jpeg" and image.name not in AGAIN]
    peers.pin()
    running = [peers.Worker.start(name) for name in (peers.NATIVE, peers.THIMBLE)]
    try:
        rows = [_row(image, side, running) for image in photographs for side in SIDES]
    finally:
        for worker in running:
            worker.stop()
    head = ["photograph", "side", "bytes at equal SSIM", f"bytes at {QUALITY}", "its SSIM", "native time", "time"]
    middle = [f"{sum(float(row[2]) for row in rows) / len(rows):.3f}"]
    figures.write("efforts", [f"Processor: {figures.processor()}. Medians of {ROUNDS} rounds in turns; mean of the first "
                              f"column of figures: {middle[0]}.", "", *figures.table(head, rows)])


def _row(image, side, running):
    print(f"bench: efforts, {image.name} {side}", flush=True)
    workload = Workload("", ((side, side),))
    with tempfile.TemporaryDirectory() as folder:
        curves = _curves(image, workload, running[0], Path(folder))
    small, fast = (curves[effort] for effort in EFFORTS)
    reached = [size_at(small.values(), fast[quality][0]) for quality in COMPARED]
    shares = [size / fast[quality][1] for quality, size in zip(COMPARED, reached) if size is not None]
    same = small[QUALITY][1] / fast[QUALITY][1]
    better = small[QUALITY][0] - fast[QUALITY][0]
    times = [_time(image, workload, worker) for worker in running]
    return [image.name, str(side), f"{sum(shares) / len(shares):.3f}", f"{same:.3f}", f"{better:+.4f}", *times]


def _curves(image, workload, worker, folder):
    """Similarity and bytes of each effort, by quality."""
    from PIL import Image as Picture
    from PIL import ImageOps

    shrunk = Source(folder / "shrunk.png")
    picture = ImageOps.exif_transpose(Picture.open(image.path)).convert("RGB")
    picture.thumbnail(workload.sizes[0], Picture.Resampling.LANCZOS)
    picture.save(shrunk.path)
    reference = Reference(shrunk.path)
    curves = {effort: {} for effort in EFFORTS}
    for effort, curve in curves.items():
        for quality in BETWEEN:
            worker.run(_with(workload, effort, quality).request(shrunk, 1, folder))
            file = (folder / "0").read_bytes()
            curve[quality] = (reference.compare(file).ssim, len(file))
    return curves


def _time(image, workload, worker):
    """The default's time over that of the other effort, of whole thumbnails."""
    turns = {effort: Turns() for effort in EFFORTS}
    for number in range(ROUNDS):
        for effort in EFFORTS if number % 2 else reversed(EFFORTS):
            answer = worker.run(_with(workload, effort, QUALITY).request(image, ITERATIONS))
            turns[effort].milliseconds.append(answer["milliseconds"])
    return f"{ratio(turns, *EFFORTS).middle:.2f}"


def _with(workload, effort, quality):
    return replace(workload, quality=quality, settings=(("jpeg.effort", effort),))
