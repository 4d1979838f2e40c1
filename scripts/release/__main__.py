"""Packages of a release, of programs that are built already.

    python3 scripts/release FOLDER PROGRAM...

FOLDER gets the artifacts, and is made anew. Each PROGRAM is a `thimble` for one processor of
Linux, linked statically, or for Windows. `scripts/release.sh` builds what is taken here from target/ and says so
where it is missing. The same programs give the same bytes.
"""

import shutil
import sys
from pathlib import Path

import archive
import debian
import image
import npm
import statement
import wheel
from files import Release, fail


def main(folder, programs):
    release = Release.of(programs)
    output = Path(folder)
    # Only what a release left there is replaced.
    if output.exists() and any(output.iterdir()) and not (output / statement.SUMS).exists():
        fail(f"{folder} is there and no release; name another folder")
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for program in release.programs:
        archive.write(output, release, program)
        wheel.write(output, release, program)
    for program in release.of_linux():
        debian.write(output, release, program)
    npm.write(output, release)
    image.write(output, release)
    release.copy_to(output)
    statement.write(output)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2:])
