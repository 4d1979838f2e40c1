"""The contract of host and engine, version 0.1.0, as bytes in the engine's memory.

These are the layouts that the canonical ABI of the component model gives to the types
of ``wit/thumbnailer.wit``. A component's own interface takes thirty-two bytes and a turn
of a loop for each byte of an image in Python, so the module inside is called directly.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ._errors import Kind
from ._presets import Preset

INTERFACE = "thimble:engine/thumbnailer@0.1.0"

_FITS = {"inside": 0, "outside": 1, "cover": 2, "contain": 3, "fill": 4}
_ERRORS: tuple[Kind, ...] = ("unsupported-format", "malformed-source", "limit-exceeded", "invalid-spec", "engine-other")

_SPEC = struct.Struct("<B3xIB3xI B3x B3xff 4B ?3x B3xII BB2x II")
_SETTING = struct.Struct("<IIII")
_LIST = struct.Struct("<II")
_OUTPUT = struct.Struct("<B3x II III II II")
_ERROR = struct.Struct("<B3x B3x II")
_THUMBNAIL = struct.Struct("<II II II")
_INFO = struct.Struct("<II II II II II")

# Puts bytes into the engine's memory, at an alignment, and returns their address.
Allocate = Callable[[bytes, int], int]
# Bytes of the engine's memory: address and length.
Read = Callable[[int, int], bytes]


class Unreadable(Exception):
    """The engine returned what is not of the contract's form."""


@dataclass(frozen=True)
class Info:
    """The engine, and its abilities."""

    name: str
    version: str
    decodes: tuple[str, ...]
    encodes: tuple[str, ...]
    settings: tuple[str, ...]


@dataclass(frozen=True)
class RawThumbnail:
    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Output:
    media_type: str
    width: int
    height: int
    frames: int
    thumbnails: list[RawThumbnail]
    warnings: list[str]


@dataclass(frozen=True)
class Refusal:
    kind: Kind
    detail: str


def lower(presets: Sequence[Preset], allocate: Allocate) -> tuple[int, int]:
    """Writes the specs of presets, and returns their address and number."""
    specs = b"".join(_spec(preset, allocate) for preset in presets)
    return allocate(specs, 4), len(presets)


def _spec(preset: Preset, allocate: Allocate) -> bytes:
    def text(value: str) -> tuple[int, int]:
        encoded = value.encode()
        return allocate(encoded, 1), len(encoded)

    focus = preset.focus
    point = focus if isinstance(focus, tuple) else (0.0, 0.0)
    case = 1 if isinstance(focus, tuple) else {"center": 0, "salient": 2}[focus]
    media_type = text(preset.media_type) if preset.media_type is not None else (0, 0)
    settings = b"".join(_SETTING.pack(*text(name), *text(value)) for name, value in preset.settings)
    return _SPEC.pack(
        preset.width is not None,
        preset.width or 0,
        preset.height is not None,
        preset.height or 0,
        _FITS[preset.fit],
        case,
        *point,
        *preset.background,
        preset.enlarge,
        preset.media_type is not None,
        *media_type,
        preset.quality is not None,
        preset.quality or 0,
        allocate(settings, 4),
        len(preset.settings),
    )


def lift(address: int, read: Read) -> Output | Refusal:
    """Reads the result of ``generate``."""
    if read(address, 1) == b"\x01":
        _, kind, at, length = _ERROR.unpack(read(address, _ERROR.size))
        if kind >= len(_ERRORS):
            raise Unreadable(f"an error of kind {kind}")
        return Refusal(_ERRORS[kind], _text(at, length, read))
    case, *fields = _OUTPUT.unpack(read(address, _OUTPUT.size))
    if case != 0:
        raise Unreadable(f"a result of kind {case}")
    type_at, type_length, width, height, frames, thumbnails_at, thumbnails, warnings_at, warnings = fields
    return Output(
        media_type=_text(type_at, type_length, read),
        width=width,
        height=height,
        frames=frames,
        thumbnails=[_thumbnail(entry, read) for entry in _entries(thumbnails_at, thumbnails, _THUMBNAIL, read)],
        warnings=_texts(warnings_at, warnings, read),
    )


def _thumbnail(entry: tuple[int, ...], read: Read) -> RawThumbnail:
    data_at, data_length, type_at, type_length, width, height = entry
    return RawThumbnail(read(data_at, data_length), _text(type_at, type_length, read), width, height)


def lift_info(address: int, read: Read) -> Info:
    """Reads the result of ``describe``."""
    fields = _INFO.unpack(read(address, _INFO.size))
    name, version, *lists = zip(fields[::2], fields[1::2])
    decodes, encodes, settings = (tuple(_texts(*entry, read)) for entry in lists)
    return Info(_text(*name, read), _text(*version, read), decodes, encodes, settings)


def _entries(at: int, count: int, layout: struct.Struct, read: Read) -> list[tuple[int, ...]]:
    return list(layout.iter_unpack(read(at, count * layout.size)))


def _texts(at: int, count: int, read: Read) -> list[str]:
    return [_text(text_at, length, read) for text_at, length in _entries(at, count, _LIST, read)]


def _text(at: int, length: int, read: Read) -> str:
    try:
        return read(at, length).decode()
    except UnicodeDecodeError:
        raise Unreadable("a text that is not UTF-8") from None
