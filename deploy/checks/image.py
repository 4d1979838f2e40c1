"""Makes images of small programs, and looks at what they hold; checks the Containerfile.

The programs are an ELF file of a few bytes, which stands alone, and a command of this
machine, which needs libraries. `skopeo`, where it is, reads the layouts as well.
"""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = shutil.which("true")


def elf(machine):
    """A program of Linux that does nothing but end; its processor may be another."""
    end = b"\x31\xff\xb8\x3c\x00\x00\x00\x0f\x05"
    header = struct.pack("<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 2, machine, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 120 + len(end), 120 + len(end), 4096)
    return header + segment + end


def make(output, engine, *programs, umask=0o022, **environment):
    return subprocess.run(
        [sys.executable, ROOT / "deploy/oci.py", output, engine, *programs], text=True, capture_output=True,
        check=False, env={**os.environ, **environment}, umask=umask,
    )


def files(folder):
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def blob(layout, described):
    content = (layout / "blobs/sha256" / described["digest"].removeprefix("sha256:")).read_bytes()
    assert hashlib.sha256(content).hexdigest() == described["digest"].removeprefix("sha256:"), "digests are right"
    assert len(content) == described["size"], "sizes are right"
    return content


def names(layout):
    entry, = json.loads((layout / "index.json").read_text())["manifests"]
    return entry["annotations"]


def manifests(layout):
    """The manifests of all processors."""
    entry, = json.loads((layout / "index.json").read_text())["manifests"]
    document = json.loads(blob(layout, entry))
    if "manifests" in document:
        return [json.loads(blob(layout, each)) for each in document["manifests"]]
    return [document]


def archives(layout, manifest):
    """The archives of an image, compared with their names in its configuration."""
    config = json.loads(blob(layout, manifest["config"]))
    packed = [blob(layout, each) for each in manifest["layers"]]
    assert all(each[4:8] == bytes(4) for each in packed), "an archive does not say when it was packed"
    unpacked = [gzip.decompress(each) for each in packed]
    named = [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in unpacked]
    assert named == config["rootfs"]["diff_ids"], "layers are those of the configuration"
    return config, unpacked


def look_inside(layout):
    """The configuration and the entries of an image that stands for all."""
    config, unpacked = archives(layout, manifests(layout)[0])
    entries = {}
    for content in unpacked:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for entry in tar:
                assert (entry.uid, entry.gid, entry.mtime) == (0, 0, 0), f"{entry.name} is of nobody and of no time"
                assert not entry.mode & (stat.S_ISUID | stat.S_ISGID), f"{entry.name} lends no rights"
                assert not entry.mode & 0o022 or entry.name == "tmp", f"{entry.name} is written by root alone"
                entries[entry.name] = entry
    return config, entries


def a_program_that_stands_alone(folder):
    program, engine = folder / "alone", folder / "engine.wasm"
    program.write_bytes(elf(62))
    engine.write_bytes(b"\0asm")
    first, second = folder / "first", folder / "second"
    assert not make(first, engine, program).returncode
    os.utime(program, (1, 1))
    assert not make(second, engine, program, umask=0o077, TZ="Asia/Tokyo").returncode
    assert files(first) == files(second), "the same files give the same bytes"
    assert not make(first, engine, program).returncode, "a layout is made anew"
    config, entries = look_inside(first)
    assert config["config"]["User"] == "65532:65532"
    assert config["config"]["Cmd"][0] == "worker" and config["architecture"] == "amd64"
    assert entries["opt/thimble/thimble"].mode == 0o755 and "opt/thimble/engine.wasm" in entries
    assert entries["etc/ssl/certs/ca-certificates.crt"].size > 100_000
    assert not [name for name in entries if name.startswith("lib")], "nothing is added to it"
    return first


def two_processors(folder):
    for name, machine in (("x86", 62), ("arm", 183)):
        (folder / name).write_bytes(elf(machine))
    layout = folder / "both"
    assert not make(layout, folder / "engine.wasm", folder / "x86", folder / "arm").returncode
    found = [archives(layout, each)[0]["architecture"] for each in manifests(layout)]
    assert found == ["amd64", "arm64"]
    shared = [{layer["digest"] for layer in each["layers"]} for each in manifests(layout)]
    assert len(shared[0] & shared[1]) == 2, "all but the program is there once"
    return layout


def a_program_with_libraries(folder):
    layout, root = folder / "shared", folder / "root"
    assert not make(layout, folder / "engine.wasm", COMMAND).returncode
    _, unpacked = archives(layout, manifests(layout)[0])
    for content in unpacked:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            tar.extractall(root, filter="fully_trusted") if hasattr(tarfile, "data_filter") else tar.extractall(root)
    if os.geteuid() == 0:
        subprocess.run(["chroot", "--userspec=65532:65532", root, "/opt/thimble/thimble"], check=True)
    else:
        print("image: skipped, only root can try a program in a root of its own")
    return layout


def refusals(folder):
    (folder / "text").write_text("#!/bin/sh\n")
    (folder / "mips").write_bytes(elf(8))
    (folder / "occupied").mkdir()
    cases = [
        (folder / "none", folder / "text", "is no program of Linux"),
        (folder / "none", folder / "mips", "another processor"),
        (folder / "none", folder / "missing", "build it first"),
        (folder / "occupied", folder / "alone", "is there and no layout"),
    ]
    for output, program, words in cases:
        done = make(output, folder / "engine.wasm", program)
        assert done.returncode and words in done.stderr and "Traceback" not in done.stderr, done.stderr
    done = make(folder / "twice", folder / "engine.wasm", folder / "alone", folder / "x86")
    assert "the same processor" in done.stderr, done.stderr


def they_have_names(layouts):
    """`podman load` and `docker load` call an image by the second one, and skopeo finds it by the first."""
    for layout in layouts:
        found = names(layout)
        assert found["io.containerd.image.name"] == f"localhost/thimble:{found['org.opencontainers.image.ref.name']}", found


def others_read_them(layouts, folder):
    if not shutil.which("skopeo"):
        print("image: skipped, there is no skopeo here to read the layouts")
        return
    for index, layout in enumerate(layouts):
        version = names(layout)["org.opencontainers.image.ref.name"]
        command = ["skopeo", "copy", "--quiet", "--all", f"oci:{layout}:{version}", f"dir:{folder}/copied-{index}"]
        subprocess.run(command, check=True)


class Answer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


def the_check_of_the_containerfile():
    """HEALTHCHECK asks the health server, and believes nothing but 200."""
    text = (ROOT / "deploy/Containerfile").read_text()
    command = json.loads(re.search(r"HEALTHCHECK [^\[]*CMD (\[.*\])", text)[1])
    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    for status, port, expected in ((200, server.server_port, True), (503, server.server_port, False), (0, nobody, False)):
        Answer.status = status
        words = [word.replace("/8080", f"/{port}") for word in command]
        healthy = not subprocess.run(words, capture_output=True, timeout=10, check=False).returncode
        assert healthy == expected, f"{status or 'nobody'} is {'healthy' if healthy else 'unhealthy'}"
    server.shutdown()


def the_context_of_the_containerfile():
    """No file that a build needs is left out of its context."""
    listed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    members = re.search(r"^members = \[(.*)\]", (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    needed = {each.partition("/")[0] for each in re.findall(r'"([^"]+)"', members)} | {"wit", "Makefile", "Cargo.lock"}
    assert needed <= listed, f".dockerignore leaves out {needed - listed}"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        layouts = [a_program_that_stands_alone(folder), two_processors(folder), a_program_with_libraries(folder)]
        refusals(folder)
        they_have_names(layouts)
        others_read_them(layouts, folder)
    the_check_of_the_containerfile()
    the_context_of_the_containerfile()
    print("image: three layouts are right, and the same on a second run; the Containerfile is right")


if __name__ == "__main__":
    main()
