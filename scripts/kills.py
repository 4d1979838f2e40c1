"""Kills of listener, worker and broker while images arrive: kills.py QUEUE LETTERS PORT
FOLDER KILLS IMAGES RESTART, where RESTART kills the broker and starts it again."""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request

from stage import ENGINES, SECRET, Failure, Stage, check, eventually, kill, last_line, picture, thimble

# The same history each time.
SEED = 20261130
# Images that are none, one of so many.
BAD = 50
# Images that are put in one go.
BATCH = 20
WORKERS = ("worker-1", "worker-2")


class Play:
    def __init__(self, stage, kills, images, restart):
        self.stage, self.kills, self.images, self.restart = stage, kills, images, restart
        self.random = random.Random(SEED)
        self.killed = {"listener": 0, "worker": 0, "broker": 0}
        self.replaced = 0
        self.untold, self.told_again = [], 0

    def image(self, number, version):
        if number % BAD == BAD - 1:
            return b"no image at all, " + bytes([65 + version])
        return picture(number * 3 + version, side=64 + number % 64)

    def key(self, number):
        return f"{number % 7}/{number:05}.png"

    def upload(self, numbers, version):
        self.stage.upload({self.key(number): self.image(number, version) for number in numbers})
        self.untold.extend(self.key(number) for number in numbers)
        self.tell()

    def tell(self):
        """Tell the listener as a sender does that keeps what is not answered with 200."""
        while self.untold:
            record = {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                      "s3": {"bucket": {"name": "images"}, "object": {"key": self.untold[0]}}}
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.stage.port}/", json.dumps({"Records": [record]}).encode(),
                {"Authorization": f"Bearer {SECRET}"})
            try:
                with urllib.request.urlopen(request, timeout=30):
                    self.untold.pop(0)
            except OSError:
                self.told_again += 1
                return

    def kill(self):
        who = self.random.choice(["listener", "worker", "worker", "broker"])
        self.killed[who] += 1
        if who == "listener":
            kill(self.stage.running["listener"])
            self.stage.listen()
        elif who == "worker":
            self.again(self.random.choice(WORKERS))
        else:
            subprocess.run([*self.restart, "kill"], check=True, capture_output=True)
            time.sleep(self.random.random())
            subprocess.run([*self.restart, "again"], check=True, capture_output=True)

    def again(self, name):
        kill(self.stage.running[name])
        self.stage.work(name)

    def revive(self):
        """Start again whoever ended because the broker was not there."""
        if self.stage.running["listener"].poll() is not None:
            self.stage.listen()
        for name in WORKERS:
            if self.stage.running[name].poll() is not None:
                self.stage.work(name)

    def arrive(self):
        """All images, some of them twice, with kills in between."""
        batches = [(range(first, min(first + BATCH, self.images)), 0) for first in range(0, self.images, BATCH)]
        for first in range(0, self.images, 5 * BATCH):
            again = range(first, min(first + BATCH, self.images))
            self.replaced += len(again)
            batches.insert(min(len(batches), first // BATCH + first // (5 * BATCH) + 3), (again, 1))
        pending = self.kills
        for number, (numbers, version) in enumerate(batches):
            self.upload(numbers, version)
            due = self.kills - self.kills * (number + 1) // len(batches)
            while pending > due:
                pending -= 1
                time.sleep(self.random.random() / 3)
                self.kill()
                self.revive()

    def has_letters(self):
        """True once a worker has made the queue for them."""
        try:
            return self.stage.letters() == []
        except Failure:
            return False

    def missing(self):
        """Images whose thumbnails are not there, or not those of their last content."""
        report = last_line(thimble("backfill", "s3://images", "--queue", self.stage.queue, "--missing-only",
                                   "--dry-run", "--yes", "--json"))
        return report["summary"]["sent"]

    def run(self):
        stage = self.stage
        os.environ |= {"THIMBLE_ENGINE": f"{ENGINES}/engine.wasm", "MAX_RECEIVE_COUNT": "1000"}
        stage.listen()
        eventually("the listener is up", stage.is_listening)
        for name in WORKERS:
            stage.work(name)
        eventually("the streams are made", self.has_letters)
        begun = time.monotonic()
        self.arrive()
        bad = [self.key(number) for number in range(BAD - 1, self.images, BAD)]

        def is_done():
            self.revive()
            self.tell()
            time.sleep(2)
            return not self.untold and self.missing() <= len(bad)

        eventually("all images but the bad ones have thumbnails", is_done)
        seconds = time.monotonic() - begun
        letters = stage.letters()
        kinds = {(letter["key"], letter["kind"]) for letter in letters}
        check(kinds == {(key, "unsupported-format") for key in bad}, kinds ^ {(key, "unsupported-format") for key in bad})
        names = {f"{self.key(number)}/{name}.png" for number in range(self.images) for name in ("small", "card")}
        expected = {name for name in names if name.rsplit("/", 1)[0] not in bad}
        made = stage.thumbnails().keys()
        check(made == expected, f"{len(expected - made)} thumbnails are missing, {len(made - expected)} too many")
        return {"images": self.images, "replaced": self.replaced, "toldAgain": self.told_again, "killed": self.killed, "bad": len(bad),
                "letters": len(letters), "lost": 0, "seconds": round(seconds)}


def main():
    queue, letters, port, folder, kills, images, *restart = sys.argv[1:]
    stage = Stage(queue, letters, port, folder)
    try:
        print(json.dumps(Play(stage, int(kills), int(images), restart).run()))
    except (Failure, subprocess.SubprocessError, KeyError) as failure:
        sys.exit(f"kills: {failure}")
    finally:
        stage.end()


main()
