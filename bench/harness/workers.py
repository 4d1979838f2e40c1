"""The peers as long-lived processes that take turns on one core."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from tools import BENCH, COMPOSED_ENGINE, ENGINE, TOOLS, WORKER

THIMBLE = "thimble"
COMPOSED = "thimble-composed"
NATIVE = "thimble-native"
SHARP = "sharp"
ONCE = "sharp-once"

COMMANDS = {
    THIMBLE: [WORKER, "component", ENGINE],
    COMPOSED: [WORKER, "component", COMPOSED_ENGINE],
    NATIVE: [WORKER, "native"],
    SHARP: ["node", BENCH / "peers" / "sharp.mjs"],
    ONCE: ["node", BENCH / "peers" / "sharp-once.mjs"],
    "pyvips": [sys.executable, BENCH / "peers" / "vips.py"],
    "pillow": [sys.executable, BENCH / "peers" / "pillow.py"],
    "pillow-once": [sys.executable, BENCH / "peers" / "pillow.py", "once"],
    "wasm-vips": ["node", BENCH / "peers" / "wasm-vips.mjs"],
}

# Names of the peers in tables.
LABELS = {
    THIMBLE: "Thimble",
    COMPOSED: "Thimble, with a codec",
    NATIVE: "Thimble, native",
    SHARP: "sharp",
    ONCE: "sharp, decoding once",
    "pyvips": "pyvips",
    "pillow": "Pillow",
    "pillow-once": "Pillow, decoding once",
    "wasm-vips": "wasm-vips",
}


class Refused(Exception):
    """A peer could not do what it was asked."""


@dataclass
class Worker:
    """One peer's process."""

    name: str
    versions: dict
    process: subprocess.Popen

    @classmethod
    def start(cls, name):
        command = [str(word) for word in COMMANDS[name]]
        environment = {
            **os.environ,
            "BENCH_NODE_MODULES": str(TOOLS / "node_modules"),
            "VIPS_CONCURRENCY": "1",
        }
        process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        worker = cls(name, {}, process)
        worker.versions = worker._answer()["versions"]
        return worker

    def run(self, request):
        """One turn: the milliseconds of CPU time and the bytes of one run, averaged over the turn."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise Refused(f"{LABELS[self.name]}: {answer['error']}")
        return answer

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: {self.name} ended early with status {self.process.wait()}")
        return json.loads(line)


def pin():
    """Binds this process, and so every worker, to one core. Says which, if the system can."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core
