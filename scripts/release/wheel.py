"""A wheel that carries the program, as `ruff` is carried: `pip install` puts it into `bin/`."""

import sys
import tempfile

from files import ROOT, lay_out, run


def write(output, release, program):
    here = ROOT / "scripts/release/python"
    files = {each.name: each.read_bytes() for each in here.iterdir() if each.is_file()}
    installed = release.installed(program)
    files |= {name: installed[name] for name in ("bin/thimble", "share/thimble/engine.wasm")}
    files |= {name: (ROOT / name).read_bytes() for name in ("LICENSE-APACHE", "LICENSE-MIT")}
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, files)
        settings = {"THIMBLE_VERSION": release.version, "THIMBLE_MACHINE": program.processor.uname}
        build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", output, folder]
        run(["env", *(f"{name}={value}" for name, value in settings.items()), *build])
