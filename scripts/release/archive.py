"""A tarball to unpack anywhere: `bin/thimble` finds its engine in `share/thimble`."""

import gzip
import io
import tarfile

from files import EPOCH, ROOT


def write(output, release, program):
    name = f"thimble-{release.version}-{program.processor.uname}-linux"
    files = release.installed(program)
    for unit in sorted((ROOT / "deploy/systemd").iterdir()):
        files[f"share/doc/thimble/systemd/{unit.name}"] = unit.read_bytes()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(files):
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mtime = len(files[path]), EPOCH
            entry.mode = 0o755 if path == "bin/thimble" else 0o644
            tar.addfile(entry, io.BytesIO(files[path]))
    (output / f"{name}.tar.gz").write_bytes(gzip.compress(packed.getvalue(), 9, mtime=0))
