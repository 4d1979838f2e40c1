"""`thimble local --once` over many small images, and over a few large ones: how fast, with
how much memory, and with how much processor time beside `thimble generate` over the same files,
which writes them and no more. Then how much of an image's time is the engine's, and what the host
adds, where all is in memory; and the system calls of an image, where there is strace.
`scripts/bench-local.sh` calls this.

    local.py SMALL LARGE SAMPLES PHOTOS

SAMPLES is a folder of sample images, of which the small ones are made; PHOTOS one of large
photographs.
"""

import itertools
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import figures

THIMBLE, WORKER = os.environ["THIMBLE"], os.environ["WORKER"]
CORES = sorted(os.sched_getaffinity(0))[:2]
PRESETS = ["75x75=75x75", "125x125=125x125", "1280x720=1280x720"]
WORDS = [word for preset in PRESETS for word in ("--preset", preset)]
CALLS = 500  # images whose system calls are counted
LOOK = 0.1  # seconds between two looks at the process
GROWTH = 1.10  # the most that memory may grow after the first tenth


def main(small, large, samples, photos):
    rows, failures = [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        pictures = shrink(samples, folder / "shrunk")
        for name, number, sources in (
            (f"{small} of 640 pixels", small, pictures),
            (f"{large} photographs", large, sorted(photos.glob("*.jpg"))),
        ):
            fill(folder / "run", number, sources)
            row, bad = run(name, folder / "run", number)
            rows.append(row)
            failures += bad
            shutil.rmtree(folder / "run")
        fill(folder / "run", CALLS, pictures)
        counts = calls(folder / "run")
    head = ["images", "images/s", "read, MB/s", "CPU, ms an image", "over `generate`",
            "memory after a tenth, MiB", "at the end", "at most"]
    lines = [*figures.table(head, rows), "", *overhead(photos)]
    print("\n".join(lines))
    for text in failures:
        print(f"FAILED: {text}")
    if not failures:
        figures.write("local", [f"{figures.processor()}, {len(CORES)} cores; three thumbnails of each image.", "",
                                *lines])
        if counts:
            figures.write("local-calls", counts, figures.PERFORMANCE)
    return 1 if failures else 0


def overhead(photos):
    """Processor time of an image in the engine and in the whole pipeline, over a store in memory."""
    names = ("the engine", "the whole pipeline", "what the host adds")
    rows = []
    for photo in (photos / "small.jpg", photos / "p12.jpg"):
        said = subprocess.run([WORKER, "pipeline", os.environ["THIMBLE_ENGINE"], str(photo)], check=True,
                              capture_output=True, text=True,
                              preexec_fn=lambda: os.sched_setaffinity(0, CORES[:1]))
        figure = json.loads(said.stdout)
        rows.append([photo.name, *(f"{figure[name]:.2f}" for name in names),
                     f"{100 * figure['the engine'] / figure['the whole pipeline']:.1f}"])
    return ["Milliseconds of processor time of one image, with a store in memory:", "",
            *figures.table(["image", *names, "the engine, %"], rows)]


def shrink(samples, folder):
    """Small pictures in several formats, of the samples that are whole."""
    sources = [str(path) for path in sorted(samples.rglob("*")) if path.is_file() and "cut-off" not in path.name]
    presets = ["a=640x480,jpeg", "b=640x480,q90,jpeg", "c=640x480,webp", "d=320x240,png"]
    words = [word for preset in presets for word in ("--preset", preset)]
    subprocess.run([THIMBLE, "generate", *sources, *words, "--output", str(folder)], check=True,
                   stdout=subprocess.DEVNULL)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def fill(folder, number, sources):
    for at, source in zip(range(number), itertools.cycle(sources)):
        target = folder / "images" / f"{at // 1000:03}" / f"{at:06}{source.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target) if source.is_relative_to(folder.parent) else shutil.copy(source, target)


def generate(folder):
    """Seconds of processor time of `thimble generate` over the images of a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([THIMBLE, "generate", str(folder / "images"), *WORDS, "--output", str(folder / "generated")],
                   check=True, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, CORES))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(folder / "generated")
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def calls(folder):
    """System calls of an image, most first; nothing where they cannot be counted."""
    if not shutil.which("strace"):
        print("there is no strace: system calls are not counted")
        return []
    counted = folder / "calls"
    subprocess.run(["strace", "-f", "-c", "-U", "name,calls", "-o", str(counted),
                    THIMBLE, "local", str(folder), "--once", "--quiet", *WORDS], check=True)
    lines = [line.split() for line in counted.read_text().splitlines()]
    found = {words[0]: int(words[1]) / CALLS for words in lines if len(words) == 2 and words[1].isdigit()}
    total = found.pop("total")
    often = sorted(found.items(), key=lambda one: -one[1])
    often = [[f"`{name}`", f"{count:.1f}"] for name, count in often if count >= 0.5]
    return [f"Of each of {CALLS} small images, its start included:", "",
            *figures.table(["call", "times"], [*often, ["all", f"{total:.0f}"]])]


def run(name, folder, number):
    """One run over a folder: a row of the table, and what was wrong."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    with (folder / "said").open("w") as said:
        process = subprocess.Popen([THIMBLE, "local", str(folder), "--once", "--json", *WORDS], stdout=said,
                                   preexec_fn=lambda: os.sched_setaffinity(0, CORES))
        memory = []
        while process.poll() is None:
            memory.append((time.monotonic() - begun, resident(process.pid)))
            time.sleep(LOOK)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"thimble ended with {process.returncode}")
    summary = json.loads((folder / "said").read_text().splitlines()[-1])["summary"]
    seconds = memory[-1][0]
    memory = [(at, size) for at, size in memory if size]
    tenth = next(size for at, size in memory if at >= seconds / 10)
    end, most = memory[-1][1], max(size for _, size in memory)
    cpu = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    row = [name, f"{number / seconds:.1f}", f"{summary['bytesRead'] / 1e6 / seconds:.1f}",
           f"{1e3 * cpu / number:.1f}", f"{cpu / generate(folder):.2f}",
           f"{tenth:.0f}", f"{end:.0f}", f"{most:.0f}"]
    thumbnails = sum(path.is_file() for path in (folder / "thumbnails").rglob("*"))
    failures = []
    if thumbnails != number * len(PRESETS):
        failures.append(f"{name}: {thumbnails} thumbnails instead of {number * len(PRESETS)}")
    # Of a few images each begins with its own peak, which is not growth.
    if number >= 1_000 and end > tenth * GROWTH:
        failures.append(f"{name}: memory grew from {tenth:.0f} to {end:.0f} MiB")
    return row, failures


def resident(process):
    """Resident memory in MiB of a process, 0 if it is gone."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    sizes = [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")]
    return sizes[0] if sizes else 0


if __name__ == "__main__":
    small, large = map(int, sys.argv[1:3])
    sys.exit(main(small, large, *map(pathlib.Path, sys.argv[3:5])))
