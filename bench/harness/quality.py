"""Distance of a thumbnail from the best one: full decode, then Lanczos3, not encoded."""

import io
import math
from dataclasses import dataclass

import numpy
from PIL import Image, ImageOps
from skimage.metrics import structural_similarity

# Images of 100 megapixels are not an attack here.
Image.MAX_IMAGE_PIXELS = None

PAPER = (255, 255, 255, 255)


@dataclass
class Quality:
    """Structural similarity of luma, and peak signal to noise of all channels in decibels."""

    ssim: float
    psnr: float


class Reference:
    """The upright, fully decoded source, and its reductions by Lanczos3."""

    def __init__(self, path):
        image = ImageOps.exif_transpose(Image.open(path))
        # Premultiplied, or the colors of invisible pixels would bleed.
        self.image = image.convert("RGBA").convert("RGBa") if _transparent(image) else image.convert("RGB")
        self.reductions = {}

    def compare(self, file):
        made = Image.open(io.BytesIO(file))
        if made.size not in self.reductions:
            reduced = self.image.resize(made.size, Image.Resampling.LANCZOS)
            self.reductions[made.size] = _on_paper(reduced)
        return _compare(self.reductions[made.size], _on_paper(made))


def _transparent(image):
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _on_paper(image):
    """Transparent pictures are compared as they look on white."""
    if image.mode == "RGBa" or _transparent(image):
        flat = Image.new("RGBA", image.size, PAPER)
        flat.alpha_composite(image.convert("RGBA"))
        image = flat
    return numpy.asarray(image.convert("RGB"), dtype=numpy.float64)


def _compare(expected, actual):
    error = numpy.mean((expected - actual) ** 2)
    psnr = 99.0 if error == 0 else 10 * math.log10(255**2 / error)
    weights = numpy.array([0.299, 0.587, 0.114])
    window = min(7, *(side - 1 + side % 2 for side in expected.shape[:2]))
    if window < 3:
        return Quality(1.0 if error == 0 else 0.0, psnr)
    ssim = structural_similarity(expected @ weights, actual @ weights, win_size=window, data_range=255)
    return Quality(float(ssim), psnr)


def size_at(points, ssim):
    """Bytes at which a peer reaches `ssim`, from its `(ssim, bytes)` at several qualities.

    Interpolates the logarithm of the size over the logarithm of the error;
    `None` where `ssim` is out of reach.
    """
    known = sorted((-math.log(1 - one), math.log(size)) for one, size in points)
    errors, sizes = zip(*known)
    wanted = -math.log(1 - ssim)
    if not errors[0] <= wanted <= errors[-1]:
        return None
    return math.exp(numpy.interp(wanted, errors, sizes))
