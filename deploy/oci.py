"""The image of the worker as an OCI layout, made without a daemon, of programs that are built already.

    oci.py OUTPUT ENGINE PROGRAM...

OUTPUT is a folder, which is made anew. ENGINE is engine.wasm, and each PROGRAM a
`thimble` for one processor. One that is linked statically stands alone; of another
the libraries of this machine are added, so it has to be one for this machine. The
same files give the same bytes.
"""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65532
PROCESSORS = {62: "amd64", 183: "arm64"}
# Those of the package ca-certificates, without any that this machine trusts besides.
CERTIFICATES = Path("/usr/share/ca-certificates/mozilla")
# Files that a program asks for that looks up a name, and those that name the user.
SETTINGS = {
    "etc/nsswitch.conf": b"hosts: files dns\n",
    "etc/passwd": b"root:x:0:0:root:/:/nologin\nthimble:x:65532:65532:thimble:/nonexistent:/nologin\n",
    "etc/group": b"root:x:0:\nthimble:x:65532:\n",
}
# Mounts, and the one place to write to.
FOLDERS = ("dev", "proc", "sys", "tmp")


def fail(words):
    raise SystemExit(f"oci: {words}")


def read(path, missing="build it first: make build"):
    try:
        return Path(path).read_bytes()
    except OSError as error:
        fail(f"cannot read {path}; {missing}: {error}")


def processor_and_interpreter(path, program):
    """The processor of a program, and its loader if it is linked dynamically."""
    if program[:6] != b"\x7fELF\x02\x01":
        fail(f"{path} is no program of Linux for a processor of 64 bits")
    machine = struct.unpack_from("<H", program, 18)[0]
    if machine not in PROCESSORS:
        fail(f"{path} is for another processor than those of an image: {', '.join(PROCESSORS.values())}")
    offset, size, count = *struct.unpack_from("<Q", program, 32), *struct.unpack_from("<HH", program, 54)
    for header in range(offset, offset + size * count, size):
        kind, _, start, _, _, length = struct.unpack_from("<IIQQQQ", program, header)
        if kind == 3:
            return PROCESSORS[machine], program[start:start + length].rstrip(b"\0").decode()
    return PROCESSORS[machine], None


def certificates():
    """The bundle of those who vouch for others: SSL_CERT_FILE, or the certificates of the package."""
    if bundle := os.environ.get("SSL_CERT_FILE"):
        return read(bundle, "check SSL_CERT_FILE")
    found = sorted(CERTIFICATES.glob("*.crt"))
    if not found:
        fail(f"there are no certificates in {CERTIFICATES}; install ca-certificates, or name a bundle in SSL_CERT_FILE")
    return b"".join(each.read_bytes().strip() + b"\n" for each in found)


def libraries(path, loader):
    """The files that the loader of this machine finds for a program, by their paths in an image."""
    done = subprocess.run([loader, "--list", path], text=True, capture_output=True, check=False) if (
        Path(loader).exists()) else None
    if done is None or done.returncode:
        fail(f"{path} needs libraries that are not on this machine; link it statically, or make its image where it runs")
    found = {loader} | set(re.findall(r"=> (/\S+)", done.stdout))
    return {name.lstrip("/"): Path(name).resolve().read_bytes() for name in found}


def layer(files, programs=()):
    """An archive whose bytes depend on names and contents alone; a name without contents is a folder."""
    archive = io.BytesIO()
    folders = {str(parent) for name in files for parent in Path(name).parents if str(parent) != "."}
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(folders | set(files)):
            entry = tarfile.TarInfo(name)
            if files.get(name) is not None:
                entry.size = len(files[name])
                entry.mode = 0o755 if name in programs else 0o644
                tar.addfile(entry, io.BytesIO(files[name]))
            else:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
                tar.addfile(entry)
    return archive.getvalue()


class Layout:
    """A layout on the disk; each part is named by its digest."""

    def __init__(self, folder):
        self.folder = Path(folder)
        # Only a layout, or nothing, is replaced.
        if self.folder.exists() and not (self.folder / "oci-layout").exists():
            fail(f"{folder} is there and no layout; name another folder")
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "blobs/sha256").mkdir(parents=True)

    def add(self, kind, content):
        content = content if isinstance(content, bytes) else json.dumps(content, sort_keys=True).encode()
        digest = hashlib.sha256(content).hexdigest()
        (self.folder / "blobs/sha256" / digest).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    def finish(self, manifests):
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}
        (self.folder / "index.json").write_text(json.dumps(index, sort_keys=True))
        (self.folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))


def archives(engine, path):
    """The processor of a program, and the layers of its image."""
    program = read(path)
    processor, loader = processor_and_interpreter(path, program)
    base = SETTINGS | {"etc/ssl/certs/ca-certificates.crt": certificates()}
    shared = libraries(path, loader) if loader else {}
    return processor, [
        layer({**base, **shared, **dict.fromkeys(FOLDERS)}, shared),
        layer({"opt/thimble/engine.wasm": engine, **licenses()}),
        layer({"opt/thimble/thimble": program}, ["opt/thimble/thimble"]),
    ]


def image(layout, version, processor, layers):
    """One image; its entry in an index."""
    labels = {
        "org.opencontainers.image.title": "thimble",
        "org.opencontainers.image.description": "Thumbnails of images that strangers upload, made in a sandbox",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
    }
    platform = {"architecture": processor, "os": "linux"}
    config = layout.add("config.v1+json", {
        **platform, "created": "1970-01-01T00:00:00Z",
        "config": {
            "User": f"{NOBODY}:{NOBODY}", "Entrypoint": ["/opt/thimble/thimble"],
            "Cmd": ["worker", "--health", "0.0.0.0:8080"], "ExposedPorts": {"8080/tcp": {}},
            "Env": ["PATH=/opt/thimble", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
            "WorkingDir": "/", "StopSignal": "SIGTERM", "Labels": labels,
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in layers]},
        "history": [{"created_by": "deploy/oci.py", "comment": each}
                    for each in ("libraries and certificates", "the engine", "the program")],
    })
    manifest = layout.add("manifest.v1+json", {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
        "layers": [layout.add("layer.v1.tar+gzip", gzip.compress(each, 6, mtime=0)) for each in layers],
        "annotations": labels,
    })
    return {**manifest, "platform": platform}


def licenses():
    return {f"opt/thimble/{name}": (ROOT / name).read_bytes() for name in ("LICENSE-APACHE", "LICENSE-MIT")}


def main(output, engine, programs):
    version = re.search(r'^version = "(.*)"', (ROOT / "host/Cargo.toml").read_text(), re.MULTILINE)[1]
    contents = read(engine, "build it first: make engine")
    # Whatever is wrong shows before a layout is replaced.
    made = [archives(contents, path) for path in programs]
    if len({processor for processor, _ in made}) != len(made):
        fail("two programs are for the same processor")
    layout = Layout(output)
    images = [image(layout, version, *each) for each in made]
    # skopeo asks for the tag, and what loads an archive takes the whole name.
    tag = {"org.opencontainers.image.ref.name": version, "io.containerd.image.name": f"localhost/thimble:{version}"}
    if len(images) == 1:
        named = [{**images[0], "annotations": tag}]
    else:
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": images}
        named = [{**layout.add("index.v1+json", index), "annotations": tag}]
    layout.finish(named)
    size = sum(each.stat().st_size for each in (layout.folder / "blobs/sha256").iterdir())
    print(f"{output}:{version} {named[0]['digest']}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    os.umask(0o022)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
