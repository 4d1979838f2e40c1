"""A photo of a phone, from its dead letter to its thumbnails: the commands of docs/operations.md.

usage: story.py THIMBLE TARGET

TARGET has `engine.wasm`, `engine-open.wasm` and `heic.wasm`.
"""

import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from oracle import BAR_OF_PROFILES, display_p3, grid, likeness, scene
from PIL import Image, ImageCms

KEY, SIDES = "IMG_0001.HEIC", (450, 600)


def photo():
    """A grid of tiles in Display P3 that is upright when it is turned; and what it shows."""
    lying = scene(1200, 900)
    lying.info["icc_profile"] = display_p3()
    file, decoded = grid(lying, 512, [(b"irot", b"\3")])
    profile = ImageCms.ImageCmsProfile(io.BytesIO(display_p3()))
    shown = ImageCms.profileToProfile(decoded, profile, ImageCms.createProfile("sRGB"), renderingIntent=1)
    return file, shown.transpose(Image.Transpose.ROTATE_270).resize(SIDES, Image.Resampling.LANCZOS)


class Desk:
    """A folder of images that `thimble local` works at, and the engines beside it."""

    def __init__(self, thimble, target, folder):
        self.program, self.root = thimble, folder / "desk"
        for name in ("images", "engines"):
            (self.root / name).mkdir(parents=True)
        key = str(folder / "key")
        self.public = self.thimble("engine", "keygen", key).strip()
        os.environ.update(THIMBLE_ENGINE=f"{target}/engine.wasm", THIMBLE_ENGINE_STORE=f"{self.root}/engines",
                          THIMBLE_ENGINE_KEY=key, THIMBLE_ENGINE_KEYS=self.public,
                          SOURCE_QUEUE_URL=str(self.root), DEAD_LETTER_QUEUE_URL=str(self.root))

    def thimble(self, *words):
        done = subprocess.run([self.program, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"story: thimble {' '.join(words)}: {done.stderr}")
        return done.stdout

    def work(self):
        preset = "whole={}x{},png".format(*SIDES)
        self.thimble("local", str(self.root), "--once", "--quiet", "--trusted", self.public, "--preset", preset)

    def letters(self):
        return [json.loads(line) for line in self.thimble("dlq", "list", "--json").splitlines()]


def check(is_so, step):
    if not is_so:
        sys.exit(f"story: not so: {step}")
    print(step, flush=True)


def main(thimble, target, folder):
    desk = Desk(thimble, target, folder)
    file, shown = photo()
    (desk.root / "images" / KEY).write_bytes(file)
    desk.work()
    kinds = lambda: [letter["kind"] for letter in desk.letters()]
    check(kinds() == ["unsupported-format"], "the photo is a dead letter")
    reason = desk.letters()[0]["reason"]
    check("HEIC" in reason and "join a codec" in reason, f"it says why: {reason}")
    mine = str(folder / "mine.wasm")
    desk.thimble("engine", "compose", f"{target}/engine-open.wasm", f"{target}/heic.wasm", "-o", mine)
    desk.thimble("engine", "publish", mine)
    desk.thimble("engine", "promote", "latest")
    check(kinds() == ["unsupported-format"], "an engine with the codec is live, and the letter waits")
    desk.thimble("redrive", "--error-kind", "unsupported-format")
    desk.work()
    check(kinds() == [], "no letter is left when it was sent back")
    made = Image.open(desk.root / "thumbnails" / KEY / "whole.png")
    alike = likeness(made.convert("RGB"), shown)
    check(made.size == SIDES and alike >= BAR_OF_PROFILES, f"its thumbnail is upright and {alike:.1f} dB like libheif's")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(*sys.argv[1:], pathlib.Path(temporary))
