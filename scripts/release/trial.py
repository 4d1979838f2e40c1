"""Tries the packages of a release where nothing is installed that they could lean on.

    python3 scripts/release/trial.py [--report]

Each route begins with a package in a base system of Debian without a compiler, or in a folder
that is empty, and has 90 seconds to the thumbnails that `thimble local` makes of the samples.
Thumbnails have to be those of the program of this machine in target/programs, byte for byte,
and so have those of another processor under qemu and of Windows in Wine, for which nothing is in a hurry. Needs root,
for chroot. `--report` writes the times into BENCHMARKS.md.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import emulated
import inventory
import wine
from files import PROCESSORS, ROOT, TARGET, fail, program_of, run, version

sys.path.insert(0, str(ROOT / "bench"))
import figures  # noqa: E402

ARTIFACTS = TARGET / "release-artefacts"
BASE = ROOT / ".tools/bare-root-1"
LIMIT = 90  # seconds from a package to thumbnails
PRESETS = ["--preset", "small=200x200,cover,webp", "--preset", "wide=1280x"]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8"}


def base():
    """A base system with what the routes of Python and npm take for granted, made once."""
    if (BASE / "complete").exists():
        return
    shutil.rmtree(BASE, ignore_errors=True)
    packages = "--include=python3-venv,nodejs,ca-certificates"
    subprocess.run([program_of("debootstrap"), "--variant=minbase", packages, "bookworm", BASE],
                   check=True, stdout=subprocess.DEVNULL)
    # Debian's npm is 400 packages; npm itself is a folder of scripts, and this machine has it.
    modules = subprocess.run([program_of("npm"), "root", "--global"], check=True, text=True, capture_output=True)
    shutil.copytree(Path(modules.stdout.strip()) / "npm", BASE / "opt/npm")
    (BASE / "complete").touch()


class Root:
    """A root file system for one route, with packages, photos, and what every container has mounted."""

    def __init__(self, folder, is_empty):
        self.folder = folder
        if not is_empty:
            # Devices and owners are kept.
            subprocess.run(["cp", "--archive", f"{BASE}/.", folder], check=True)
        for name in ("proc", "tmp"):
            (folder / name).mkdir(exist_ok=True)
        shutil.copytree(ARTIFACTS, folder / "release")
        shutil.copytree(TARGET / "samples", folder / "photos")

    def run(self, *command, directory="/"):
        # The mount ends with the command, because its namespace does.
        script = f'mount -t proc proc "{self.folder}/proc" && exec "$0" "$@"'
        entered = [program_of("chroot"), str(self.folder)]
        if directory != "/":
            entered += ["/usr/bin/env", f"--chdir={directory}"]
        return subprocess.run([program_of("unshare"), "--mount", "sh", "-c", script, *entered, *command],
                              env=ENVIRONMENT, check=False, stdout=subprocess.DEVNULL).returncode

    def must(self, *command, **options):
        if status := self.run(*command, **options):
            fail(f"in the bare system {' '.join(command)} failed: {status}")

    def thumbnails(self, program):
        """One of the samples is cut off on purpose, which is no failure of the program."""
        self.must(program, *local("/photos", "/thumbnails"))


def local(photos, thumbnails):
    """Arguments that make the thumbnails of all photos."""
    return ["local", photos, "--thumbnails", thumbnails, "--once", *PRESETS]


def unpacked(root, processor):
    """The tarball in an empty folder: there is no shell, and no library."""
    archive = next(ARTIFACTS.glob(f"thimble-*-{processor.uname}-linux.tar.gz"))
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", root.folder], check=True)
    name = archive.name.removesuffix(".tar.gz")
    root.thumbnails(f"/{name}/bin/thimble")


def debian(root, processor):
    package = next(ARTIFACTS.glob(f"thimble_*_{processor.debian}.deb")).name
    root.must("dpkg", "--install", f"/release/{package}")
    root.thumbnails("thimble")
    # Its parts go with it.
    root.must("dpkg", "--purge", "thimble")
    if (root.folder / "usr/share/thimble").exists():
        fail("the package of Debian leaves files behind")


def wheel(root, processor):
    package = next(ARTIFACTS.glob(f"thimble_cli-*{processor.uname}.whl")).name
    root.must("python3", "-m", "venv", "/venv")
    root.must("/venv/bin/pip", "install", "--quiet", "--no-index", f"/release/{package}")
    root.thumbnails("/venv/bin/thimble")


def npm(root, processor):
    of_processor = next(ARTIFACTS.glob(f"thimble-cli-linux-{processor.node}-*.tgz")).name
    picks = next(path for path in ARTIFACTS.glob("thimble-cli-*.tgz") if path.name.startswith(f"thimble-cli-{version()}")).name
    (root.folder / "project").mkdir()
    root.must("node", "/opt/npm/bin/npm-cli.js", "install", "--offline", "--omit=optional", "--silent",
              f"/release/{of_processor}", f"/release/{picks}", directory="/project")
    root.thumbnails("/project/node_modules/.bin/thimble")


def image(root, processor):
    """The image of the worker: its layers in an empty folder."""
    layers(root.folder, processor)
    root.thumbnails("/opt/thimble/thimble")


def layers(into, processor):
    """Unpacks the layers of the image of the worker for one processor."""
    into.mkdir(exist_ok=True)
    with inventory.Layout(next(ARTIFACTS.glob("thimble-worker-*-oci.tar"))) as layout:
        for layer in layout.layers(processor.debian):
            subprocess.run(["tar", "--extract", "--gzip", "--file", layer, "--directory", into], check=True)


def same(wanted, found):
    """Files of two folders that differ, or are in one of them only."""
    names = {path.relative_to(folder) for folder in (wanted, found) for path in folder.rglob("*") if path.is_file()}
    # The memory of the program has times in it.
    names = {name for name in names if name.parts[0] != ".thimble"}
    if not names:
        fail("nothing was made")
    return [str(name) for name in sorted(names) if not (
        (wanted / name).is_file() and (found / name).is_file()
        and filecmp.cmp(wanted / name, found / name, shallow=False))]


def tried(name, route, processor, wanted, is_empty=False):
    """The seconds of one route."""
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder), is_empty)
        began = time.monotonic()
        route(root, processor)
        took = time.monotonic() - began
        if different := same(wanted, root.folder / "thumbnails"):
            fail(f"{name}: these thumbnails differ: {', '.join(different[:5])}")
    print(f"{name}: {took:.1f} s")
    if took > LIMIT:
        fail(f"{name} took longer than {LIMIT} s")
    return [name, f"{took:.1f}"]


def foreign(processor, wanted):
    """The packages for another processor make the same thumbnails."""
    with tempfile.TemporaryDirectory() as made:
        began = time.monotonic()
        emulated.try_packages(ARTIFACTS, processor, layers, local(TARGET / "samples", made))
        if different := same(wanted, Path(made)):
            fail(f"{processor.uname}: these thumbnails differ: {', '.join(different[:5])}")
    print(f"packages for {processor.uname}, under qemu: the same thumbnails, {time.monotonic() - began:.0f} s")


def windows(wanted):
    """The packages for Windows make the same thumbnails."""
    with tempfile.TemporaryDirectory() as made:
        began = time.monotonic()
        wine.try_packages(ARTIFACTS, local(TARGET / "samples", made))
        if different := same(wanted, Path(made)):
            fail(f"Windows: these thumbnails differ: {', '.join(different[:5])}")
    print(f"packages for Windows, in Wine: the same thumbnails, {time.monotonic() - began:.0f} s")


def opened(native, wanted):
    """The open engine, joined with a codec, makes the same thumbnails."""
    program = TARGET / "programs" / native.uname / "thimble"
    with tempfile.TemporaryDirectory() as folder:
        joined, made = Path(folder) / "joined.wasm", Path(folder) / "made"
        run([program, "engine", "compose", ARTIFACTS / "engine-open.wasm", TARGET / "qoi.wasm", "-o", joined])
        run([program, *local(TARGET / "samples", made), "--engine", joined, "--engine-cache", "none"])
        if different := same(wanted, made):
            fail(f"the open engine makes other thumbnails: {', '.join(different[:5])}")
    print("open engine, with a codec: the same thumbnails")


def main(arguments):
    if os.geteuid():
        fail("chroot needs root; run it with sudo, or in a container")
    if not (ARTIFACTS / "SHA256SUMS").exists():
        fail("there is no release; run `make release`")
    inventory.check(ARTIFACTS)
    base()
    native = next(each for each in PROCESSORS if each.uname == os.uname().machine)
    with tempfile.TemporaryDirectory() as made:
        program = TARGET / "programs" / native.uname / "thimble"
        run([program, *local(TARGET / "samples", made), "--engine", TARGET / "engine.wasm"])
        wanted = Path(made)
        rows = [
            tried("tarball, in an empty folder", unpacked, native, wanted, is_empty=True),
            tried("package of Debian", debian, native, wanted),
            tried("wheel, by pip", wheel, native, wanted),
            tried("package of npm", npm, native, wanted),
            tried("image of the worker, unpacked", image, native, wanted, is_empty=True),
        ]
        opened(native, wanted)
        for processor in inventory.processors(ARTIFACTS):
            if processor != native:
                foreign(processor, wanted)
        if wine.packages(ARTIFACTS):
            windows(wanted)
    if "--report" in arguments:
        figures.write("release", [f"{figures.processor()}, {len(os.sched_getaffinity(0))} cores.", "",
                                  *figures.table(["route", "seconds to the thumbnails of 16 images"], rows)])


if __name__ == "__main__":
    main(sys.argv[1:])
