"""The program for a system that is not Linux, packed on a machine of that system, and tried there.

    elsewhere.py NAME

NAME is a processor and a system, such as aarch64-macos. Needs `cargo xtask engine`,
`cargo build --locked --release --package thimble --bin thimble` and `cargo samples target/samples`.
"""

import gzip
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import statement
from files import TARGET, documents, fail, oci, read, version

ARTIFACTS = TARGET / "release-artefacts"
ENGINE = "cargo xtask engine"
PROGRAM = "cargo build --locked --release --package thimble --bin thimble"


def pack(name):
    """The archive, which has a folder of its own name."""
    built = next((path for path in TARGET.glob("release/thimble*") if path.suffix in ("", ".exe")), None)
    if built is None:
        fail(f"there is no program; run `{PROGRAM}`")
    folder = f"thimble-{version()}-{name}"
    program = f"{folder}/bin/{built.name}"
    files = {f"{folder}/{path}": content for path, content in documents(built).items()}
    files[f"{folder}/share/thimble/engine.wasm"] = read(TARGET / "engine.wasm", f"run `{ENGINE}`")
    files[program] = built.read_bytes()
    archive = ARTIFACTS / f"{folder}.tar.gz"
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(gzip.compress(oci.layer(files, [program]), 9, mtime=0))
    return archive, program


def tried(archive, program):
    """Number of samples that the unpacked program made a thumbnail of: one is cut off on purpose."""
    samples = TARGET / "samples"
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder)
        made = Path(folder) / "thumbnails"
        subprocess.run([Path(folder) / program, "generate", samples, "--preset", "small=200x200", "--output", made],
                       check=False, stdout=subprocess.DEVNULL)
        of = sum(path.is_file() for path in samples.rglob("*"))
        found = sum(path.is_file() for path in made.rglob("small.*"))
    if not found or found != of - 1:
        fail(f"{found} thumbnails of {of} samples came out of {archive.name}")
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    name = sys.argv[1]
    packed, inside = pack(name)
    print(f"{packed.name}: {tried(packed, inside)} thumbnails")
    commands = [ENGINE.split(), PROGRAM.split(), ["python3", "scripts/release/elsewhere.py", name]]
    statement.state(ARTIFACTS / f"provenance-{name}.intoto.json", {packed.name: statement.digest_of(packed)},
                    statement.Build("urn:thimble:elsewhere", commands, ("Cargo.lock",)))
