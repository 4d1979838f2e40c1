"""Sums of all artifacts, and a statement of where they come from."""

import hashlib
import json
import subprocess

from files import ROOT

SUMS = "SHA256SUMS"


def write(output):
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(output.iterdir())}
    (output / "provenance.intoto.json").write_text(json.dumps(provenance(digests), indent=2, sort_keys=True) + "\n")
    named = hashlib.sha256((output / "provenance.intoto.json").read_bytes()).hexdigest()
    digests = dict(sorted({**digests, "provenance.intoto.json": named}.items()))
    (output / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()))


def provenance(digests):
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
                "externalParameters": {"source": {"digest": {"gitCommit": commit}}, "command": ["make", "release"]},
                "internalParameters": {"uncommittedChanges": dirty},
                "resolvedDependencies": [lock(name) for name in ("Cargo.lock", "deploy/package-lock.json")],
            },
            "runDetails": {"builder": {"id": "urn:thimble:builder"}},
        },
    }


def lock(name):
    return {"name": name, "digest": {"sha256": hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}}


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
