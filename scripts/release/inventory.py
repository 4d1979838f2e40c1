"""Contents of the artifacts of a release, as far as they show without running them."""

import gzip
import io
import json
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from fnmatch import fnmatch
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import links
import statement
from files import PROCESSORS, ROOT, fail, oci, program_of, run, version

# The step of `release.sh check` that uses each artifact.
USES = {
    "thimble-[0-9]*-linux.tar.gz": "trial.py makes thumbnails with it, under qemu for another processor",
    "thimble-[0-9]*-windows.zip": "trial.py makes thumbnails with it in Wine",
    "thimble_[0-9]*.deb": "trial.py installs it, or runs it under qemu; lintian",
    "thimble_cli-*.whl": "trial.py installs it, or runs it under qemu or in Wine",
    "thimble-cli-*.tgz": "trial.py installs it, or runs it under qemu or in Wine; npm packs it again",
    "thimble-worker-*-oci.tar": "trial.py makes thumbnails with its layers",
    "thimble-engine-*-oci.tar": "inventory.py compares its layer with the engine",
    "engine.wasm": "part of every package that makes thumbnails",
    "engine-open.wasm": "trial.py composes it with a codec, and makes thumbnails",
    "engine-*.cwasm": "functions.py makes thumbnails with the function that has it",
    "lambda-*.zip": "functions.py deploys it, or runs it under qemu",
    "thimble.template.json": "functions.py deploys it; cfn-lint; cdk.sh",
    "thimble-engine-*.tgz": "bindings.sh installs it and compares its thumbnails; npm packs it again",
    "thimble_engine-*.whl": "bindings.sh installs it and compares its thumbnails",
    "thimble_engine-*.tar.gz": "bindings.sh makes the wheel of it again",
    "sbom.cdx.json": "inventory.py holds it against its schema and the programs",
    "provenance.intoto.json": "inventory.py compares it with the artifacts",
    "SHA256SUMS": "inventory.py compares it with the artifacts",
}


class Layout:
    """A layout of OCI in an archive, unpacked for as long as it is used."""

    def __init__(self, archive):
        self.archive = archive

    def __enter__(self):
        self.unpacked = tempfile.TemporaryDirectory()
        self.folder = Path(self.unpacked.name)
        with tarfile.open(self.archive) as archive:
            archive.extractall(self.folder)
        return self

    def __exit__(self, *_):
        self.unpacked.cleanup()

    def blob(self, entry):
        return self.folder / "blobs" / entry["digest"].replace(":", "/")

    def layers(self, architecture=None):
        """The files of the layers of the one manifest for this architecture."""
        found = json.loads((self.folder / "index.json").read_text())["manifests"]
        if architecture:
            while "platform" not in found[0]:
                found = json.loads(self.blob(found[0]).read_text())["manifests"]
            found = [each for each in found if each["platform"]["architecture"] == architecture]
        manifest, = found
        return [self.blob(layer) for layer in json.loads(self.blob(manifest).read_text())["layers"]]


def check(artifacts):
    used(artifacts)
    sums(artifacts)
    joined(artifacts)
    engine(artifacts)
    documents(artifacts)
    repacked(artifacts)
    listed = bill(artifacts)
    for processor in processors(artifacts):
        functions(artifacts, processor)
        for name, program in programs(artifacts, processor).items():
            print(f"{name}: its program has a list of {audited(name, program, listed)} crates")
    for archive in artifacts.glob("thimble-*-windows.zip"):
        with zipfile.ZipFile(archive) as packed:
            program = packed.read(f"{archive.stem}/bin/thimble.exe")
        print(f"{archive.name}: its program has a list of {audited(archive.name, program, listed)} crates")


def used(artifacts):
    """Every artifact is used, and everything that is used is there."""
    names = [path.name for path in artifacts.iterdir()]
    if unused := [name for name in names if not any(fnmatch(name, pattern) for pattern in USES)]:
        fail(f"nothing uses {', '.join(sorted(unused))}: try it in a step of `release.sh check`, and name that in {__file__}")
    if missing := [pattern for pattern in USES if not any(fnmatch(name, pattern) for name in names)]:
        fail(f"these artifacts are missing: {', '.join(missing)}")


def processors(artifacts):
    """The processors that the release has a program for."""
    found = [each for each in PROCESSORS if list(artifacts.glob(f"thimble-*-{each.uname}-linux.tar.gz"))]
    return found or fail(f"{artifacts} has no tarball")


def bill(artifacts):
    """The crates of the bill of materials, which is what its schema says: name, version."""
    text = (artifacts / "sbom.cdx.json").read_text()
    schema = SchemaVersion.from_version(json.loads(text)["specVersion"])
    if error := JsonStrictValidator(schema).validate_str(text):
        fail(f"sbom.cdx.json is not by its schema: {str(error).splitlines()[0]}")
    listed = json.loads(text)
    if (said := listed["metadata"]["component"]["version"]) != version():
        fail(f"sbom.cdx.json is of version {said}, not {version()}")
    return {(each["name"], each["version"]) for each in listed["components"]}


def programs(artifacts, processor):
    """All programs for a processor: name, content."""
    archive = next(artifacts.glob(f"thimble-*-{processor.uname}-linux.tar.gz"))
    with tarfile.open(archive) as packed:
        found = {archive.name: packed.extractfile(f"{archive.name.removesuffix('.tar.gz')}/bin/thimble").read()}
    for path in artifacts.glob(f"lambda-*-{processor.uname}.zip"):
        with zipfile.ZipFile(path) as packed:
            found[path.name] = packed.read("bootstrap")
    return found


# Dependencies of the host that write code for the compiler and are not linked.
MACROS = {"async-trait"}


def audited(name, program, listed):
    """The number of crates that `cargo auditable` wrote into a program. The bill of materials has those that it
    depends on itself; the list has others that are not linked, for the reason of decision 74."""
    crates = json.loads(zlib.decompress(section(name, program, b".dep-v0")))["packages"]
    root = next(each for each in crates if each.get("root"))
    if (root["name"], root["version"]) != ("thimble", version()):
        fail(f"the crates of {name} are those of {root['name']} {root['version']}, not of thimble {version()}")
    wanted = {(crates[at]["name"], crates[at]["version"]) for at in root["dependencies"]
              if crates[at].get("kind") != "build" and crates[at]["name"] not in MACROS}
    if missing := {" ".join(each) for each in wanted - listed}:
        fail(f"sbom.cdx.json has no {', '.join(sorted(missing))}, which {name} is linked with")
    return len(crates)


def section(name, program, wanted):
    """The content of a section of a program."""
    for found, content in (sections_of_windows if program[:2] == b"MZ" else sections_of_linux)(program):
        if found == wanted:
            return content
    return fail(f"the program in {name} has no list of its crates; build it by scripts/release.sh")


def sections_of_windows(program):
    start, = struct.unpack_from("<I", program, 0x3C)
    count, = struct.unpack_from("<H", program, start + 6)
    after, = struct.unpack_from("<H", program, start + 20)
    for at in range(count):
        name, size, _, padded, offset = struct.unpack_from("<8sIIII", program, start + 24 + after + 40 * at)
        yield name.rstrip(b"\0"), program[offset:offset + min(size, padded)]


def sections_of_linux(program):
    start, = struct.unpack_from("<Q", program, 40)
    size, count, of_names = struct.unpack_from("<HHH", program, 58)
    headers = [struct.unpack_from("<IIQQQQ", program, start + size * at) for at in range(count)]
    names = headers[of_names][4]
    for at, _, _, _, offset, length in headers:
        yield program[names + at:program.index(b"\0", names + at)], program[offset:offset + length]


def repacked(artifacts):
    """npm would publish just the files that each of its packages has."""
    for path in artifacts.glob("*.tgz"):
        with tempfile.TemporaryDirectory() as folder, tarfile.open(path) as archive:
            archive.extractall(folder)
            said = json.loads(run([program_of("npm"), "pack", "--dry-run", "--json"], cwd=Path(folder) / "package"))
            found = sorted(f"package/{each['path']}" for each in said[0]["files"])
            if found != sorted(archive.getnames()) or said[0]["filename"] != path.name:
                fail(f"npm would make another package of the files of {path.name}: {said[0]['filename']}, {found}")


def sums(artifacts):
    """Each artifact has the digest that SHA256SUMS and the statement say."""
    found = {path.name: statement.digest_of(path) for path in artifacts.iterdir() if path.name != statement.SUMS}
    listed = statement.sums_in(artifacts / statement.SUMS)
    if differ := {name for name, _ in found.items() ^ listed.items()}:
        fail(f"SHA256SUMS has no sum of these artifacts, or another: {', '.join(sorted(differ))}")
    statement.check(artifacts.glob(f"*{statement.STATEMENT}"), found)


def joined(artifacts):
    """Sums of an archive from elsewhere join the others if its statement says the same, and if none is known."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(shutil.copy(artifacts / statement.SUMS, folder))
        foreign = Path(folder) / "thimble-aarch64-macos.tar.gz"
        stated = Path(folder) / f"provenance-aarch64-macos{statement.STATEMENT}"

        def made(content):
            foreign.write_bytes(content)
            statement.state(stated, {foreign.name: statement.digest_of(foreign)}, statement.RELEASE)

        def joins(*files):
            add = [sys.executable, ROOT / "scripts/release/statement.py", "add", listed, *files]
            return subprocess.run(add, check=False, stderr=subprocess.DEVNULL).returncode == 0

        made(b"as good as any")
        foreign.write_bytes(b"changed on the way")
        if joins(foreign, stated) or joins(foreign):
            fail("a file is accepted that no statement has the digest of")
        made(b"as good as any")
        if joins(stated) or not joins(foreign, stated):
            fail("a statement without its file is accepted, or one with it is not")
        checked = ["sha256sum", "--check", "--quiet", "--ignore-missing", statement.SUMS]
        subprocess.run(checked, cwd=folder, check=True)
        made(b"another file")
        if joins(foreign, stated):
            fail("a file of another sum is accepted")


def documents(artifacts):
    """No document in a package has a link that leads to nothing in it; a registry shows one alone."""
    for path in sorted(artifacts.iterdir()):
        files = packed(path)
        texts = {name: content.decode() for name, content in files.items() if content is not None}
        # Registries have the text and no files beside it.
        alone = path.suffix in (".whl", ".tgz") or path.name.startswith("thimble_engine-")
        if wrong := links.broken(texts, () if alone else files):
            fail(f"{path.name} has links that lead nowhere: {', '.join(wrong[:5])}")


# Documents, and descriptions of packages for Python.
TEXTS = ("*.md", "*/changelog.gz", "*/METADATA", "*/PKG-INFO")


def packed(path):
    """The files of a package by their names, with the content of documents."""
    if path.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) if is_text(name) else None for name in archive.namelist()}
    if path.suffix == ".deb":
        archive = io.BytesIO(run([program_of("dpkg-deb"), "--fsys-tarfile", path]))
    elif path.name.endswith((".tar.gz", ".tgz")):
        archive = io.BytesIO(gzip.decompress(path.read_bytes()))
    else:
        return {}
    with tarfile.open(fileobj=archive) as tar:
        members = {each.name.removeprefix("./"): each for each in tar if each.isfile()}
        return {name: plain(tar.extractfile(each).read()) if is_text(name) else None for name, each in members.items()}


def is_text(name):
    return any(fnmatch(name, pattern) for pattern in TEXTS)


def plain(content):
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def engine(artifacts):
    """The engine as a layout is the engine as a file."""
    with Layout(next(artifacts.glob("thimble-engine-*-oci.tar"))) as layout:
        layer, = layout.layers()
        if layer.read_bytes() != (artifacts / "engine.wasm").read_bytes():
            fail(f"{layout.archive.name} has another engine than engine.wasm")


# Names of all files in the archives for Lambda.
FUNCTIONS = {"generate-thumbnails": ["bootstrap", "engine.cwasm", "engine.wasm"], "redrive-dlq": ["bootstrap"]}


def functions(artifacts, processor):
    """The archives for Lambda have programs for their processor, and the engine that is released for it."""
    for name, wanted in FUNCTIONS.items():
        path = artifacts / f"lambda-{name}-{processor.uname}.zip"
        with zipfile.ZipFile(path) as archive:
            if sorted(archive.namelist()) != wanted:
                fail(f"{path.name} has {archive.namelist()}, not {wanted}")
            files = {each: archive.read(each) for each in wanted}
        if oci.processor_and_interpreter("bootstrap", files.pop("bootstrap"))[0] != processor.debian:
            fail(f"the program in {path.name} is for another processor")
        released = {"engine.cwasm": f"engine-{processor.uname}.cwasm", "engine.wasm": "engine.wasm"}
        for file, content in files.items():
            if content != (artifacts / released[file]).read_bytes():
                fail(f"{file} in {path.name} is another than {released[file]}")
