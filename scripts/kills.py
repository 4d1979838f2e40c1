"""Kills of listener, worker and broker while images arrive: kills.py STAGE FOLDER KILLS IMAGES. STAGE_BROKER is the
script of the broker and its name there, if there is one that may be killed."""

import bisect
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import time
from concurrent import futures

from stage import ENGINES, NAMES, PRESETS, Failure, check, eventually, kill, last_line, picture, thimble
from stages import STAGES
from stores import Refused

# The same history each time.
SEED = 20261130
# Images that are none, one of so many.
BAD = 50
# Images that are put in one go.
BATCH = 20
# The longest that all may take, in seconds.
PATIENCE = 3600


class Play:
    def __init__(self, stage, kills, images):
        self.stage, self.kills, self.images = stage, kills, images
        self.broker = os.environ.get("STAGE_BROKER", "").split()
        self.random = random.Random(SEED)
        self.workers = [f"worker-{number + 1}" for number in range(stage.workers)]
        self.targets = ["worker", "worker"] + ["listener"] * stage.has_listener + ["broker"] * bool(self.broker)
        self.killed = dict.fromkeys(("listener", "worker", "broker"), 0)
        # Images that are put twice, with another content.
        self.replaced = {number for number in range(images) if number % (5 * BATCH) < BATCH}
        self.arrived, self.told_again, self.kills_done = 0, 0, 0

    def image(self, number, version):
        if self.is_bad(number):
            return b"no image at all, " + bytes([65 + version])
        return picture(number * 3 + version, side=64 + number % 64)

    def is_bad(self, number):
        return number % BAD == BAD - 1

    def key(self, number):
        return f"{number % 7}/{number:05}.png"

    def upload(self, numbers, version):
        images = {self.key(number): self.image(number, version) for number in numbers}
        self.stage.store.put("images", images)
        for key in images:
            if self.stage.has_listener:
                eventually(f"an event about {key} is taken", lambda: self.is_told(key))
            self.arrived += 1

    def is_told(self, key):
        """Tells the listener as a sender does that sends again what is not answered with 200."""
        if self.killer.done():
            # Fails as the killer did.
            self.killer.result()
        is_taken = self.stage.tell(key)
        self.told_again += not is_taken
        return is_taken

    def kill(self):
        who = self.random.choice(self.targets)
        self.killed[who] += 1
        if who == "listener":
            kill(self.stage.running["listener"])
            time.sleep(self.random.random() / 3)
            self.stage.open_door()
        elif who == "worker":
            name = self.random.choice(self.workers)
            kill(self.stage.running[name])
            self.stage.work(name)
        else:
            self.of_broker("kill")
            time.sleep(self.random.random())
            self.of_broker("again")

    def of_broker(self, task):
        script, name = self.broker
        done = subprocess.run([script, task, name], capture_output=True, text=True)
        check(done.returncode == 0, f"{script} {task}: {done.stderr}")

    def revive(self):
        """Starts whoever ended because the broker was not there."""
        for name, program in list(self.stage.running.items()):
            if program.poll() is None:
                continue
            if name == "listener":
                self.stage.open_door()
            else:
                self.stage.work(name)

    def kill_all(self, moments):
        """Kills once for each moment, which is a number of images that have arrived."""
        for moment in moments:
            while self.arrived < moment:
                time.sleep(0.01)
            time.sleep(self.random.random() / 3)
            self.kill()
            self.revive()
            self.kills_done += 1

    def arrive(self):
        """All images, some of them twice, while somebody kills."""
        batches = [(range(first, min(first + BATCH, self.images)), 0) for first in range(0, self.images, BATCH)]
        for first in range(0, self.images, 5 * BATCH):
            place = min(len(batches), first // BATCH + first // (5 * BATCH) + 3)
            batches.insert(place, (range(first, min(first + BATCH, self.images)), 1))
        whole = self.images + len(self.replaced)
        moments = sorted(self.random.randrange(whole) for _ in range(self.kills))
        with futures.ThreadPoolExecutor(1) as pool:
            self.killer = pool.submit(self.kill_all, moments)
            try:
                for numbers, version in batches:
                    self.upload(numbers, version)
                    # Images come no faster than the kills that are due.
                    while not self.killer.done() and bisect.bisect(moments, self.arrived) > self.kills_done + 2:
                        time.sleep(0.01)
            except BaseException:
                moments.clear()
                self.arrived = whole
                raise
            self.killer.result()

    def expected(self):
        """Thumbnails of the last content of each image, with the tags of theirs, as another host makes them."""
        album = pathlib.Path(self.stage.folder, "expected")
        for number in range(self.images):
            if not self.is_bad(number):
                path = album / "images" / self.key(number)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.image(number, int(number in self.replaced)))
        presets = [word for preset in PRESETS for word in ("--preset", preset)]
        thimble("local", str(album), "--once", "--quiet", *presets, patience=PATIENCE)
        keys = [f"{self.key(number)}/{name}" for number in range(self.images) if not self.is_bad(number) for name in NAMES]
        return {key: hashlib.md5((album / "thumbnails" / key).read_bytes()).hexdigest() for key in keys}

    def has_letters(self):
        """True once a worker has made the queue for them."""
        try:
            return self.stage.letters() == []
        except Failure:
            return False

    def missing(self):
        """Images whose thumbnails are not there, or not those of their last content, as a backfill sees it."""
        report = last_line(thimble("backfill", self.stage.sources, "--queue", self.stage.queue, "--missing-only",
                                   "--dry-run", "--yes", "--json", patience=PATIENCE))
        return report["summary"]["sent"]

    def begin(self):
        """Lets the programs run, and makes the queues by that."""
        if self.stage.has_listener:
            self.stage.open_door()
        for name in self.workers:
            self.stage.work(name)
        eventually("the queues are made", self.has_letters)

    def differences(self, expected):
        """Numbers of thumbnails that are not as they are expected."""
        made = self.stage.thumbnails()
        stale = sum(made[key] != expected[key] for key in expected.keys() & made.keys())
        return {"lost": len(expected.keys() - made.keys()), "strange": len(made.keys() - expected.keys()), "stale": stale}

    def settle(self, expected):
        """Waits until there are no differences, and returns their numbers."""
        seen = {}

        def is_done():
            self.revive()
            begun = time.monotonic()
            seen.update(self.differences(expected))
            if any(seen.values()):
                # A long listing costs its store as much as the work that it is to do.
                time.sleep(max(1, 4 * (time.monotonic() - begun)))
            return not any(seen.values())

        try:
            eventually("all thumbnails are as expected", is_done, PATIENCE)
        except Failure as failure:
            raise Failure(f"{failure}: {seen}") from None
        return seen

    def whole_letters(self, bad):
        """The letters, once there is one about each image that is none, and about nothing else."""
        letters = self.stage.letters()
        kinds = {(letter["key"], letter["kind"]) for letter in letters}
        strange = kinds - {(key, "unsupported-format") for key in bad}
        check(not strange and all(letter["reason"] for letter in letters), strange or letters)
        return letters if len(kinds) == len(bad) else None

    def run(self):
        os.environ["THIMBLE_ENGINE"] = f"{ENGINES}/engine.wasm"
        expected = self.expected()
        self.begin()
        begun = time.monotonic()
        self.arrive()
        differences = self.settle(expected)
        bad = [self.key(number) for number in range(self.images) if self.is_bad(number)]
        letters = eventually("a letter about each image that is none", lambda: self.whole_letters(bad))
        # A worker that was killed between the last thumbnail and the manifest left a message, which comes back.
        eventually("a backfill asks for the images that are none, and no others", lambda: self.missing() == len(bad))
        seconds = time.monotonic() - begun
        return {"images": self.images, "replaced": len(self.replaced), "killed": self.killed, "toldAgain": self.told_again,
                **differences, "bad": len(bad), "letters": len(letters), "seconds": round(seconds)}


def main():
    name, folder, kills, images = sys.argv[1:]
    stage = STAGES[name](folder, receives=1000)
    try:
        print(json.dumps({"stage": name, **Play(stage, int(kills), int(images)).run()}), flush=True)
    except (Failure, Refused, OSError, subprocess.SubprocessError, KeyError) as failure:
        sys.exit(f"kills: {failure}")
    finally:
        stage.end()


main()
