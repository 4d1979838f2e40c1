"""Goals of the project: Thimble's CPU time over sharp's.

Keyed by the stem of an image's name. A goal that is missed is reported as such.
"""

from dataclasses import dataclass

from workers import ONCE, SHARP


@dataclass(frozen=True)
class Goal:
    """The most that Thimble should take, as a share of a peer's time."""

    workload: str
    base: str
    most: float


def _goals(t3, once, t1):
    return (Goal("t3", SHARP, t3), Goal("t3", ONCE, once), Goal("t1", SHARP, t1))


_PHOTO = _goals(0.33, 0.65, 0.55)
_PNG = _goals(0.70, 1.0, 0.7)

GOALS = {
    "p12": _PHOTO,
    "p12e": _PHOTO,
    "p24": _PHOTO,
    "p12_444": _PHOTO,
    "p12p": _goals(0.25, 0.60, 0.65),
    "small": _goals(0.35, 0.40, 0.40),
    "shot": _PNG,
    "alpha": _PNG,
    "p12w": _goals(1.0, 1.3, 1.0),
}


def of(image):
    """The goals for an image by its file name."""
    stem, _, ending = image.rpartition(".")
    return GOALS.get("p12w" if ending == "webp" else stem, ())


# The most that the sandbox may cost: Thimble's time over that of the same engine as native code.
SANDBOX = 1.35
