"""Images for a worker: of 100 there are 94 small ones, 5 photographs and drawings of some
hundred KB, and one that is broken. Formats are mixed."""

import itertools
import pathlib
import subprocess
import tempfile

SMALL = ["a=160x120,jpeg", "b=96x96,cover,png", "c=240x180,webp"]


def mixed(thimble, number, samples):
    """Bytes of so many images, made of the sample images in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        large = [path for path in sorted(pathlib.Path(samples).rglob("*"))
                 if path.is_file() and "cut-off" not in path.name]
        presets = [word for preset in SMALL for word in ("--preset", preset)]
        made = [thimble, "generate", *map(str, large), *presets, "--output", folder]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        small = [path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*"))
                 if path.is_file()]
    large = itertools.cycle([path.read_bytes() for path in large])
    small = itertools.cycle(small)

    def image(at):
        if at % 100 == 50:
            return next(small)[:40]
        return next(large) if at % 20 == 0 else next(small)

    return [image(at) for at in range(number)]


def broken(number):
    """Number of broken ones among so many."""
    return sum(at % 100 == 50 for at in range(number))
