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
    engine(artifacts)
    for processor in PROCESSORS:
        if (artifacts / f"engine-{processor.uname}.cwasm").exists():
            functions(artifacts, processor)


def bill(artifacts):
    """The bill of materials is what its schema says."""
    text = (artifacts / "sbom.cdx.json").read_text()
    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    if error := JsonStrictValidator(version).validate_str(text):
        fail(f"sbom.cdx.json is not by its schema: {str(error).splitlines()[0]}")


def sums(artifacts):
    """Sums of archives from elsewhere join the others, and another file under a known name does not."""
    with tempfile.TemporaryDirectory() as folder:
        listed = shutil.copy(artifacts / statement.SUMS, folder)
        foreign = Path(folder) / "thimble-aarch64-macos.tar.gz"
        foreign.write_bytes(b"as good as any")
        add = [sys.executable, ROOT / "scripts/release/statement.py", "add", listed, foreign]
        subprocess.run(add, check=True)
        checked = ["sha256sum", "--check", "--quiet", "--ignore-missing", statement.SUMS]
        subprocess.run(checked, cwd=folder, check=True)
        foreign.write_bytes(b"another file")
        if subprocess.run(add, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            fail("a file of another sum is accepted")
    with open(artifacts / statement.SUMS) as lines:
        named = {line.split()[1] for line in lines}
    if named != {path.name for path in artifacts.iterdir()} - {statement.SUMS}:
        fail("SHA256SUMS does not name each artifact")


def engine(artifacts):
    """The engine as a layout is the engine as a file."""
    with Layout(next(artifacts.glob("thimble-engine-*-oci.tar"))) as layout:
        layer, = layout.layers()
        if layer.read_bytes() != (artifacts / "engine.wasm").read_bytes():
            fail(f"{layout.archive.name} has another engine than engine.wasm")


def functions(artifacts, processor):
    """The archives for Lambda have programs for their processor, and the engine that is released for it."""
    for name in ("generate-thumbnails", "redrive-dlq"):
        path = artifacts / f"lambda-{name}-{processor.uname}.zip"
        with zipfile.ZipFile(path) as archive:
            files = {each: archive.read(each) for each in archive.namelist()}
        if oci.processor_and_interpreter("bootstrap", files.pop("bootstrap"))[0] != processor.debian:
            fail(f"the program in {path.name} is for another processor")
        released = {"engine.cwasm": f"engine-{processor.uname}.cwasm", "engine.wasm": "engine.wasm"}
        for file, content in files.items():
            if content != (artifacts / released[file]).read_bytes():
                fail(f"{file} in {path.name} is another than {released[file]}")
