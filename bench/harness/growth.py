"""Growth of cost: with the megapixels of the source, and with the number of thumbnails."""

from PIL import Image as Picture

from measure import interleaved
from workers import NATIVE, ONCE, SHARP, THIMBLE
from workloads import T3, Image, Workload

COMPARED = (THIMBLE, NATIVE, SHARP, ONCE)

MEGAPIXELS = (1, 2, 4, 8, 16, 24)

# Any shop's sizes: each larger than the one before.
SIZES = ((75, 75), (125, 125), (256, 256), (480, 480), (800, 800), (1280, 720), (1600, 1600), (1920, 1080))


def measure(running, images, folder, rounds, say):
    """Milliseconds of each compared peer, by megapixels and by number of sizes."""
    workers = [worker for worker in running if worker.name in COMPARED]
    photos = [image for image in images if image.format == "jpeg"]
    largest = max(photos, key=lambda image: _pixels(image.path))
    return {
        "megapixels": _by_megapixels(workers, largest, folder, rounds, say),
        "sizes": _by_sizes(workers, largest, rounds, say),
    }


def _pixels(path):
    with Picture.open(path) as picture:
        return picture.width * picture.height


def _by_megapixels(workers, largest, folder, rounds, say):
    points = []
    for megapixels in MEGAPIXELS:
        say(f"growth: {megapixels} megapixels")
        path = folder / f"{megapixels}.jpg"
        with Picture.open(largest.path) as picture:
            scale = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
            size = (round(picture.width * scale), round(picture.height * scale))
            picture.convert("RGB").resize(size, Picture.Resampling.LANCZOS).save(path, quality=90)
        points.append([megapixels, _medians(workers, Image(path), T3, rounds)])
    return points


def _by_sizes(workers, image, rounds, say):
    points = []
    for count in range(1, len(SIZES) + 1):
        say(f"growth: {count} sizes")
        points.append([count, _medians(workers, image, Workload("", SIZES[:count]), rounds)])
    return points


def _medians(workers, image, workload, rounds):
    turns = interleaved(workers, image, workload, rounds)
    return {name: found.median for name, found in turns.items() if found.milliseconds}
