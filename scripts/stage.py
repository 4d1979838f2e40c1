"""Parts of the plays with real servers: story.py and kills.py. The servers are those of
scripts/seaweedfs.sh and scripts/nats.sh, named by the environment."""

import json
import os
import re
import signal
import struct
import subprocess
import time
import zlib

THIMBLE, ENGINES = os.environ["THIMBLE"], os.environ["STAGE_ENGINES"]
STORE, SECRET = os.environ["AWS_ENDPOINT_URL"], os.environ["STAGE_SECRET"]

# The longest that anything may take, on the slowest machine.
PATIENCE = 180


class Failure(Exception):
    """A step that did not go as it has to."""


def check(holds, what):
    if not holds:
        raise Failure(what)


def eventually(what, holds):
    begun = time.monotonic()
    while not (found := holds()):
        check(time.monotonic() - begun < PATIENCE, f"never: {what}")
        time.sleep(0.1)
    return found


def thimble(*words):
    done = subprocess.run([THIMBLE, *words], capture_output=True, text=True, timeout=PATIENCE)
    check(done.returncode == 0, f"thimble {' '.join(words)}: {done.stderr}")
    return done.stdout


def last_line(text):
    return json.loads(text.splitlines()[-1])


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def quoted(key):
    def spelled(character):
        if character.isascii() and (character.isalnum() or character in "/.-_"):
            return character
        return "".join(f"%{byte:02X}" for byte in character.encode())
    return "".join(map(spelled, key))


def curl(*words):
    keys = f"{os.environ['AWS_ACCESS_KEY_ID']}:{os.environ['AWS_SECRET_ACCESS_KEY']}"
    command = ["curl", "--silent", "--show-error", "--fail-with-body", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", keys, *words]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
    said = done.stdout.decode(errors="replace")
    check(done.returncode == 0, f"{words[-1]}: {done.stderr.decode()} {said}")
    return said


class Stage:
    """Buckets, a queue with its dead letters, and the programs between them."""

    def __init__(self, queue, letters, port, folder):
        self.queue, self.letter_queue, self.port, self.folder = queue, letters, port, folder
        self.running = {}
        os.environ |= {
            "SOURCE_BUCKET": "images",
            "PRESETS": "small=64x64,png card=96x72,cover,png",
            "THIMBLE_LISTEN_SECRET": SECRET,
            "THUMBNAILS_BUCKET": "thumbnails",
        }

    def begin(self, name, *words):
        with open(f"{self.folder}/{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen([THIMBLE, *words], stdout=subprocess.DEVNULL, stderr=log)

    def listen(self):
        self.begin("listener", "listen", "--queue", self.queue, "--address", f"127.0.0.1:{self.port}")

    def is_listening(self):
        asked = ["curl", "--silent", "--fail", f"http://127.0.0.1:{self.port}/healthz"]
        return subprocess.run(asked, capture_output=True, timeout=PATIENCE).returncode == 0

    def work(self, name="worker"):
        self.begin(name, "worker", "--queue", self.queue, "--store", "s3://", "--visibility", "5")

    def end(self):
        for process in self.running.values():
            process.kill()

    def upload(self, images):
        """Puts images, by their keys, in one go."""
        words = []
        for number, (key, body) in enumerate(images.items()):
            path = f"{self.folder}/upload-{number}"
            with open(path, "wb") as file:
                file.write(body)
            words += ["--upload-file", path, f"{STORE}/images/{quoted(key)}"]
        curl(*words)

    def thumbnails(self):
        """Keys of thumbnails, with the tags of their contents."""
        found, after = {}, ""
        while True:
            listed = curl(f"{STORE}/thumbnails?list-type=2&max-keys=1000&start-after={quoted(after).replace('/', '%2F')}")
            page = re.findall(r"<Key>(.*?)</Key>.*?<ETag>(.*?)</ETag>", listed, re.DOTALL)
            page = {key.replace("&#43;", "+").replace("&amp;", "&"): tag for key, tag in page}
            if not page:
                return found
            found |= page
            after = max(page)

    def of(self, key):
        return {name: tag for name, tag in self.thumbnails().items() if name.startswith(key + "/")}

    def engine_of(self, key):
        head = curl("--head", f"{STORE}/thumbnails/{quoted(key)}/small.png")
        return re.search(r"(?im)^x-amz-meta-engine: *(?:sha256:)?(\S+)", head)[1]

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
