"""Packages of npm that carry the program, as `esbuild` is carried: one for each machine, and one that picks."""

import json
import tempfile

from files import ROOT, lay_out, program_of, run

SCOPE = "@thimble"
LICENSES = ("LICENSE-APACHE", "LICENSE-MIT")


def write(output, release):
    described = {
        "version": release.version,
        "license": "MIT OR Apache-2.0",
        "engines": {"node": ">=18"},
        "keywords": ["thumbnail", "image", "resize", "wasm", "sandbox"],
    }
    optional = {}
    for program in release.programs:
        machine = {"os": [program.system.node], "cpu": [program.processor.node]}
        name = f"{SCOPE}/cli-{program.system.node}-{program.processor.node}"
        optional[name] = release.version
        installed = release.installed(program)
        pack(output, {
            "name": name,
            "description": f"The command line of Thimble, for {program.system.name.title()} on {program.processor.node}",
            **described, **machine,
        }, {path: installed[path] for path in (program.place, "share/thimble/engine.wasm")})
    here = ROOT / "scripts/release/npm"
    pack(output, {
        "name": f"{SCOPE}/cli",
        "description": "Thumbnails of untrusted images, made in a sandbox: the command line of Thimble",
        **described, "bin": {"thimble": "bin/thimble.js"}, "optionalDependencies": optional,
    }, {"bin/thimble.js": (here / "thimble.js").read_bytes(), "README.md": (here / "README.md").read_bytes()})


def pack(output, manifest, files):
    files = {**files, **{name: (ROOT / name).read_bytes() for name in LICENSES}}
    files["package.json"] = json.dumps(manifest, indent=2).encode() + b"\n"
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, files, ("bin/thimble", "bin/thimble.exe", "bin/thimble.js"))
        run([program_of("npm"), "pack", "--silent", "--pack-destination", output], cwd=folder)
