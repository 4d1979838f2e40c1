"""The story of scripts/story.sh, in twenty steps: story.py STAGE FOLDER."""

import itertools
import json
import os
import subprocess
import sys

from stage import ENGINES, NAMES, PATIENCE, Failure, check, eventually, kill, picture, thimble
from stages import STAGES
from stores import Refused

KEYS = ["2024/a b+c.png", "2024/späße.png", "plain.png"]
NUMBERS = itertools.count(1)


def step(text):
    print(f"{next(NUMBERS):3}. {text}", flush=True)


def publish(name, stage):
    own = ["--store", stage.engines, "--key", f"{stage.folder}/key"]
    engine = json.loads(thimble("engine", "publish", f"{ENGINES}/{name}.wasm", *own, "--json"))["engine"]
    thimble("engine", "promote", engine, *own)
    return engine.removeprefix("sha256:")


def keys_of(letters):
    return sorted(letter["key"] for letter in letters)


def play(stage):
    step("a key is made, and an engine that reads PNG alone is published and live")
    stage.trust(thimble("engine", "keygen", f"{stage.folder}/key").strip())
    os.environ["THIMBLE_ENGINE"] = f"{ENGINES}/first-engine.wasm"
    first = publish("first-engine", stage)

    step("the queue hears of images from now on, and a worker works on it")
    stage.listen()
    stage.work()

    step("three images are uploaded")
    stage.upload({key: picture(number) for number, key in enumerate(KEYS)})

    step("their thumbnails appear")
    eventually("six thumbnails", lambda: len(stage.thumbnails()) == 6)

    step("they name the engine that made them")
    check({stage.engine_of(key) for key in KEYS} == {first}, "a thumbnail is of another engine")

    step("an image is replaced, and its thumbnails with it")
    before = stage.of("plain.png")
    stage.upload({"plain.png": picture(40)})
    eventually("other thumbnails", lambda: all(tag != before.get(key) for key, tag in stage.of("plain.png").items()))

    step("nobody listens any more, and an image arrives that the queue does not hear of")
    stage.deafen()
    stage.upload({"late.png": picture(60)})

    step("somebody listens again, and that image is found")
    stage.catch_up()
    eventually("thumbnails of late.png", lambda: len(stage.of("late.png")) == 2)

    step("an image that was cut off on its way is uploaded")
    cut = picture(50, side=400)
    stage.upload({"cut.png": cut[: len(cut) * 3 // 4]})

    step("and one of a format that this engine does not read")
    with open("docs/contact-sheet.jpg", "rb") as file:
        stage.upload({"photo.jpg": file.read()})

    step("both become dead letters, with their reasons")
    both = ["cut.png", "photo.jpg"]
    found = eventually("two letters", lambda: keys_of(seen := stage.letters()) == both and seen)
    kinds = {letter["key"]: letter["kind"] for letter in found}
    check(kinds == {"cut.png": "malformed-source", "photo.jpg": "unsupported-format"}, kinds)
    check(all(letter["reason"] for letter in found), found)

    step("sent back they fail again, and none is lost or doubled")
    said = stage.redrive()
    check((said["moved"], said["failed"]) == (2, 0), said)
    eventually("two letters again", lambda: keys_of(stage.letters()) == both)

    step("the worker is killed at its work, and another begins")
    stage.upload({f"many/{number}.png": picture(100 + number) for number in range(20)})
    kill(stage.running["worker"])
    stage.work()
    eventually("thumbnails of all twenty", lambda: len(stage.of("many")) == 40)

    step("a better engine is published and live")
    second = publish("engine", stage)
    check(second != first, "it is the same engine")

    step("the worker follows it, without a restart")
    seeds = itertools.count(200)

    def is_followed():
        before = stage.of("probe.png")
        stage.upload({"probe.png": picture(next(seeds))})
        eventually("other thumbnails", lambda: len(now := stage.of("probe.png")) == 2 and now != before)
        return stage.engine_of("probe.png") == second

    eventually("a thumbnail of the new engine", is_followed)

    step("a redrive says what it would send, and sends it")
    said = stage.redrive("--dry-run")
    check(len(said["entries"]) == 2 and keys_of(stage.letters()) == both, said)
    said = stage.redrive()
    check((said["moved"], said["left"]) == (2, 0), said)

    step("half an image is half a thumbnail now, and the photo has its own")
    eventually("thumbnails of both", lambda: len(stage.of("cut.png")) == 2 and len(stage.of("photo.jpg")) == 2)
    check(stage.engine_of("cut.png") == second, "it is of the old engine")

    step("no letter is left")
    check(stage.letters() == [], stage.letters())

    step("all programs end with 0 when they are told to")
    for name, program in stage.running.items():
        program.terminate()
        check(program.wait(PATIENCE) == 0, f"the {name} ended with {program.returncode}")

    step("everything is there, and nothing else")
    sources = [*KEYS, *both, "late.png", "probe.png", *(f"many/{number}.png" for number in range(20))]
    expected = {f"{key}/{name}" for key in sources for name in [*NAMES, "manifest.json"]}
    made = stage.made().keys()
    check(made == expected, made ^ expected)


def main():
    name, folder = sys.argv[1:]
    stage = STAGES[name](folder, receives=5)
    try:
        play(stage)
    except (Failure, Refused, OSError, subprocess.TimeoutExpired, KeyError, TypeError) as failure:
        sys.exit(f"story: this step failed: {failure}")
    finally:
        stage.end()
    print("all of it as it has to be", flush=True)


main()
