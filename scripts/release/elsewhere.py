"""The program for a system that is not Linux, packed on a machine of that system, and tried there.

    elsewhere.py pack NAME    packs it, and tries the archive
    elsewhere.py try ARCHIVE  tries an archive that another machine made

NAME is a processor and a system, such as aarch64-macos. Both need `cargo samples target/samples`, and the first
needs `cargo xtask engine` and `cargo build --locked --release --package thimble --bin thimble`.
"""

import gzip
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import statement
from files import TARGET, documents, fail, oci, read, version

ARTIFACTS = TARGET / "release-artefacts"
ENGINE = "cargo xtask engine"
PROGRAM = "cargo build --locked --release --package thimble --bin thimble"


def pack(name):
    """The archive, which has a folder of its own name."""
    built = TARGET / "release/thimble"
    folder = f"thimble-{version()}-{name}"
    program = f"{folder}/bin/thimble"
    files = {f"{folder}/{path}": content for path, content in documents(built).items()}
    files[f"{folder}/share/thimble/engine.wasm"] = read(TARGET / "engine.wasm", f"run `{ENGINE}`")
    files[program] = read(built, f"run `{PROGRAM}`")
    archive = ARTIFACTS / f"{folder}.tar.gz"
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(gzip.compress(oci.layer(files, [program]), 9, mtime=0))
    return archive


def tried(archive):
    """Number of samples that the unpacked program made a thumbnail of: one is cut off on purpose."""
    samples = TARGET / "samples"
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(archive, folder)
        program, = Path(folder).glob("*/bin/thimble*")
        made = Path(folder) / "thumbnails"
        subprocess.run([program, "generate", samples, "--preset", "small=200x200", "--output", made],
                       check=False, stdout=subprocess.DEVNULL)
        of = sum(path.is_file() for path in samples.rglob("*"))
        found = sum(path.is_file() for path in made.rglob("small.*"))
    if not found or found != of - 1:
        fail(f"{found} thumbnails of {of} samples came out of {archive.name}")
    return found


def main(arguments):
    match arguments:
        case ["pack", name]:
            packed = pack(name)
            print(f"{packed.name}: {tried(packed)} thumbnails")
            commands = [ENGINE.split(), PROGRAM.split(), ["python3", "scripts/release/elsewhere.py", *arguments]]
            statement.state(ARTIFACTS / f"provenance-{name}.intoto.json", {packed.name: statement.digest_of(packed)},
                            statement.Build("urn:thimble:elsewhere", commands, ("Cargo.lock",)))
        case ["try", archive]:
            print(f"{archive}: {tried(Path(archive))} thumbnails")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
