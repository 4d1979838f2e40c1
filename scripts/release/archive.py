"""An archive to unpack anywhere: `bin/thimble` finds its engine in `share/thimble`."""

import gzip
import io
import zipfile

from files import DOCUMENTS, LINUX, ROOT, oci


def write(output, release, program):
    name = f"thimble-{release.version}-{program.name}"
    files = release.installed(program)
    if program.system == LINUX:
        for unit in sorted((ROOT / "deploy/systemd").iterdir()):
            files[f"{DOCUMENTS}/systemd/{unit.name}"] = unit.read_bytes()
        packed = oci.layer({f"{name}/{path}": content for path, content in files.items()}, [f"{name}/{program.place}"])
        (output / f"{name}.tar.gz").write_bytes(gzip.compress(packed, 9, mtime=0))
    else:
        # A zip opens on Windows by itself. Manual and completions are for systems that have `man` and these shells.
        wanted = (program.place, "share/thimble/", DOCUMENTS)
        packed = {f"{name}/{path}": content for path, content in files.items() if path.startswith(wanted)}
        (output / f"{name}.zip").write_bytes(zipped(packed))


def zipped(files):
    """An archive whose bytes depend on names and contents alone."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)
    return archive.getvalue()
