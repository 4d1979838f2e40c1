"""libvips through pyvips: `thumbnail_buffer`, once a size."""

import importlib.metadata

import pyvips

from worker import serve

SUFFIX = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}


def thumbnail(source, bounds, request):
    width, height = bounds
    image = pyvips.Image.thumbnail_buffer(source, width, height=height, size="down")
    options = {} if request["format"] == "png" else {"Q": request["quality"]}
    return image.write_to_buffer(SUFFIX[request["format"]], keep="none", **options)


def thumbnails(source, request):
    return [thumbnail(source, bounds, request) for bounds in request["sizes"]]


pyvips.cache_set_max(0)
numbers = [str(pyvips.version(part)) for part in range(3)]
serve(
    "pyvips",
    {"pyvips": importlib.metadata.version("pyvips"), "vips": ".".join(numbers)},
    thumbnails,
)
