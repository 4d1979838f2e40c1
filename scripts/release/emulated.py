"""The packages for another processor than this machine's, tried under qemu.

The program of each package has to be the same, and one of them makes the thumbnails of the samples.
It starts itself as a compiler, so the kernel has to know qemu: in a namespace of its own, of which
nothing stays when the program ends.
"""

import os
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from files import fail, program_of

# Bytes of the header of a program that say its processor: not its type, which is one of two,
# and not its system.
MASK = bytes.fromhex("ffffffffffffff00fffffffffffffffffeffffff")
REGISTER = """
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && printf %s "$0" >/proc/sys/fs/binfmt_misc/register || {
    echo "release: this kernel does not take qemu in a namespace; Linux 6.7 and newer do" >&2
    exit 125
}
exec "$@"
"""
# Nothing is in a hurry here: qemu is thirty times slower than a processor.
PATIENCE = ["--compile-timeout", "3600", "--timeout", "900", "--concurrency", "2"]


def packages(artifacts, processor):
    """The packages of one processor, without the image, which is one for all."""
    patterns = (f"thimble-*-{processor.uname}-linux.tar.gz", f"thimble_*_{processor.debian}.deb",
                f"thimble_cli-*{processor.uname}.whl", f"thimble-cli-linux-{processor.node}-*.tgz")
    return [next(artifacts.glob(pattern)) for pattern in patterns]


def extract(package, folder):
    if package.suffix == ".deb":
        subprocess.run([program_of("dpkg-deb"), "--extract", package, folder], check=True)
    elif package.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
    else:
        with tarfile.open(package) as archive:
            archive.extractall(folder)


def carried(folder, magic):
    """The program, whose first bytes are known, and the engine that lie somewhere in a folder."""
    files = (path for path in folder.rglob("thimble*") if path.suffix in ("", ".exe") and path.is_file())
    programs = [path for path in files if path.read_bytes().startswith(magic)]
    engines = [path for path in folder.rglob("engine.wasm") if path.is_file()]
    if len(programs) != 1 or len(engines) != 1:
        fail(f"one program and one engine are wanted, not {len(programs)} and {len(engines)}")
    return programs[0], engines[0]


def same_program(folders, magic):
    """The program of all these folders, by their names: each has to carry the same one, and the same engine."""
    first, *others = (tuple(path.read_bytes() for path in carried(each, magic)) for each in folders.values())
    for name, other in zip(list(folders)[1:], others):
        if other != first:
            fail(f"{name} has another program or engine than {next(iter(folders))}")
    return carried(next(iter(folders.values())), magic)[0]


def emulated(processor, program, *arguments):
    """Exit status of a program for another processor, under qemu."""
    header = program.read_bytes()[:len(MASK)]
    escaped = ("".join(f"\\x{byte:02x}" for byte in each) for each in (header, MASK))
    rule = ":".join(["", "thimble", "M", "", *escaped, program_of(f"qemu-{processor.uname}-static"), "F"])
    # Address space for some memories of engines, 4 GiB each, but not for a pool of a thousand:
    # qemu takes memory of its own for every page that is set aside. The same as `addresses` in
    # xtask/src/package/start.rs.
    limit = f"--as={(os.cpu_count() + 8) * 6 << 30}"
    alone = [program_of("unshare"), "--user", "--map-root-user", "--mount", "sh", "-c", REGISTER, rule]
    with tempfile.TemporaryDirectory() as home:
        return subprocess.run([*alone, program_of("prlimit"), limit, program, *arguments, *PATIENCE],
                              env={"PATH": os.environ["PATH"], "HOME": home}, check=False,
                              stdout=subprocess.DEVNULL).returncode


def try_packages(artifacts, processor, layers, arguments):
    """Runs the program of the packages with these arguments; `layers` unpacks the image into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for package in packages(artifacts, processor):
            found[package.name] = Path(folder) / str(len(found))
            extract(package, found[package.name])
        found["image of the worker"] = Path(folder) / str(len(found))
        layers(found["image of the worker"], processor)
        program = same_program(found, b"\x7fELF")
        status = emulated(processor, program, *arguments)
        if status:
            fail(f"the program for {processor.uname} ended with {status} under qemu")
