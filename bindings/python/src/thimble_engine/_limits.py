"""Limits of a source image."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ._constants import DEFAULTS

_LIMITS: dict[str, int] = DEFAULTS["limits"]


@dataclass(frozen=True)
class Limits:
    """Limits of a source image; an image over one of them is a ``limit-exceeded``."""

    max_pixels: int = _LIMITS["maxPixels"]
    max_side: int = _LIMITS["maxSide"]
    max_frames: int = _LIMITS["maxFrames"]
    max_profile: int = _LIMITS["maxProfile"]
    max_output_side: int = _LIMITS["maxOutputSide"]

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            most = 2**64 - 1 if name == "max_pixels" else 2**32 - 1
            if not isinstance(value, int) or not 0 <= value <= most:
                raise ValueError(f"{name} is a whole number up to {most}, not {value!r}")
