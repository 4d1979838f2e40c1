"""A wheel that carries the program, as `ruff` is carried: `pip install` puts it into `bin/`."""

import sys
import tempfile

from files import LINUX, ROOT, WINDOWS, lay_out, run

# A static program runs on any Linux of its processor; the processor of Windows has a name of its own.
PLATFORMS = {LINUX: "manylinux_2_17_{0}.manylinux2014_{0}.musllinux_1_1_{0}", WINDOWS: "win_amd64"}


def write(output, release, program):
    here = ROOT / "scripts/release/python"
    files = {each.name: each.read_bytes() for each in here.iterdir() if each.is_file()}
    installed = release.installed(program)
    files |= {name: installed[name] for name in (program.place, "share/thimble/engine.wasm")}
    files |= {name: (ROOT / name).read_bytes() for name in ("LICENSE-APACHE", "LICENSE-MIT")}
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, files)
        settings = {"THIMBLE_VERSION": release.version, "THIMBLE_PROGRAM": program.place,
                    "THIMBLE_PLATFORM": PLATFORMS[program.system].format(program.processor.uname)}
        build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", output, folder]
        run(["env", *(f"{name}={value}" for name, value in settings.items()), *build])
