"""Sums of all artifacts, and a statement of where they come from.

    statement.py add SHA256SUMS FILE...

adds the sums of artifacts that were made on other machines.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from files import ROOT, fail

SUMS = "SHA256SUMS"


def write(output):
    digests = {path.name: digest_of(path) for path in sorted(output.iterdir())}
    stated = state(output / "provenance.intoto.json", digests, ["make", "release"])
    write_sums(output / SUMS, {**digests, stated.name: digest_of(stated)})


def add(sums, files):
    """Sums of more files; a file that has another sum already is refused."""
    known = dict(reversed(line.split("  ", 1)) for line in sums.read_text().splitlines())
    for path in files:
        if known.setdefault(path.name, digest_of(path)) != digest_of(path):
            fail(f"{sums} has another sum of {path.name}; make both anew")
    write_sums(sums, known)


def write_sums(path, digests):
    # A line is the same on every system.
    path.write_bytes("".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode())


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state(path, digests, command):
    """Writes where these files come from, and returns the path."""
    path.write_bytes((json.dumps(provenance(digests, command), indent=2, sort_keys=True) + "\n").encode())
    return path


def provenance(digests, command):
    """A statement of in-toto with a predicate of SLSA; who signs it vouches for it."""
    commit = git("rev-parse", "HEAD")
    dirty = bool(git("status", "--porcelain"))
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in digests.items()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:thimble:make-release",
                "externalParameters": {"source": {"digest": {"gitCommit": commit}}, "command": command},
                "internalParameters": {"uncommittedChanges": dirty},
                "resolvedDependencies": [lock(name) for name in ("Cargo.lock", "deploy/package-lock.json")],
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
