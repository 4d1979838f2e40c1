"""A package for Debian and what is made of it. It needs no other package: the program is static."""

import gzip
import tempfile
from pathlib import Path

from files import DOCUMENTS, ROOT, lay_out, program_of, run

UNITS = {
    "thimble-local@.service": "usr/lib/systemd/system/thimble-local@.service",
    "thimble-worker.service": "usr/lib/systemd/system/thimble-worker.service",
    "thimble.sysusers": "usr/lib/sysusers.d/thimble.conf",
}
CONTROL = """\
Package: thimble
Version: {version}-1
Architecture: {architecture}
Maintainer: The authors of Thimble <thimble@users.noreply.github.com>
Installed-Size: {size}
Recommends: ca-certificates
Section: graphics
Priority: optional
Description: thumbnails of untrusted images, made in a sandbox
 A folder, a bucket or a queue of images becomes thumbnails. Images are decoded
 in a sandbox of WebAssembly: a hostile file costs one image, never the process.
 .
 The services are not started by the installation: see thimble-worker.service
 and thimble-local@.service.
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: thimble

Files: *
Copyright: the authors of Thimble
License: Expat or Apache-2.0

License: Expat
{mit}

License: Apache-2.0
 The Apache License, version 2.0, as in /usr/share/common-licenses/Apache-2.0.
"""
AFTER = """\
#!/bin/sh
set -e
# The user of thimble-local@.service; where systemd does not run, nobody needs it.
if [ "$1" = configure ] && command -v systemd-sysusers >/dev/null; then
    systemd-sysusers thimble.conf
fi
if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload || true
fi
"""
BEFORE = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    deb-systemd-invoke stop thimble-worker.service 'thimble-local@*.service' || true
fi
"""
# A static program runs everywhere, which is what this package is for; as one that is
# independent of its position it looks like a library.
OVERRIDES = """\
thimble: statically-linked-binary [usr/bin/thimble]
thimble: shared-library-lacks-prerequisites [usr/bin/thimble]
thimble: initial-upload-closes-no-bugs
"""
CHANGES = """\
thimble ({version}-1) stable; urgency=medium

  * See changelog.gz.

 -- The authors of Thimble <thimble@users.noreply.github.com>  Tue, 01 Jan 1980 00:00:00 +0000
"""


def write(output, release, program):
    files = {f"usr/{path}": content for path, content in release.installed(program).items()}
    for path in [path for path in files if "/man/" in path]:
        files[f"{path}.gz"] = gzip.compress(files.pop(path), 9, mtime=0)
    documents = f"usr/{DOCUMENTS}"
    for license in ("LICENSE-APACHE", "LICENSE-MIT"):
        del files[f"{documents}/{license}"]
    changes = files.pop(f"{documents}/CHANGELOG.md")
    mit = "\n".join(f" {line}".rstrip() or " ." for line in (ROOT / "LICENSE-MIT").read_text().strip().splitlines())
    files |= {UNITS[unit.name]: unit.read_bytes() for unit in (ROOT / "deploy/systemd").iterdir()}
    files |= {
        f"{documents}/changelog.gz": gzip.compress(changes, 9, mtime=0),
        f"{documents}/changelog.Debian.gz": gzip.compress(CHANGES.format(version=release.version).encode(), 9, mtime=0),
        f"{documents}/copyright": COPYRIGHT.format(mit=mit).encode(),
        "usr/share/lintian/overrides/thimble": OVERRIDES.encode(),
    }
    size = sum(len(content) for content in files.values()) // 1024 + 1
    architecture = program.processor.debian
    files |= {
        "DEBIAN/control": CONTROL.format(version=release.version, architecture=architecture, size=size).encode(),
        "DEBIAN/postinst": AFTER.encode(),
        "DEBIAN/prerm": BEFORE.encode(),
    }
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, files, ("usr/bin/thimble", "DEBIAN/postinst", "DEBIAN/prerm"))
        package = Path(output) / f"thimble_{release.version}-1_{architecture}.deb"
        run([program_of("dpkg-deb"), "--build", "--root-owner-group", "-Zxz", folder, package])
