"""A tarball to unpack anywhere: `bin/thimble` finds its engine in `share/thimble`."""

import gzip

from files import DOCUMENTS, ROOT, oci


def write(output, release, program):
    name = f"thimble-{release.version}-{program.processor.uname}-linux"
    files = release.installed(program)
    for unit in sorted((ROOT / "deploy/systemd").iterdir()):
        files[f"{DOCUMENTS}/systemd/{unit.name}"] = unit.read_bytes()
    packed = oci.layer({f"{name}/{path}": content for path, content in files.items()}, [f"{name}/bin/thimble"])
    (output / f"{name}.tar.gz").write_bytes(gzip.compress(packed, 9, mtime=0))
