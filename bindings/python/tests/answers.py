"""Answers of this package to a list of files, a line of JSON for each, as `compare.py` asks for them."""

import hashlib
import json
import sys
from typing import Any

import thimble_engine


def answer(engine: thimble_engine.Engine, file: str, presets: list[str]) -> dict[str, Any]:
    try:
        made = engine.thumbnails(file, presets)
    except thimble_engine.ThimbleError as error:
        return {"error": {"kind": error.kind, "message": str(error)}}
    source = made.source
    return {
        "source": size(source) | {"frames": source.frames},
        "thumbnails": [
            {"preset": thumbnail.name, "bytes": len(thumbnail.data)}
            | size(thumbnail)
            | {"sha256": hashlib.sha256(thumbnail.data).hexdigest()}
            for thumbnail in made.thumbnails
        ],
        "warnings": list(made.warnings),
    }


def size(image: thimble_engine.Image | thimble_engine.Thumbnail) -> dict[str, Any]:
    return {"mediaType": image.media_type, "width": image.width, "height": image.height}


def main() -> None:
    question = json.load(sys.stdin)
    engine = thimble_engine.Engine()
    for file in question["files"]:
        print(json.dumps({"file": file} | answer(engine, file, question["presets"])))


if __name__ == "__main__":
    main()
