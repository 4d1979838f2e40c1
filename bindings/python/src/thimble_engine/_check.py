"""Checks of an answer: that it can be true, and answers what was asked.

The sandbox keeps an engine from doing harm; this keeps it from doing harm by what it
says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn, Optional

from ._contract import Info, Output, RawThumbnail
from ._errors import excerpt, failure
from ._limits import Limits
from ._presets import Preset

_BEGINNINGS = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG"),
    "image/gif": re.compile(rb"GIF8"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


def check(output: Output, presets: Sequence[Preset], limits: Limits, info: Info) -> None:
    is_there = min(output.width, output.height, output.frames) > 0
    is_within = (
        output.width * output.height <= limits.max_pixels and max(output.width, output.height) <= limits.max_side
    )
    if not is_there or not is_within or not re.fullmatch("image/[a-z0-9.+-]{1,64}", output.media_type):
        _lie("an impossible source")
    if len(output.thumbnails) != len(presets):
        _lie(f"{len(output.thumbnails)} thumbnails for {len(presets)} specs")
    for index, (thumbnail, preset) in enumerate(zip(output.thumbnails, presets)):
        why = _wrong(thumbnail, preset, output, limits, info)
        if why:
            _lie(f"thumbnail {index} is {why}")


def _lie(what: str) -> NoReturn:
    raise failure("engine-output", what)


def _wrong(made: RawThumbnail, preset: Preset, source: Output, limits: Limits, info: Info) -> Optional[str]:
    sides = ((made.width, preset.width, source.width), (made.height, preset.height, source.height))
    exceeds = any(bound is not None and side > bound for side, bound, _ in sides)
    misses = any(bound is not None and side != bound for side, bound, _ in sides)
    is_larger = any(side > original for side, _, original in sides)
    if min(made.width, made.height) < 1 or max(made.width, made.height) > limits.max_output_side:
        return f"{made.width}x{made.height}"
    if preset.fit in ("inside", "cover", "fill") and exceeds:
        return "outside its bounds"
    if preset.fit == "contain" and misses:
        return "not padded to its bounds"
    if preset.fit == "fill" and preset.enlarge and misses:
        return "not stretched to its bounds"
    if preset.fit != "contain" and not preset.enlarge and is_larger:
        return "larger than the source"
    if preset.media_type is not None and made.media_type != preset.media_type:
        return f"`{excerpt(made.media_type)}`, not `{preset.media_type}`"
    if made.media_type not in info.encodes:
        return f"`{excerpt(made.media_type)}`, which it does not write"
    beginning = _BEGINNINGS.get(made.media_type)
    if not made.data or (beginning and not beginning.match(made.data)):
        return f"not `{made.media_type}`"
    return None
