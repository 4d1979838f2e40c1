"""Images that are measured, and the thumbnails that are made of them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import CHECKOUT, TARGET

FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}

# Workloads for every day: a photo, a dense one, a small one, a screenshot.
QUICK = ("p12", "p12e", "small", "shot")

QUALITY = 80


@dataclass(frozen=True)
class Image:
    """A source and the format its thumbnails get: its own."""

    path: Path

    @property
    def name(self):
        return self.path.name

    @property
    def format(self):
        return FORMATS[self.path.suffix]


@dataclass(frozen=True)
class Workload:
    """The boxes that the thumbnails of a source fit inside."""

    name: str
    sizes: tuple
    quality: int = QUALITY
    settings: tuple = ()

    def request(self, image, iterations=1, output=None):
        return {
            "source": str(image.path),
            "sizes": self.sizes,
            "format": image.format,
            "quality": self.quality,
            "settings": self.settings,
            "iterations": iterations,
            "output": None if output is None else str(output),
        }


T3 = Workload("t3", ((75, 75), (125, 125), (1280, 720)))
T1 = Workload("t1", ((256, 256),))


def images(quick):
    """The images of `BENCH_IMAGES`, or those that the project makes by itself."""
    folder = os.environ.get("BENCH_IMAGES")
    if not folder:
        folder = TARGET / "bench-images"
        made = subprocess.run(["cargo", "xtask", "samples", "--bench", str(folder)], cwd=CHECKOUT, check=False)
        if made.returncode != 0:
            raise SystemExit("bench: the images cannot be made; name a folder of images in BENCH_IMAGES")
    found = [Image(path) for path in sorted(Path(folder).iterdir()) if path.suffix in FORMATS]
    if not found:
        raise SystemExit(f"bench: no .jpg, .png or .webp was found in the folder: {folder}")
    chosen = [image for image in found if image.path.stem in QUICK]
    return (chosen or found[:4]) if quick else found
