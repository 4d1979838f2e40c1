"""Turns of CPU time, taken by the peers one after the other.

What a shared machine does to one turn it does to its neighbors' too, so the
figures to trust are the ratios of turns of the same round.
"""

import math
import statistics
from dataclasses import dataclass, field

from workers import Refused

# A turn lasts about this long: shorter ones drown in the cold caches that the
# peer before leaves behind.
TURN_MILLISECONDS = 60


@dataclass
class Turns:
    """Cost of one image and workload with one peer."""

    milliseconds: list = field(default_factory=list)
    bytes: list = field(default_factory=list)
    memory: int | None = None
    error: str | None = None

    @property
    def median(self):
        return statistics.median(self.milliseconds)


def interleaved(workers, image, workload, rounds, folder=None):
    """Lets each worker have a first turn that does not count, and then `rounds` that do.

    The files of the first turn go to `folder`, one folder a peer.
    """
    turns = {worker.name: Turns() for worker in workers}
    iterations = {}
    for worker in workers:
        iterations[worker.name] = _first(worker, image, workload, turns[worker.name], folder)
    for number in range(rounds):
        for worker in _rotated(workers, number):
            if turns[worker.name].error is None:
                answer = worker.run(workload.request(image, iterations[worker.name]))
                turns[worker.name].milliseconds.append(answer["milliseconds"])
    return turns


def _first(worker, image, workload, turns, folder):
    output = None
    if folder is not None:
        output = folder / worker.name
        output.mkdir(parents=True, exist_ok=True)
    try:
        answer = worker.run(workload.request(image, 1, output))
    except Refused as refused:
        turns.error = str(refused)
        return 0
    turns.bytes, turns.memory = answer["bytes"], answer.get("memory")
    return max(1, math.ceil(TURN_MILLISECONDS / max(answer["milliseconds"], 1)))


def _rotated(workers, number):
    start = number % len(workers)
    return workers[start:] + workers[:start]


@dataclass
class Ratio:
    """Ratio of one peer's turns to another's of the same rounds: median and quartiles."""

    middle: float
    low: float
    high: float


def ratio(turns, peer, base):
    """`None` where either peer has no turns."""
    pairs = list(zip(turns[peer].milliseconds, turns[base].milliseconds))
    if not pairs:
        return None
    quotients = [one / other for one, other in pairs]
    if len(quotients) < 2:
        return Ratio(quotients[0], quotients[0], quotients[0])
    low, middle, high = statistics.quantiles(quotients, n=4, method="inclusive")
    return Ratio(middle, low, high)
