"""Contents of the artifacts of a release, as far as they show without running them."""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import statement
from files import PROCESSORS, ROOT, fail, oci


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
    bill(artifacts)
    sums(artifacts)
    joined(artifacts)
    engine(artifacts)
    for processor in processors(artifacts):
        functions(artifacts, processor)


def processors(artifacts):
    """The processors that the release has a program for."""
    found = [each for each in PROCESSORS if list(artifacts.glob(f"thimble-*-{each.uname}-linux.tar.gz"))]
    return found or fail(f"{artifacts} has no tarball")


def bill(artifacts):
    """The bill of materials is what its schema says."""
    text = (artifacts / "sbom.cdx.json").read_text()
    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    if error := JsonStrictValidator(version).validate_str(text):
        fail(f"sbom.cdx.json is not by its schema: {str(error).splitlines()[0]}")


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
