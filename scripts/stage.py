"""A stage of the plays story.py and kills.py: a store, a queue with its dead letters, and the programs between
them. Those that there are stand in stages.py."""

import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
import urllib.request
import zlib
from urllib.parse import quote

THIMBLE, ENGINES = os.environ["THIMBLE"], os.environ["STAGE_ENGINES"]
SECRET = os.environ["STAGE_SECRET"]

# The longest that anything may take, on the slowest machine.
PATIENCE = 180

PRESETS = ["small=64x64,png", "card=96x72,cover,png"]
# Files of a source, beside which its manifest lies.
NAMES = ["small.png", "card.png"]


class Failure(Exception):
    """A step that did not go as it has to."""


def check(holds, what):
    if not holds:
        raise Failure(what)


def eventually(what, holds, patience=PATIENCE):
    begun = time.monotonic()
    while not (found := holds()):
        check(time.monotonic() - begun < patience, f"never: {what}")
        time.sleep(0.1)
    return found


def thimble(*words, patience=PATIENCE):
    done = subprocess.run([THIMBLE, *words], capture_output=True, text=True, timeout=patience)
    check(done.returncode == 0, f"thimble {' '.join(words)}: {done.stderr}")
    return done.stdout


def last_line(text):
    return json.loads(text.splitlines()[-1])


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def answers(request):
    """True if a request is answered, and well."""
    try:
        with urllib.request.urlopen(request, timeout=30):
            return True
    except OSError:
        return False


class Stage:
    """The common ways of all stages. The store tells `thimble listen` by itself, unless a stage says otherwise."""

    # Workers that the queue may have at one time.
    workers = 2
    # False where there is nobody to tell.
    has_listener = True

    def __init__(self, folder, receives):
        """A stage with its files in a folder. A message that was received so often is given up."""
        self.folder, self.receives = folder, receives
        self.port = int(os.environ["STAGE_PORT"])
        self.running = {}
        os.environ |= {
            "MANIFESTS": "yes",
            "MAX_RECEIVE_COUNT": str(receives),
            "PRESETS": " ".join(PRESETS),
            "SOURCE_BUCKET": "images",
            "THIMBLE_LISTEN_SECRET": SECRET,
            "THUMBNAILS_BUCKET": "thumbnails",
        }
        # Those who end a play end its programs.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.set()

    def set(self):
        """Sets store, sources (as a command names them), objects (the store of a worker), queue, letter_queue,
        and engines (the store that they are published to)."""
        raise NotImplementedError

    def trust(self, public):
        """Lets the programs follow the engines that a key signed."""
        os.environ |= {"ENGINE_KEYS": public, "THIMBLE_ENGINE_KEYS": public, "ENGINE_STORE": self.engines,
                       "ENGINE_CHECK_SECONDS": "1"}

    def begin(self, name, *words):
        with open(f"{self.folder}/{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen([THIMBLE, *words], stdout=subprocess.DEVNULL, stderr=log)

    def open_door(self):
        self.begin("listener", "listen", "--queue", self.queue, "--address", f"127.0.0.1:{self.port}")
        eventually("the listener is up", lambda: answers(f"http://127.0.0.1:{self.port}/healthz"))

    def listen(self):
        """Lets the queue be told of images."""
        self.open_door()

    def deafen(self):
        """Lets the queue be told of nothing, at once."""
        kill(self.running["listener"])

    def catch_up(self):
        """Listens again, and finds the one image that came meanwhile."""
        self.listen()
        said = last_line(thimble("backfill", self.sources, "--queue", self.queue, "--missing-only", "--json"))
        check(said["summary"]["sent"] == 1, said)

    def work(self, name="worker"):
        self.begin(name, "worker", "--queue", self.queue, "--store", self.objects, "--visibility", "5", *self.of_work())

    def of_work(self):
        """More options of a worker."""
        return []

    def end(self):
        for process in self.running.values():
            process.kill()

    def event(self, key):
        """The body that tells of an image."""
        return {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                             "s3": {"bucket": {"name": "images"}, "object": {"key": quote(key)}}}]}

    def tell(self, key):
        """Tells the listener of an image, in the place of a store. False if it has not taken the event."""
        return answers(urllib.request.Request(f"http://127.0.0.1:{self.port}/", json.dumps(self.event(key)).encode(),
                                              {"Authorization": f"Bearer {SECRET}"}))

    def upload(self, images):
        """Puts images, by their keys, so that the queue is told of them if somebody listens."""
        self.store.put("images", images)

    def made(self):
        """Keys of thumbnails and manifests, with the tags of their contents."""
        return self.store.tags("thumbnails")

    def thumbnails(self):
        return {key: tag for key, tag in self.made().items() if key.endswith(".png")}

    def of(self, key):
        return {name: tag for name, tag in self.thumbnails().items() if name.startswith(key + "/")}

    def manifest(self, key):
        """The manifest of an image, if it is about the thumbnails that are there: it comes after them."""
        name = f"{key}/manifest.json"
        if name not in self.made():
            return None
        manifest = json.loads(self.store.get("thumbnails", name))
        thumbnails = {thumbnail["key"]: thumbnail["sha256"] for thumbnail in manifest["thumbnails"]}
        made = {name: hashlib.sha256(self.store.get("thumbnails", name)).hexdigest() for name in self.of(key)}
        return manifest if made == thumbnails else None

    def engine_of(self, key):
        """The engine that made the thumbnails of an image."""
        manifest = eventually(f"a manifest of {key}", lambda: self.manifest(key))
        return manifest["engine"]["digest"].removeprefix("sha256:")

    def letters(self):
        lines = thimble("dlq", "list", "--max", "10000", "--queue", self.letter_queue, "--json").splitlines()
        return list(map(json.loads, lines))

    def redrive(self, *more):
        return last_line(thimble("redrive", "--from", self.letter_queue, "--to", self.queue, "--json", *more))


def picture(seed, side=200):
    """A PNG whose rows are not alike."""
    def row(y):
        return b"\0" + bytes((x * 7 + y * 13 + seed * 31 + c * 85 + x * y) % 256 for x in range(side) for c in range(3))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(map(row, range(side))))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
