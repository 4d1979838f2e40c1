"""Thumbnails of untrusted images, in a sandbox of WebAssembly: the engine of Thimble.

>>> import thimble_engine
>>> made = thimble_engine.thumbnails("photo.jpg", ["small=200x200,cover,webp"])
>>> made.thumbnails[0].name, made.thumbnails[0].media_type
('small', 'image/webp')
"""

from __future__ import annotations

from ._contract import Info
from ._errors import Kind, PresetError, ThimbleError
from ._limits import Limits
from ._presets import Fit, Focus, Preset, parse_presets
from ._sandbox import DEFAULT_PRESETS, DIGEST, Engine, Image, Presets, Result, Source, Thumbnail

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_PRESETS",
    "DIGEST",
    "Engine",
    "Fit",
    "Focus",
    "Image",
    "Info",
    "Kind",
    "Limits",
    "Preset",
    "PresetError",
    "Presets",
    "Result",
    "Source",
    "ThimbleError",
    "Thumbnail",
    "describe",
    "inspect",
    "parse_presets",
    "thumbnails",
]


def thumbnails(
    source: Source,
    presets: Presets = DEFAULT_PRESETS,
    *,
    memory: int = Engine.MEMORY,
    seconds: float = Engine.SECONDS,
    limits: Limits = Limits(),
    max_source: int = Engine.MAX_SOURCE,
) -> Result:
    """Makes a thumbnail for each preset of an image: a path, or its bytes.

    The options are those of :class:`Engine`. Raises :class:`ThimbleError`: then there is
    no thumbnail at all.
    """
    engine = Engine(memory=memory, seconds=seconds, limits=limits, max_source=max_source)
    return engine.thumbnails(source, presets)


def inspect(source: Source) -> Image:
    """Facts from the header of an image. No pixel is decoded."""
    return Engine().inspect(source)


def describe() -> Info:
    """Name, version and abilities of the engine."""
    return Engine().describe()
