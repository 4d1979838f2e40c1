"""Layouts of OCI, as tarballs: the image of the worker, and the engine as an artifact."""

import re
import tempfile
from pathlib import Path

from files import ROOT, TARGET, oci, read


def write(output, release):
    with tempfile.TemporaryDirectory() as folder:
        layout = Path(folder) / "worker"
        programs = [str(program.path) for program in release.of_linux()]
        oci.main(str(layout), str(TARGET / "engine.wasm"), programs)
        pack(layout, output / f"thimble-worker-{release.version}-oci.tar")
        layout = Path(folder) / "engine"
        version = re.search(r'^version = "(.*)"', (ROOT / "engine-wasm/Cargo.toml").read_text(), re.MULTILINE)[1]
        engine(layout, version, read(TARGET / "engine.wasm", "run `make engine`"))
        pack(layout, output / f"thimble-engine-{version}-oci.tar")


def engine(folder, version, component):
    """The engine as `wkg` pushes a component: a configuration of its own, and one layer."""
    layout = oci.Layout(folder)
    layer = {**layout.add("", component), "mediaType": "application/wasm"}
    config = {"architecture": "wasm", "os": "wasip2", "created": "1980-01-01T00:00:00Z", "layerDigests": [layer["digest"]]}
    config = {**layout.add("", config), "mediaType": "application/vnd.wasm.config.v0+json"}
    manifest = layout.add("manifest.v1+json", {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": [layer],
        "annotations": {
            "org.opencontainers.image.title": "thimble-engine",
            "org.opencontainers.image.version": version,
            "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
        },
    })
    layout.finish([{**manifest, "annotations": {"org.opencontainers.image.ref.name": version}}])


def pack(folder, archive):
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    archive.write_bytes(oci.layer(files))
