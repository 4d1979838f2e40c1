"""Sums of all artifacts, and a statement of where they come from.

    statement.py add SHA256SUMS FILE...

adds the sums of artifacts that were made on other machines. Their statements are among the files, and
have to name just the others, with the digests that these have now.
"""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from files import ROOT, fail

SUMS = "SHA256SUMS"
STATEMENT = ".intoto.json"


@dataclass(frozen=True)
class Build:
    """Commands that make artifacts of a checkout, and the lists of what they take from elsewhere."""

    type: str
    commands: list
    locks: tuple


RELEASE = Build("urn:thimble:make-release", [["make", "release"]], ("Cargo.lock", "deploy/package-lock.json"))


def write(output):
    digests = {path.name: digest_of(path) for path in sorted(output.iterdir())}
    stated = state(output / f"provenance{STATEMENT}", digests, RELEASE)
    write_sums(output / SUMS, {**digests, stated.name: digest_of(stated)})


def add(sums, files):
    """Sums of more files, if those who made them state the same; a file that has another sum already is refused."""
    known = sums_in(sums)
    found = {path.name: digest_of(path) for path in files}
    check((path for path in files if path.name.endswith(STATEMENT)), found)
    for name, digest in found.items():
        if known.setdefault(name, digest) != digest:
            fail(f"{sums} has another sum of {name}; make both anew")
    write_sums(sums, known)


def check(statements, digests):
    """The subjects of these statements are these files, but for statements."""
    subjects = {(each["name"], each["digest"]["sha256"])
                for path in statements for each in json.loads(path.read_text())["subject"]}
    found = {(name, digest) for name, digest in digests.items() if not name.endswith(STATEMENT)}
    if differ := {name for name, _ in subjects ^ found}:
        fail(f"no statement has the digest of these files, or a file is missing: {', '.join(sorted(differ))}")


def sums_in(path):
    return dict(reversed(line.split("  ", 1)) for line in path.read_text().splitlines())


def write_sums(path, digests):
    # A line is the same on every system.
    path.write_bytes("".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode())


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state(path, digests, build):
    """Writes where these files come from, and returns the path."""
    path.write_bytes((json.dumps(provenance(digests, build), indent=2, sort_keys=True) + "\n").encode())
    return path


def provenance(digests, build):
    """A statement of in-toto with a predicate of SLSA; who signs it vouches for it."""
    commit = git("rev-parse", "HEAD")
    dirty = bool(git("status", "--porcelain"))
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in digests.items()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": build.type,
                "externalParameters": {"source": {"digest": {"gitCommit": commit}}, "commands": build.commands},
                "internalParameters": {"uncommittedChanges": dirty},
                "resolvedDependencies": [lock(name) for name in build.locks],
            },
            "runDetails": {"builder": {"id": "urn:thimble:builder"}},
        },
    }


def lock(name):
    return {"name": name, "digest": {"sha256": digest_of(ROOT / name)}}


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] != "add":
        raise SystemExit(__doc__)
    add(Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
