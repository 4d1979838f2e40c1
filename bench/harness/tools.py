"""Needs of a run: the peers at their pinned versions, the engine and its worker.

Everything is installed into the checkout, under `.tools/bench`, and only when
what is pinned has changed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BENCH = CHECKOUT / "bench"
TOOLS = CHECKOUT / ".tools" / "bench"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", CHECKOUT / "target"))
PYTHON = TOOLS / "venv" / "bin" / "python"
ENGINE = TARGET / "engine.wasm"
COMPOSED_ENGINE = TARGET / "bench-composed.wasm"
WORKER = TARGET / "release" / "bench-worker"


def install():
    """Installs the peers. Needs `npm` and Python's own library, nothing else."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    if _changed("python", [BENCH / "requirements.txt"]):
        venv.create(TOOLS / "venv", with_pip=True, clear=True)
        _run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
              "--requirement", BENCH / "requirements.txt"])
        _keep("python", [BENCH / "requirements.txt"])
    locked = [BENCH / "package.json", BENCH / "package-lock.json"]
    if _changed("node", locked):
        if shutil.which("npm") is None:
            raise SystemExit("bench: npm is missing; install Node.js 22 or newer")
        for file in locked:
            shutil.copy(file, TOOLS)
        _run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=TOOLS)
        _keep("node", locked)


def build():
    """Builds the engine as a component, and the worker that runs it."""
    _run(["cargo", "xtask", "engine"], cwd=CHECKOUT)
    _run(["cargo", "build", "--quiet", "--locked", "--profile", "bench", "--package", "bench"], cwd=CHECKOUT)


def compose(codec):
    """Joins a codec to the engine. Says whether there is one: those that a task of their own builds may be missing."""
    part = TARGET / f"{codec}.wasm"
    if not part.exists():
        print(f"bench: {codec} is left out; `make {codec}` builds its codec", flush=True)
        return False
    _run(["cargo", "run", "--quiet", "--locked", "--release", "--package", "thimble", "--bin", "thimble", "--",
          "engine", "compose", TARGET / "engine-open.wasm", part, "-o", COMPOSED_ENGINE], cwd=CHECKOUT)
    return True


def enter():
    """Goes on as the environment's own Python, which has the packages."""
    if Path(sys.prefix) != TOOLS / "venv":
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


def _digest(files):
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _changed(name, files):
    kept = TOOLS / f"{name}.installed"
    return not kept.exists() or kept.read_text() != _digest(files)


def _keep(name, files):
    (TOOLS / f"{name}.installed").write_text(_digest(files))


def _run(command, cwd=None):
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=cwd, check=False).returncode != 0:
        raise SystemExit(f"bench: failed: {' '.join(words)}")


def locked(crate):
    """The version of a crate that the workspace is built with."""
    packages = tomllib.loads((CHECKOUT / "Cargo.lock").read_text())["package"]
    return next(package["version"] for package in packages if package["name"] == crate)


def pinned(package):
    """The version of a package of npm that is installed."""
    return json.loads((BENCH / "package.json").read_text())["dependencies"][package]


def output(command):
    """Output of a command."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: failed: {' '.join(words)}")
    return done.stdout
