"""The engine in a sandbox of wasmtime: a fresh instance for each image."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Optional, Union

import wasmtime
from wasmtime import Func, Global, Memory, Store, Trap, TrapCode

from . import _contract as contract
from ._check import check
from ._constants import CONSTANTS, DEFAULTS, FILES
from ._errors import ThimbleError, excerpt, failure, out_of_memory, out_of_time
from ._limits import Limits
from ._presets import Preset, parse_presets

_PAGE = 65_536
_ALL_PAGES = 65_536
#: Stack of the engine, which is stack of the calling thread.
_STACK = 1 << 20
#: Seconds between two ticks of the clock that ends calls.
_TICK = 0.01
#: The longest time that is measured, in seconds: some thirty years.
_LONGEST = 1e9
_MAX_WARNINGS = 20

#: The presets of those who name none.
DEFAULT_PRESETS: tuple[str, ...] = tuple(DEFAULTS["presets"])
#: The digest of the engine in this package.
DIGEST: str = CONSTANTS["digest"]

Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview]
Presets = Union[str, Iterable[Union[str, Preset]]]


@dataclass(frozen=True)
class Image:
    """Facts from the header of a source, with its orientation applied."""

    media_type: str
    width: int
    height: int
    frames: int


@dataclass(frozen=True)
class Thumbnail:
    """An encoded thumbnail, under the name of its preset."""

    name: str
    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Result:
    """The thumbnails of a source, in the order of the presets."""

    source: Image
    thumbnails: tuple[Thumbnail, ...]
    #: Damage that the engine had to overlook, such as a truncated last row.
    warnings: tuple[str, ...]


class _Clock:
    """A thread that lets the epoch of an engine pass while calls run."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._running = 0
        self._thread: Optional[threading.Thread] = None

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._changed:
            self._running += 1
            # A process that was forked has no threads but its first.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._tick, name="thimble-clock", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1

    def _tick(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._running > 0)
            time.sleep(_TICK)
            self._engine.increment_epoch()


class Engine:
    """The engine, compiled. It may be called from several threads.

    ``memory`` is in bytes and ``seconds`` of time, both for one image; ``max_source`` is
    the largest source that is read, in bytes. The defaults are those of Thimble's host.
    """

    MEMORY: Final[int] = DEFAULTS["memory"]
    SECONDS: Final[float] = DEFAULTS["seconds"]
    MAX_SOURCE: Final[int] = DEFAULTS["maxSource"]

    def __init__(
        self,
        *,
        memory: int = MEMORY,
        seconds: float = SECONDS,
        limits: Limits = Limits(),
        max_source: int = MAX_SOURCE,
    ) -> None:
        for name, value in (("memory", memory), ("seconds", seconds), ("max_source", max_source)):
            if not value > 0:
                raise ValueError(f"{name} is a number above 0, not {value!r}")
        self.memory = memory
        self.seconds = seconds
        self.limits = limits
        self.max_source = max_source
        self._compiled = _compiled()

    def describe(self) -> contract.Info:
        """Name, version and abilities of the engine."""
        return self._compiled.info

    def inspect(self, source: Source) -> Image:
        """Facts from the header of an image. No pixel is decoded."""
        return self.thumbnails(source, ()).source

    def thumbnails(self, source: Source, presets: Presets = DEFAULT_PRESETS) -> Result:
        """Makes a thumbnail for each preset, from one decode.

        Raises :class:`ThimbleError`: then there is no thumbnail at all.
        """
        asked = parse_presets(presets)
        image = _bytes(source, self.max_source)
        if len(image) > self.memory:
            raise out_of_memory(self.memory)
        output = self._compiled.generate(image, asked, self)
        check(output, asked, self.limits, self._compiled.info)
        made = zip(asked, output.thumbnails)
        return Result(
            Image(output.media_type, output.width, output.height, output.frames),
            tuple(Thumbnail(preset.name, raw.data, raw.media_type, raw.width, raw.height) for preset, raw in made),
            tuple(map(excerpt, output.warnings[:_MAX_WARNINGS])),
        )


class _Compiled:
    """Machine code of the engine, made once for a process."""

    def __init__(self) -> None:
        config = wasmtime.Config()
        config.epoch_interruption = True
        config.max_wasm_stack = _STACK
        self._engine = wasmtime.Engine(config)
        self._clock = _Clock(self._engine)
        module = wasmtime.Module(self._engine, FILES.joinpath("engine.wasm").read_bytes())
        linker = wasmtime.Linker(self._engine)
        # They are of the engine's command line. No thumbnail needs them, and they have no power.
        linker.define_unknown_imports_as_traps(module)
        self._instance = linker.instantiate_pre(module)
        with self._call(Engine.MEMORY, Engine.SECONDS) as call:
            self.info = contract.lift_info(call.enter("describe"), call.read)

    def generate(self, image: bytes, presets: list[Preset], asked: Engine) -> contract.Output:
        limits = asked.limits
        with self._call(asked.memory, asked.seconds) as call:
            try:
                arguments = call.allocate(image, 1), len(image), *contract.lower(presets, call.allocate)
                of_limits = limits.max_side, limits.max_frames, limits.max_profile, limits.max_output_side
                address = call.enter("generate", *arguments, limits.max_pixels, *of_limits)
                answer = contract.lift(address, call.read)
            except contract.Unreadable as error:
                raise failure("engine-output", f"an answer that cannot be read: {error}") from None
            except Trap as trap:
                raise call.cause(trap, asked) from None
        if isinstance(answer, contract.Refusal):
            raise failure(answer.kind, answer.detail)
        return answer

    @contextmanager
    def _call(self, memory: int, seconds: float) -> Iterator[_Call]:
        store = Store(self._engine)
        try:
            store.set_limits(memory_size=memory, instances=1, memories=1)
            # One tick more, because the first may be about to come.
            store.set_epoch_deadline(math.ceil(min(seconds, _LONGEST) / _TICK) + 1)
            with self._clock.running():
                try:
                    instance = self._instance.instantiate(store)
                except wasmtime.WasmtimeError:
                    raise out_of_memory(memory) from None
                yield _Call(store, instance, memory)
        finally:
            store.close()


class _Call:
    """One instance of the engine, for one call."""

    def __init__(self, store: Store, instance: wasmtime.Instance, memory: int) -> None:
        self._store = store
        self._exports = instance.exports(store)
        self._memory = self._export("memory", Memory)
        limit = self._export(CONSTANTS["limit"], Global)
        limit.set_value(store, min(memory // _PAGE, _ALL_PAGES))

    def _export(self, name: str, kind: type[Any]) -> Any:
        found = self._exports[name]
        assert isinstance(found, kind), name
        return found

    def allocate(self, data: bytes, alignment: int) -> int:
        if not data:
            return alignment
        reallocate = self._export("cabi_realloc", Func)
        address: int = reallocate(self._store, 0, 0, alignment, len(data)) & 0xFFFFFFFF
        try:
            self._memory.write(self._store, data, address)
        except IndexError:
            raise contract.Unreadable("an address outside of its memory") from None
        return address

    def enter(self, function: str, *arguments: int) -> int:
        called = self._export(f"{contract.INTERFACE}#{function}", Func)
        address: int = called(self._store, *arguments)
        return address & 0xFFFFFFFF

    def read(self, address: int, length: int) -> bytes:
        if address + length > self._memory.data_len(self._store):
            raise contract.Unreadable("an address outside of its memory")
        return bytes(self._memory.read(self._store, address, address + length)) if length else b""

    def cause(self, trap: Trap, asked: Engine) -> ThimbleError:
        """The meaning of a call's end. The meter is asked first: an engine that is refused
        memory blames the image."""
        refused = self._export(CONSTANTS["refused"], Global).value(self._store)
        if refused == 1:
            return out_of_memory(asked.memory)
        if refused == 2:
            return failure("engine-unavailable", "this machine has not the memory that the engine needs")
        if trap.trap_code == TrapCode.INTERRUPT:
            return out_of_time(asked.seconds)
        if trap.trap_code == TrapCode.STACK_OVERFLOW:
            return failure("engine-stack")
        return failure("engine-trap", trap.message)


_lock = threading.Lock()
_once: Optional[_Compiled] = None


def _compiled() -> _Compiled:
    global _once
    with _lock:
        if _once is None:
            _once = _Compiled()
        return _once


def _bytes(source: Source, most: int) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
        size = len(data)
    else:
        with open(source, "rb") as file:
            data = file.read(most + 1)
            size = max(len(data), os.fstat(file.fileno()).st_size)
    if len(data) > most:
        raise ThimbleError("source-too-large", f"it has {size} bytes, and at most {most} are read")
    return data
