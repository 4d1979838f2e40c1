"""The grammar of presets.

The native host's is the authority: ``bindings/presets.json`` has its answers to a few
hundred lines, and a test compares.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NoReturn, Optional, Union

from ._errors import PresetError, escape_unicode

Fit = Literal["inside", "outside", "cover", "contain", "fill"]
#: The middle, the most salient part, or a point from (0, 0) to (1, 1).
Focus = Union[Literal["center", "salient"], "tuple[float, float]"]

_FITS: tuple[Fit, ...] = ("inside", "outside", "cover", "contain", "fill")
_FORMATS = {
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "avif": "image/avif",
    "thumbhash": "image/x-thumbhash",
    "blurhash": "image/x-blurhash",
    "color": "image/x-color",
}
# Formats without a quality.
_LOSSLESS = ("image/png", "image/gif", "image/bmp", "image/x-thumbhash", "image/x-blurhash", "image/x-color")
_WORDS = (*_FITS, *_FORMATS, "center", "salient", "enlarge")
_MAX_SIDE = 65_535

_MESSAGES = {
    "no-name": "a preset is a name and a size, for example small=200x200",
    "name": "a name is 1 to 64 letters, digits, `-` and `_`, and begins with a letter or digit",
    "bounds": "a size is for example 200x200, 200x (any height) or x200 (any width)",
    "side": "a side is a number of pixels from 1 to 65535",
    "word": "no fit, focus or format is called that",
    "quality": "a quality is q1 (smallest) to q100 (best)",
    "max-bytes": "max-bytes is a number of bytes from 1 to 4294967295, for example max-bytes=20000",
    "no-quality": "max-bytes lowers the quality, and this format has none: name jpeg or webp instead",
    "point": "a point is two numbers from 0 to 1, for example at(0.5;0.3)",
    "color": "a color is #rrggbb or #rrggbbaa in hexadecimal digits, for example bg=#ffffff",
    "setting-name": "the name of a setting is made of lower case letters, digits, `-` and `.`",
    "setting-value": "the value of a setting is 1 to 64 visible characters",
}


@dataclass(frozen=True)
class Preset:
    """A thumbnail that is asked for: a name, a size and what else a line of the grammar says."""

    name: str
    width: Optional[int]
    height: Optional[int]
    fit: Fit = "inside"
    focus: Focus = "center"
    background: tuple[int, int, int, int] = (255, 255, 255, 255)
    enlarge: bool = False
    #: A media type such as ``image/webp``; without one the format is that of the source.
    media_type: Optional[str] = None
    quality: Optional[int] = None
    settings: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, line: str) -> Preset:
        """Reads ``name=WxH[,fit][,focus][,format][,qN][,bg=COLOR][,enlarge][,setting=value]...``

        Raises :class:`PresetError`, which points at the mistake.
        """
        return _Parser(line).preset()


def parse_presets(presets: Union[str, Iterable[Union[str, Preset]]]) -> list[Preset]:
    """Presets of a list of lines, or of a text with blanks between them."""
    if isinstance(presets, str):
        presets = [part.rstrip(";") for part in presets.split()]
        presets = [part for part in presets if part]
    parsed = [preset if isinstance(preset, Preset) else Preset.parse(preset) for preset in presets]
    names: set[str] = set()
    for preset in parsed:
        if preset.name in names:
            raise PresetError(preset.name, "twice", f"two presets have one name: {preset.name}")
        names.add(preset.name)
    return parsed


class _Parser:
    def __init__(self, line: str) -> None:
        self.line = line
        self.said: set[str] = set()
        self.fit: Fit = "inside"
        self.focus: Focus = "center"
        self.background = (255, 255, 255, 255)
        self.enlarge = False
        self.media_type: Optional[str] = None
        self.quality: Optional[int] = None
        self.settings: dict[str, str] = {}

    def preset(self) -> Preset:
        name, equals, rest = self.line.partition("=")
        if not equals:
            self.fail("no-name", 0, self.line)
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
            self.fail("name", 0, name)
        at = len(name) + 1
        size, *parts = rest.split(",")
        width, height = self.bounds(size, at)
        at += len(size) + 1
        for part in parts:
            self.part(part, at)
            at += len(part) + 1
        self.bounded_bytes(len(name) + 1, [size, *parts])
        return Preset(
            name=name,
            width=width,
            height=height,
            fit=self.fit,
            focus=self.focus,
            background=self.background,
            enlarge=self.enlarge,
            media_type=self.media_type,
            quality=self.quality,
            settings=tuple(self.settings.items()),
        )

    def bounded_bytes(self, at: int, parts: list[str]) -> None:
        """Refuses ``max-bytes`` for a format that has no quality to lower."""
        is_webp = self.media_type == "image/webp" and self.settings.get("webp.lossless") == "true"
        if self.media_type not in _LOSSLESS and not is_webp:
            return
        for part in parts:
            if part.startswith("max-bytes="):
                self.fail("no-quality", at, part)
            at += len(part) + 1

    def bounds(self, text: str, at: int) -> tuple[Optional[int], Optional[int]]:
        width, by, height = text.partition("x")
        if not by:
            self.fail("bounds", at, text)
        sides = self.side(width, at), self.side(height, at + len(width) + 1)
        if sides == (None, None):
            self.fail("bounds", at, text)
        return sides

    def side(self, text: str, at: int) -> Optional[int]:
        if not text:
            return None
        if not re.fullmatch("[0-9]+", text):
            self.fail("bounds", at, text)
        side = _small(text)
        if not 1 <= side <= _MAX_SIDE:
            self.fail("side", at, text)
        return side

    def part(self, text: str, at: int) -> None:
        media_type = _media_type(text)
        fit = next((fit for fit in _FITS if fit == text), None)
        if fit:
            self.once("fit", at, text)
            self.fit = fit
        elif text in ("center", "salient") or text.startswith("at("):
            focus = self.point(text, at)
            self.once("focus", at, text)
            self.focus = focus
        elif media_type:
            self.once("format", at, text)
            self.media_type = media_type
        elif re.fullmatch("q[0-9]+", text):
            quality = _small(text[1:])
            if not 1 <= quality <= 100:
                self.fail("quality", at, text)
            self.once("quality", at, text)
            self.quality = quality
        elif text == "enlarge":
            self.once("word enlarge", at, text)
            self.enlarge = True
        elif "=" in text:
            self.assignment(text, at)
        else:
            self.fail("word", at, text)

    def assignment(self, text: str, at: int) -> None:
        name, _, value = text.partition("=")
        behind = at + len(name) + 1
        if name == "bg":
            self.once("background", at, text)
            self.background = self.color(value, behind)
            return
        if not re.fullmatch("[a-z][a-z0-9.-]{0,63}", name):
            self.fail("setting-name", at, name)
        if name in self.settings:
            self.twice("setting", at, name)
        if not re.fullmatch("[!-~]{1,64}", value):
            self.fail("setting-value", behind, value)
        is_number = re.fullmatch("[0-9]+", value) and 1 <= _small(value) < 2**32
        if name == "max-bytes" and not is_number:
            self.fail("max-bytes", behind, value)
        self.settings[name] = value

    def point(self, text: str, at: int) -> Focus:
        if text == "center":
            return "center"
        if text == "salient":
            return "salient"
        found = re.fullmatch(r"at\(([0-9.]*);([0-9.]*)\)", text)
        x, y = (_fraction(side) for side in found.groups()) if found else (None, None)
        if x is None or y is None:
            self.fail("point", at, text)
        return (x, y)

    def color(self, text: str, at: int) -> tuple[int, int, int, int]:
        if not re.fullmatch("#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})", text):
            self.fail("color", at, text)
        red, green, blue, alpha = bytes.fromhex((text[1:] + "ff")[:8])
        return red, green, blue, alpha

    def once(self, what: str, at: int, text: str) -> None:
        if what in self.said:
            self.twice(what, at, text)
        self.said.add(what)

    def twice(self, what: str, at: int, text: str) -> NoReturn:
        self.fail("twice", at, text, f"the {what} is given twice")

    def fail(self, problem: str, at: int, text: str, message: str = "") -> NoReturn:
        message = message or _MESSAGES[problem]
        if problem == "word":
            meant = _nearest(text)
            suggestion = f"; did you mean `{meant}`?" if meant else ""
            message = f"`{_quoted(text)}`: {message}{suggestion}"
        place = f"preset `{_quoted(self.line)}`, column {at + 1}: "
        raise PresetError(self.line, problem, place + message, at + 1, max(len(text), 1))


def _small(digits: str) -> int:
    """A number, or one that is too large for anything: Python refuses to read very long ones."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= 10 else 10**10


def _media_type(word: str) -> Optional[str]:
    if word in _FORMATS:
        return _FORMATS[word]
    return word if re.fullmatch("image/[a-z0-9.+-]{1,64}", word) else None


def _fraction(text: str) -> Optional[float]:
    """A number from 0 to 1, as precise as the engine takes it."""
    if not re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", text):
        return None
    value = float(text)
    if value > 2:
        return None
    (value,) = struct.unpack("<f", struct.pack("<f", value))
    return value if value <= 1 else None


_KNOWN = {"\0": "\\0", "\t": "\\t", "\r": "\\r", "\n": "\\n", "\\": "\\\\", "'": "\\'", '"': '\\"'}


def _quoted(text: str) -> str:
    """``text`` with all escaped that cannot be seen or would end a quotation."""

    def shown(index: int, character: str) -> str:
        # A mark that would change the quotation before it.
        is_mark = index == 0 and unicodedata.category(character) in ("Mn", "Me")
        is_hidden = is_mark or not character.isprintable()
        return _KNOWN.get(character) or (escape_unicode(character) if is_hidden else character)

    return "".join(shown(*each) for each in enumerate(text))


def _nearest(word: str) -> Optional[str]:
    """The word that is a slip of the finger or two away."""
    near = ((_distance(word, known), known) for known in _WORDS)
    close = [(far, known) for far, known in near if far <= 2 and far + 1 < len(known)]
    return min(close)[1] if close else None


def _distance(source: str, target: str) -> int:
    """The letters to change, add or remove to get from one word to the other."""
    row = list(range(len(target) + 1))
    for index, left in enumerate(source):
        following = [index + 1]
        for column, right in enumerate(target):
            following.append(min(row[column] + (left != right), row[column + 1] + 1, following[column] + 1))
        row = following
    return row[-1]
