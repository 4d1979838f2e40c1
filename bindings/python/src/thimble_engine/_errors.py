"""Reasons why there are no thumbnails."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "unsupported-format",
    "malformed-source",
    "limit-exceeded",
    "source-too-large",
    "invalid-preset",
    "invalid-spec",
    "engine-memory",
    "engine-other",
    "engine-output",
    "engine-stack",
    "engine-time",
    "engine-trap",
    "engine-unavailable",
]

# The longest text of an engine that is passed on, in characters.
_EXCERPT = 300

_COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


class ThimbleError(Exception):
    """Reason why there are no thumbnails: ``kind`` is a stable word, the text is for people."""

    kind: Kind

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross processes, and keep their fields there.
        return (_again, (type(self), str(self), self.__dict__))


class PresetError(ThimbleError, ValueError):
    """Malformed preset, with the place of the mistake."""

    line: str
    #: A stable word for the mistake.
    problem: str
    #: Position of the mistake, in characters from 1.
    column: int
    #: Number of characters of the mistake, at least 1.
    length: int

    def __init__(self, line: str, problem: str, message: str, column: int = 1, length: int = 1) -> None:
        super().__init__("invalid-preset", message)
        self.line = line
        self.problem = problem
        self.column = column
        self.length = length

    @property
    def pointer(self) -> str:
        """The preset, and beneath it a mark for each character of the mistake."""
        shown = re.sub("[\x00-\x1f\x7f-\x9f]", " ", self.line)
        return f"{shown}\n{' ' * (self.column - 1)}{'^' * self.length}"


def _again(kind: type[ThimbleError], message: str, fields: dict[str, object]) -> ThimbleError:
    error = kind.__new__(kind, message)
    Exception.__init__(error, message)
    error.__dict__.update(fields)
    return error


def escape_unicode(character: str) -> str:
    """A character as the host writes it in messages."""
    return f"\\u{{{ord(character):x}}}"


def excerpt(text: str) -> str:
    """The beginning of ``text`` in one line, with all escaped that a terminal would obey."""
    line = " ".join(text.split())
    if len(line) > _EXCERPT:
        line = line[:_EXCERPT] + "…"
    return _COMMANDS.sub(lambda found: escape_unicode(found[0]), line)


# Failures of an engine in the words of the native host, which are the only ones for them.
_PROBLEMS: dict[Kind, str] = {
    "unsupported-format": "the source is not in a format the engine decodes",
    "malformed-source": "the source is corrupt",
    "limit-exceeded": "the source is over a limit",
    "invalid-spec": "a preset asks for what the engine cannot do",
    "engine-other": "the engine failed",
    "engine-trap": "the engine crashed",
    "engine-stack": "the engine ran out of stack",
    "engine-output": "the engine returned what was not asked for",
    "engine-unavailable": "no engine could be run",
}


def failure(kind: Kind, detail: str = "") -> ThimbleError:
    """A failure of the engine, and its own words for it: in one line and not at any length."""
    told = excerpt(detail)
    problem = _PROBLEMS[kind]
    return ThimbleError(kind, f"{problem}: {told}" if told else problem)


def out_of_memory(memory: int) -> ThimbleError:
    return ThimbleError("engine-memory", f"the engine asked for more than its {memory >> 20} MiB of memory")


def out_of_time(seconds: float) -> ThimbleError:
    return ThimbleError("engine-time", f"the engine was stopped after {seconds:g}s")
