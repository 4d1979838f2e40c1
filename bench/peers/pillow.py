"""Pillow: opened once a size, or (`once`) opened once and derived from the largest."""

import io
import sys

import PIL
import pillow_heif
import pillow_jxl  # noqa: F401 - teaches Pillow to read JPEG XL
from PIL import Image, ImageOps

from worker import serve

ORIENTATION = 0x0112


def opened(source, bounds):
    """The upright picture within `bounds`; `thumbnail` decodes a JPEG at a fraction by itself."""
    image = Image.open(io.BytesIO(source))
    if image.mode == "P":
        image = image.convert("RGB")
    sideways = image.getexif().get(ORIENTATION, 1) >= 5
    image.thumbnail(tuple(reversed(bounds)) if sideways else tuple(bounds), Image.Resampling.LANCZOS)
    return ImageOps.exif_transpose(image)


def encode(image, request):
    file = io.BytesIO()
    options = {} if request["format"] == "png" else {"quality": request["quality"]}
    image.save(file, request["format"].upper(), **options)
    return file.getvalue()


def each(source, request):
    return [encode(opened(source, bounds), request) for bounds in request["sizes"]]


def once(source, request):
    largest = max(request["sizes"], key=lambda bounds: bounds[0] * bounds[1])
    image = opened(source, largest)
    files = []
    for bounds in request["sizes"]:
        smaller = image.copy()
        smaller.thumbnail(tuple(bounds), Image.Resampling.LANCZOS)
        files.append(encode(smaller, request))
    return files


if __name__ == "__main__":
    pillow_heif.register_heif_opener()
    derived = "once" in sys.argv
    name = "pillow-once" if derived else "pillow"
    serve(name, {"pillow": PIL.__version__}, once if derived else each)
