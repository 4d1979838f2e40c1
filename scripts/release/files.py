"""Files of a release, and their places once it is installed."""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# 1980-01-01, the earliest time that every format of archives can say.
EPOCH = 315532800

# The place of documents below a prefix.
DOCUMENTS = "share/doc/thimble"

# Images are made of the same programs, and layers are archives as good as any.
sys.path.insert(0, str(ROOT / "deploy"))
import oci  # noqa: E402

import links  # noqa: E402


def fail(words):
    raise SystemExit(f"release: {words}")


@dataclass(frozen=True)
class Processor:
    """One kind of processor, in the words of those who name it otherwise."""

    uname: str
    debian: str
    node: str


PROCESSORS = [Processor("x86_64", "amd64", "x64"), Processor("aarch64", "arm64", "arm64")]


@dataclass(frozen=True)
class System:
    """An operating system, in its own word and in that of Node.js."""

    name: str
    node: str
    suffix: str  # of a program's file


LINUX = System("linux", "linux", "")
WINDOWS = System("windows", "win32", ".exe")


@dataclass(frozen=True)
class Program:
    processor: Processor
    system: System
    path: Path

    @classmethod
    def of(cls, path):
        """A program that says itself what it is for; one that needs libraries is refused."""
        content = read(path, "build it with scripts/release.sh")
        if content[:2] == b"MZ":
            return cls(cls.processor_of_windows(path, content), WINDOWS, Path(path))
        name, loader = oci.processor_and_interpreter(path, content)
        if loader:
            fail(f"{path} asks for a loader and libraries; link it statically")
        found = [each for each in PROCESSORS if each.debian == name]
        return cls(found[0], LINUX, Path(path))

    @staticmethod
    def processor_of_windows(path, content):
        start, = struct.unpack_from("<I", content, 0x3C)
        if content[start:start + 6] != b"PE\0\0\x64\x86":
            fail(f"{path} is no program of Windows for x86-64")
        return PROCESSORS[0]

    @property
    def name(self):
        """The processor and the system, as they stand in names of files."""
        return f"{self.processor.uname}-{self.system.name}"

    @property
    def place(self):
        """The program's file below a prefix."""
        return f"bin/thimble{self.system.suffix}"


@dataclass(frozen=True)
class Release:
    version: str
    programs: list
    documents: dict

    @classmethod
    def of(cls, paths):
        programs = [Program.of(path) for path in paths]
        if len({program.name for program in programs}) != len(programs):
            fail("two programs are for the same machine")
        native = [each for each in programs if each.name == f"{os.uname().machine}-linux"]
        if not native:
            fail(f"no program is for this machine, {os.uname().machine}, which has to write the pages of the manual")
        return cls(version(), programs, documents(native[0].path))

    def of_linux(self):
        return [program for program in self.programs if program.system == LINUX]

    def installed(self, program):
        """The files of an installation below a prefix: path, content."""
        return {
            program.place: program.path.read_bytes(),
            "share/thimble/engine.wasm": read(TARGET / "engine.wasm", "run `make engine`"),
            **self.documents,
        }

    def copy_to(self, output):
        """Files that are released as they were built."""
        for processor in (program.processor for program in self.of_linux()):
            package = TARGET / "package" if processor.uname == os.uname().machine else TARGET / f"package-{processor.uname}"
            remedy = f"run `cargo xtask package --auditable {processor.uname}`"
            for name in ("generate-thumbnails", "redrive-dlq"):
                copy(package / f"{name}.zip", output / f"lambda-{name}-{processor.uname}.zip", remedy)
            copy(package / "engine.cwasm", output / f"engine-{processor.uname}.cwasm", remedy)
        copy(TARGET / "engine.wasm", output / "engine.wasm", "run `make engine`")
        copy(TARGET / "engine-open.wasm", output / "engine-open.wasm", "run `make engine`")
        copy(TARGET / "programs/sbom.cdx.json", output / "sbom.cdx.json", "run `cargo xtask programs`")
        copy(TARGET / "template.json", output / "thimble.template.json", "run `make template`")
        bindings = sorted((TARGET / "bindings").glob("*"))
        if not bindings:
            fail("the packages of the engine are missing; run scripts/bindings.sh pack")
        for each in bindings:
            copy(each, output / each.name, "run scripts/bindings.sh pack")


def version():
    """The version of the host."""
    return re.search(r'^version = "(.*)"', (ROOT / "host/Cargo.toml").read_text(), re.MULTILINE)[1]


def read(path, remedy):
    try:
        return Path(path).read_bytes()
    except OSError as error:
        fail(f"cannot read {path}; {remedy}: {error}")


def copy(source, target, remedy):
    target.write_bytes(read(source, remedy))


def documents(program):
    """Manual, completions, licenses and the documents for readers, by their paths below a prefix."""
    found = {}
    with tempfile.TemporaryDirectory() as pages:
        run([program, "man", "--all", pages])
        for page in sorted(Path(pages).iterdir()):
            found[f"share/man/man1/{page.name}"] = page.read_bytes()
    for shell, path in {
        "bash": "share/bash-completion/completions/thimble",
        "zsh": "share/zsh/site-functions/_thimble",
        "fish": "share/fish/vendor_completions.d/thimble.fish",
    }.items():
        found[path] = run([program, "completions", shell])
    for name in ("LICENSE-APACHE", "LICENSE-MIT"):
        found[f"{DOCUMENTS}/{name}"] = (ROOT / name).read_bytes()
    def texts_of(pattern):
        return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "docs").glob(pattern)}

    pages, schemas = texts_of("**/*.md"), texts_of("*.json")
    names = {*pages, *schemas}
    # README.md of the checkout begins with a build. The changelog has another name in some packages.
    for name, path in {"CHANGELOG.md": "CHANGELOG.md", "README.md": "scripts/release/program/README.md"}.items():
        pages[name] = (ROOT / path).read_text("utf-8")
    texts = links.without_those_that_lead_out(pages, names) | schemas
    return found | {f"{DOCUMENTS}/{name}": text.encode() for name, text in texts.items()}


def run(command, **options):
    """The output of a command that has to succeed, in an environment where time stands still."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([str(each) for each in command], env=environment, capture_output=True, check=False, **options)
    if done.returncode:
        fail(f"{' '.join(map(str, command))} failed: {done.stderr.decode(errors='replace')}")
    return done.stdout


def lay_out(folder, files, programs=("bin/thimble", "bin/thimble.exe")):
    """Writes files below a folder, readable by all, with the time of the epoch."""
    for name, content in files.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if name in programs else 0o644)
    for path in [Path(folder), *Path(folder).rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
        os.utime(path, (EPOCH, EPOCH))


def program_of(name):
    """The path of a tool that has to be there."""
    return shutil.which(name) or fail(f"{name} is missing; install it and try again")
