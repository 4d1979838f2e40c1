"""Cost of following a channel of engines, and of starting: with a compiler in the
program, and without. `scripts/bench-engines.sh` calls this.

    engines.py WORKER THIMBLE FUNCTION ENGINE CODE

WORKER is `bench-worker`, THIMBLE the command line, FUNCTION the program of the package
for Lambda, and CODE the compiled ENGINE that it vouches for.
"""

import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import figures

STARTS = 9  # of which the median is told
PATIENCE = 60  # seconds that a start may take
MIB = 1 << 20


def main(worker, thimble, function, engine, code):
    swapping = json.loads(subprocess.run([worker, "swap", engine], check=True, stdout=subprocess.PIPE).stdout)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        starts = list(starting(folder, thimble, function, engine, code))
    lines = [f"{figures.processor()}; the store is in memory, so a network adds its own time.", ""]
    lines += figures.table(["following a channel", "ms"], [[what, exact(ms)] for what, ms in swapping.items()])
    lines += ["", f"From the start of the process until it asks for work, the median of {STARTS}:", ""]
    rows = [[what, f"{size / MIB:.1f}", exact(1000 * seconds)] for what, size, seconds in starts]
    lines += figures.table(["start", "program, MiB", "ms"], rows)
    print("\n".join(lines))
    figures.write("engines", lines)


def starting(folder, thimble, function, engine, code):
    """For each way to start: what it is, the size of the program, the seconds it takes."""
    task = folder / "task"
    task.mkdir()
    shutil.copy(function, task / "bootstrap")
    shutil.copy(code, task / "engine.cwasm")
    yield "function without a compiler, compiled engine of the package", size(function), median(
        lambda: function_starts(task / "bootstrap"))
    plain, store = folder / "plain", folder / "store"
    for root in (plain, store):
        root.mkdir()
        subprocess.run([thimble, "local", root, "--once", "--engine", engine], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    key = folder / "key"
    public = ask(thimble, "engine", "keygen", key)
    place = ["--store", store / "engines", "--key", key]
    ask(thimble, "engine", "publish", engine, *place)
    ask(thimble, "engine", "promote", "latest", *place)
    for what, root, keys in (
        ("worker with a compiler, portable engine beside it", plain, ""),
        ("worker with a compiler, compiled engine of a store", store, public),
    ):
        yield what, size(thimble), median(lambda: worker_starts(thimble, root, engine, keys))


def ask(*words):
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip()


def function_starts(bootstrap):
    """A function is ready when it asks its runtime for an event."""
    with socket.create_server(("127.0.0.1", 0)) as runtime:
        runtime.settimeout(PATIENCE)
        host, port = runtime.getsockname()
        environment = {
            "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_LAMBDA_FUNCTION_NAME": "generate-thumbnails", "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769", "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}",
            "THUMBNAILS_BUCKET": "thumbnails", "SOURCE_BUCKET": "images",
        }
        begun = time.monotonic()
        process = subprocess.Popen([bootstrap], env=environment, stderr=subprocess.DEVNULL)
        try:
            runtime.accept()
            return time.monotonic() - begun
        finally:
            process.kill()
            process.wait()


def worker_starts(thimble, root, engine, keys):
    """A worker says when it begins to ask its queue for messages."""
    # To a worker on a folder, its folders are buckets.
    store = "s3://engines" if keys else ""
    environment = {**os.environ, "ENGINE_STORE": store, "ENGINE_KEYS": keys}
    words = [thimble, "worker", "--queue", root, "--engine", engine]
    begun = time.monotonic()
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if json.loads(line).get("message") == "worker started":
                return time.monotonic() - begun
        raise SystemExit("the worker did not start")
    finally:
        process.kill()
        process.wait()


def median(start):
    return statistics.median(start() for _ in range(STARTS))


def size(program):
    return pathlib.Path(program).stat().st_size


def exact(number):
    """Three digits that say something, and no zeros behind them."""
    return f"{float(f'{number:.3g}'):.7f}".rstrip("0").rstrip(".")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:6]))
