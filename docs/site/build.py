#!/usr/bin/env python3
"""Builds the site: `build.py MDBOOK FOLDER COMMON`.

The book is made of the documents as they are in the repository. A link to a file that
is no page of the book leads to a copy of the file; one to a folder, or to a document
that is no page, is taken off.
The playground gets the package for browsers beside it, which has to be built, and the same
package with the engine in the folder COMMON, which is smaller.
"""

import functools
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = ROOT / "docs/site"
PACKAGE = ROOT / "bindings/npm"
LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)\)")
SOURCES = ("browser", "check", "engine", "errors", "nearest", "presets", "sandbox", "worker-browser")


def summary() -> str:
    """The table of contents, with a line for each decision below their index."""
    text = (SITE / "SUMMARY.md").read_text("utf-8")
    index = next(line for line in text.splitlines() if "docs/decisions/" in line)
    lines = [index]
    for page in sorted((ROOT / "docs/decisions").glob("0*.md")):
        title = page.read_text("utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"  - [{title}](docs/decisions/{page.name})")
    return text.replace(index, "\n".join(lines))


@functools.cache
def pages() -> list[str]:
    """Paths of the documents that the table of contents lists."""
    return [target for _, target in LINK.findall(summary())]


def main() -> None:
    mdbook, target, common = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    missing = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} - set(pages())
    if missing:
        raise SystemExit(f"site: docs/site/SUMMARY.md lists no {', '.join(sorted(missing))}")
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder)
        copied = set()
        for page in pages():
            text = (ROOT / page).read_text("utf-8")
            text = LINK.sub(lambda link: relinked(page, link, copied), text)
            write(book / "src" / page, text)
        for file in copied:
            (book / "src" / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, book / "src" / file)
        write(book / "src/SUMMARY.md", summary())
        shutil.copy(SITE / "book.toml", book)
        subprocess.run([mdbook, "build", "--dest-dir", str(target.resolve()), folder], check=True)
    shutil.copytree(SITE / "playground", target / "playground")
    for dist, name in ((common, "common"), (PACKAGE / "dist", "engine")):
        package(dist, target / "playground" / name)
    broken = sorted(dead(target))
    if broken:
        raise SystemExit("site: links that lead nowhere:\n" + "\n".join(broken))


def dead(target: Path) -> Iterator[str]:
    """Links of the built pages to files that are not there."""
    for page in target.rglob("*.html"):
        # The page of errors is served at any path.
        if page.name == "404.html":
            continue
        for link in re.findall(r'(?:href|src)="([^"#?]+)', page.read_text("utf-8")):
            if ":" not in link and not (page.parent / link).exists():
                yield f"{page.relative_to(target)}: {link}"


def relinked(page: str, link: re.Match[str], copied: set[str]) -> str:
    text, target = link.groups()
    if "://" in target or target.startswith("#"):
        return link[0]
    file, _, _ = target.partition("#")
    path = normal(PurePosixPath(page).parent / file)
    if (ROOT / path).is_dir():
        return text
    if not (ROOT / path).exists():
        raise SystemExit(f"site: {page} leads to {target}, which is not there")
    if path in pages():
        # The book calls the first page of a folder its index.
        return f"[{text}]({target.replace('README.md', 'index.md')})"
    if path.endswith(".md"):
        return text
    copied.add(path)
    return link[0]


def normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def package(dist: Path, target: Path) -> None:
    if not dist.exists():
        raise SystemExit("site: the package for browsers is missing; run `make bindings`")
    for name in SOURCES:
        copy(PACKAGE / f"src/{name}.js", target / "src")
    for file in sorted(dist.iterdir()):
        if file.suffix in (".js", ".gz"):
            copy(file, target / "dist")
    total = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"site: {target} has {total} bytes")


def copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder)


if __name__ == "__main__":
    main()
