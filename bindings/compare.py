#!/usr/bin/env python3
"""Compares the answers of the packages with those of the native host: `compare.py FOLDER...`

Every file below the folders is an image, or is not: source, thumbnails to the byte,
warnings and errors have to be the same. `THIMBLE` names the command line, `ENGINE` its
engine. Both packages are used as they are built here, or as they are installed: for npm beside the
copy of answers.mjs that `ANSWERS` names, for Python where `PYTHONPATH` leads.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
THIMBLE = os.environ.get("THIMBLE", str(ROOT / "target/debug/thimble"))
ENGINE = os.environ.get("ENGINE", str(ROOT / "target/engine.wasm"))

# A part of each kind of the grammar.
PRESETS = [
    "small=200x200,cover,webp",
    "wide=320x",
    "card=120x90,contain,jpeg,q70,bg=#102030",
    "face=64x64,cover,salient,png",
    "icon=48x48,cover,at(0.25;0.75),gif",
    "exact=64x48,fill,enlarge,webp,webp.lossless=true",
]
PACKAGES = {
    "npm": ["node", os.environ.get("ANSWERS", str(ROOT / "bindings/npm/test/answers.mjs"))],
    "python": [sys.executable, str(ROOT / "bindings/python/tests/answers.py")],
}


def of_host(files: list[Path]) -> list[dict]:
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(files), 500):
            some = files[start : start + 500]
            command = [THIMBLE, "generate", "--json", "--engine", ENGINE, "-o", folder]
            command += [word for preset in PRESETS for word in ("--preset", preset)]
            done = subprocess.run([*command, *map(str, some)], stdout=subprocess.PIPE)
            if done.returncode not in (0, 1):
                raise SystemExit(f"compare: {THIMBLE} ended with {done.returncode}")
            answers += map(json.loads, done.stdout.splitlines())
        for answer in answers:
            for thumbnail in answer.get("thumbnails", ()):
                made = Path(thumbnail.pop("path")).read_bytes()
                thumbnail["sha256"] = hashlib.sha256(made).hexdigest()
            for beyond in ("status", "engine"):
                answer.pop(beyond, None)
    return answers


def of_package(name: str, files: list[Path]) -> list[dict]:
    question = json.dumps({"presets": PRESETS, "files": list(map(str, files))})
    done = subprocess.run(PACKAGES[name], input=question.encode(), stdout=subprocess.PIPE, check=True)
    return list(map(json.loads, done.stdout.splitlines()))


def timed(work, *arguments) -> tuple[list[dict], float]:
    before = time.monotonic()
    return work(*arguments), time.monotonic() - before


def main() -> int:
    found = (file for folder in sys.argv[1:] for file in Path(folder).rglob("*"))
    # The command line refuses an empty file before an engine sees it.
    files = sorted(file for file in found if file.is_file() and file.stat().st_size > 0)
    if not files:
        raise SystemExit("compare: name a folder with images")
    with ThreadPoolExecutor() as pool:
        host = pool.submit(timed, of_host, files)
        packages = {name: pool.submit(timed, of_package, name, files) for name in PACKAGES}
    answers, seconds = host.result()
    expected = {answer["file"]: answer for answer in answers}
    failed = sum("error" in answer for answer in answers)
    thumbnails = sum(len(answer.get("thumbnails", ())) for answer in answers)
    print(f"host: {len(files)} files, {thumbnails} thumbnails, {failed} errors, {seconds:.1f} s")
    different = 0
    for name, package in packages.items():
        answers, seconds = package.result()
        wrong = [answer for answer in answers if answer != expected.get(answer["file"])]
        missing = len(files) - len(answers)
        print(f"{name}: {len(answers) - len(wrong)} of {len(files)} the same, {seconds:.1f} s")
        for answer in wrong[:10]:
            print(f"  {name}: {json.dumps(answer)}\n  host: {json.dumps(expected.get(answer['file']))}")
        different += len(wrong) + missing
    return min(different, 1)


if __name__ == "__main__":
    sys.exit(main())
