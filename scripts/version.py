"""Moves versions, everywhere that they stand.

    python3 scripts/version.py host=0.2.0 engine=0.1.1
    python3 scripts/version.py check

The former changes the files, the locks, and the changelog, where "Unreleased" becomes the release.
What only a person can do it says at its end. The latter refuses a checkout in which a part has two
versions, as `make release` does.
"""

import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NUMBER = r"(\d+\.\d+\.\d+)"
CARGO = (rf'(?m)^(version = "){NUMBER}', 1)
# By part: the file, a pattern of what stands before the version and of the version, and how often it is there.
PLACES = {
    "host": {
        "host/Cargo.toml": CARGO,
        "deploy/chart/Chart.yaml": (rf"(?m)^((?:version|appVersion): ){NUMBER}$", 2),
    },
    "engine": {
        "engine-wasm/Cargo.toml": CARGO,
        "bindings/npm/package.json": (rf'(?m)^(  "version": "){NUMBER}', 1),
        "bindings/npm/package-lock.json": (rf'("name": "@thimble/engine",\s+"version": "){NUMBER}', 2),
        "bindings/python/src/thimble_engine/__init__.py": (rf'(?m)^(__version__ = "){NUMBER}', 1),
    },
    "contract": {
        "wit/thumbnailer.wit": (rf"(?m)^(package thimble:engine@){NUMBER}", 1),
        "wit/world.wit": (rf"(?m)^(package thimble:engine@){NUMBER}", 1),
        "host/src/contract.rs": (rf"(thimble:engine/thumbnailer@){NUMBER}", 1),
        "testkit/src/component.rs": (rf"(thimble:engine(?:/thumbnailer)?@){NUMBER}", 2),
        "bindings/npm/src/sandbox.js": (rf"(thimble:engine/thumbnailer@){NUMBER}", 1),
        "bindings/python/src/thimble_engine/_contract.py": (rf"(thimble:engine/thumbnailer@){NUMBER}", 1),
    },
}
LEFT = {
    "host": "commit, and go on in docs/releasing.md",
    "engine": "run `make bindings-test`",
    "contract": "copy wit/ to a folder of tests/contracts, and run `make test`: golden files name the contract",
}


def fail(words):
    raise SystemExit(f"version: {words}")


def moved(path, pattern, times, version):
    text, found = re.subn(pattern, rf"\g<1>{version}", (ROOT / path).read_text())
    if found != times:
        fail(f"{path} has {found} versions to move, and {times} are expected")
    return text


def changelog(versions):
    """The entries of "Unreleased" under a heading of their own, with all three versions and the date."""
    text = (ROOT / "CHANGELOG.md").read_text()
    if text.count("\n## Unreleased\n") != 1:
        fail("CHANGELOG.md has no heading Unreleased")
    current = {part: standing(part) for part in PLACES} | versions
    date = datetime.now(timezone.utc).date()
    heading = f"## Host {current['host']}, engine {current['engine']}, contract {current['contract']} ({date})"
    return text.replace("\n## Unreleased\n", f"\n## Unreleased\n\n{heading}\n")


def standing(part):
    """The version that a part has now."""
    path, (pattern, _) = next(iter(PLACES[part].items()))
    return re.search(pattern, (ROOT / path).read_text())[2]


def check():
    """Refuses a checkout in which a part has two versions."""
    for part, places in PLACES.items():
        for path, place in places.items():
            if moved(path, *place, standing(part)) != (ROOT / path).read_text():
                fail(f"{path} has another version of the {part} than {standing(part)}, which {next(iter(places))} has")


def main(arguments):
    if arguments == ["check"]:
        check()
        return
    versions = dict(word.split("=", 1) for word in arguments if "=" in word)
    wrong = [word for word in arguments if "=" not in word]
    wrong += [f"{part}={version}" for part, version in versions.items()
              if part not in PLACES or not re.fullmatch(r"\d+\.\d+\.\d+", version)]
    if wrong or not versions:
        raise SystemExit(__doc__)
    # Whatever is missing shows before a file is changed.
    changed = {path: moved(path, *place, version) for part, version in versions.items()
               for path, place in PLACES[part].items()}
    changed["CHANGELOG.md"] = changelog(versions)
    for path, text in changed.items():
        (ROOT / path).write_text(text)
    for manifest in ("Cargo.toml", "fuzz/Cargo.toml"):
        subprocess.run(["cargo", "metadata", "--quiet", "--offline", "--format-version", "1", "--manifest-path", ROOT / manifest],
                       check=True, stdout=subprocess.DEVNULL)
    print(f"moved in {len(changed)} files: {', '.join(f'{part} {version}' for part, version in versions.items())}")
    for part in versions:
        print(f"{part}: {LEFT[part]}")


if __name__ == "__main__":
    main(sys.argv[1:])
