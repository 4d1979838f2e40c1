"""The loop of a Python worker: one JSON request a line in, one answer a line out.

The protocol is that of `worker.mjs`.
"""

import json
import sys
import time
from pathlib import Path


def serve(name, versions, thumbnails):
    """Answers requests until standard input ends."""
    _answer({"name": name, "versions": versions})
    for line in sys.stdin:
        try:
            _answer(_run(json.loads(line), thumbnails))
        except Exception as error:  # a peer may fail in any way: the report says how
            _answer({"error": f"{type(error).__name__}: {error}"})


def _run(request, thumbnails):
    source = Path(request["source"]).read_bytes()
    files = []
    before = time.process_time()
    for _ in range(request["iterations"]):
        files = thumbnails(source, request)
    spent = time.process_time() - before
    if request.get("output"):
        for index, file in enumerate(files):
            Path(request["output"], str(index)).write_bytes(file)
    return {
        "milliseconds": spent * 1000 / request["iterations"],
        "bytes": [len(file) for file in files],
    }


def _answer(message):
    print(json.dumps(message), flush=True)
