"""The packages for Windows, tried with Wine.

The program of each has to be the same, and one of them makes the thumbnails of the samples. It starts itself
as a compiler. Wine 8, which Debian has, knows no `bcryptprimitives.dll`, of which programs in Rust want a single
function: a library with that function lies beside the program, and MinGW makes it.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path, PureWindowsPath

from emulated import extract, same_program
from files import fail, program_of

RANDOM = """
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) { return RtlGenRandom(data, (ULONG)length); }
"""

# Folders with Wine: Debian has it there, without a name in a folder of programs.
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/lib/wine"))


def packages(artifacts):
    """The packages for Windows, if the release has any."""
    patterns = ("thimble-*-windows.zip", "thimble_cli-*-win_amd64.whl", "thimble-cli-win32-x64-*.tgz")
    return [path for pattern in patterns for path in artifacts.glob(pattern)]


def path_of(path):
    """A path of this machine in the words of Windows."""
    return str(PureWindowsPath("Z:/", *Path(path).resolve().parts[1:]))


def try_packages(artifacts, arguments):
    """Runs the program of the packages with these arguments, of which paths are those of this machine."""
    wine, server = (shutil.which(name, path=PLACES) for name in ("wine64", "wineserver"))
    if not wine or not server:
        fail("the packages for Windows need Wine; on Debian run `sudo apt-get install wine64`")
    with tempfile.TemporaryDirectory() as folder:
        found = {package.name: Path(folder) / str(at) for at, package in enumerate(packages(artifacts))}
        for package in packages(artifacts):
            extract(package, found[package.name])
        program = same_program(found, b"MZ")
        library = program.with_name("bcryptprimitives.dll")
        subprocess.run([program_of("x86_64-w64-mingw32-gcc"), "-shared", "-x", "c", "-", "-o", library, "-ladvapi32"],
                       input=RANDOM, text=True, check=True)
        words = [path_of(word) if Path(word).is_absolute() else word for word in arguments]
        environment = {"PATH": PLACES, "HOME": folder, "WINEPREFIX": f"{folder}/prefix", "WINEDEBUG": "-all",
                       "LC_ALL": "C.UTF-8"}
        status = subprocess.run([wine, program, *words], env=environment, check=False, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)
        # It would outlive the folder that it keeps its state in.
        subprocess.run([server, "--kill"], env=environment, check=False)
        if status.returncode:
            fail(f"the program for Windows ended with {status.returncode} in Wine: {status.stderr}")
