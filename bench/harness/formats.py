"""Files that Thimble and its peers make a thumbnail of, by format: folders of files that decoders are tested with.

A file counts if a thumbnail inside 200x200 comes out, whatever it shows.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tools

sys.path.insert(0, str(tools.BENCH))
import figures  # noqa: E402

SIDE = 200
# Files that lie beside images.
BESIDE = (".json", ".md", ".py", ".txt", "")


def run(folders):
    """Writes the section `formats` of BENCHMARKS.md."""
    found = (path for folder in folders for path in sorted(Path(folder).rglob("*")) if path.is_file())
    files = [path for path in found if path.suffix not in BESIDE]
    made = {"Thimble": thimble(files), "sharp": sharp(files), "Pillow": pillow(files)}
    totals = collections.Counter(format_of(path) for path in files)
    counts = {name: collections.Counter(format_of(path) for path in found) for name, found in made.items()}
    rows = [[name, str(total), *(str(counts[peer][name] or "-") for peer in made)] for name, total in totals.most_common()]
    rows.append(["all", str(len(files)), *(str(len(found)) for found in made.values())])
    figures.write("formats", [versions(), "", *figures.table(["format", "files", *made], rows)])


def format_of(path):
    """The folder's name: people call a file what they like."""
    return path.parent.name.upper()


def thimble(files):
    """Files of which the command line makes a thumbnail."""
    program = tools.TARGET / "debug" / "thimble"
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given", Path(folder) / "made"
        given.mkdir()
        for number, path in enumerate(files):
            (given / f"{number}{path.suffix}").symlink_to(path.resolve())
        command = [program, "generate", *sorted(given.iterdir()), "--preset", f"t={SIDE}x{SIDE},png", "--output", made]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return [path for number, path in enumerate(files) if any((made / f"{number}{path.suffix}").glob("t.*"))]


def pillow(files):
    return [path for path in files if opened(path)]


def opened(path):
    from PIL import Image
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path) as image:
            image.thumbnail((SIDE, SIDE))
            image.convert("RGBA").tobytes()
        return True
    except Exception:  # noqa: BLE001 - whatever a decoder raises, there is no thumbnail
        return False


def sharp(files):
    environment = {**os.environ, "BENCH_NODE_MODULES": str(tools.TOOLS / "node_modules")}
    worker = ["node", tools.BENCH / "peers" / "sharp-formats.mjs", str(SIDE)]
    done = subprocess.run(worker, input="\n".join(map(str, files)), env=environment, text=True, capture_output=True, check=True)
    read = set(json.loads(done.stdout))
    return [path for path in files if str(path) in read]


def versions():
    program = subprocess.run([tools.TARGET / "debug" / "thimble", "--version"], text=True, capture_output=True, check=True)
    pillow_version = tools.output([tools.PYTHON, "-c", "import PIL; print(PIL.__version__)"]).strip()
    return f"{program.stdout.splitlines()[0]}, sharp {tools.pinned('sharp')}, Pillow {pillow_version}"
