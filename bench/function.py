"""The packaged function on one processor: how long it takes to start, how long an image takes
in batches of ten, and what a million of them costs. `scripts/bench-function.sh` starts an
emulator of AWS and calls this.

    function.py PACKAGE PHOTOS

The bootstrap runs over the real interface of a Lambda runtime, which is played here.
"""

import contextlib
import json
import os
import pathlib
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session

import figures

STARTS = 20
BATCH = 10
BATCHES = 7  # the first is warm-up, and not counted
BUCKET, THUMBNAILS = "function-images", "function-thumbnails"
MEMORY = 1_769 / 1_024  # GB with which a function has one whole processor

# US dollars, N. Virginia, x86_64: a second of one GB, and single calls.
GB_SECOND, INVOCATION, PUT, GET, HEAD, MESSAGE = 0.0000166667, 0.20e-6, 5e-6, 0.4e-6, 0.4e-6, 0.4e-6
PRESETS = 3


class Runtime:
    """Plays the runtime interface for one process, which has so many seconds for an event."""

    def __init__(self, seconds=60):
        self.events, self.answers, self.seconds = queue.Queue(), queue.Queue(), seconds
        runtime = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = runtime.events.get()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000000")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + seconds * 1000))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn",
                                 "arn:aws:lambda:us-east-1:000000000000:function:bench")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                said = self.rfile.read(int(self.headers["Content-Length"] or 0))
                runtime.answers.put((time.monotonic(), self.path, said))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

            def handle(self):
                # The process may be killed while it waits for an event.
                with contextlib.suppress(ConnectionError):
                    super().handle()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def start(self, folder, before=(), **variables):
        """The process, with words before its program and with variables of its own."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("THIMBLE_")},
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "LAMBDA_TASK_ROOT": str(folder),
            "SOURCE_BUCKET": BUCKET,
            "THUMBNAILS_BUCKET": THUMBNAILS,
            "LOG_LEVEL": "error",
            **variables,
        }
        one = {min(os.sched_getaffinity(0))}
        return subprocess.Popen([*before, str(folder / "bootstrap")], cwd=folder, env=environment,
                                stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, one))

    def ask(self, event):
        """Time at which the answer came, and the answer."""
        self.events.put(json.dumps(event).encode())
        at, path, said = self.answers.get(timeout=2 * self.seconds)
        if not path.endswith("/response"):
            sys.exit(f"the function failed: {said.decode()}")
        return at, json.loads(said)


def messages(bodies):
    return {"Records": [{
        "messageId": f"{at}", "receiptHandle": "x", "body": json.dumps(body), "messageAttributes": {},
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0"}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:bench", "awsRegion": "us-east-1",
    } for at, body in enumerate(bodies)]}


def created(key, bucket=BUCKET):
    return {"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventName": "ObjectCreated:Put",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 1}},
    }]}


def cold(folder):
    """Seconds from the start of the process to its first answer."""
    nothing = messages([{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}])
    seconds = []
    for _ in range(STARTS):
        runtime = Runtime()
        begun = time.monotonic()
        process = runtime.start(folder)
        at, _ = runtime.ask(nothing)
        seconds.append(at - begun)
        process.kill()
        process.wait()
    return statistics.median(seconds)


def warm(folder, photo):
    """Seconds of a call for each image of a batch."""
    s3 = botocore.session.get_session().create_client("s3")
    keys = [f"{photo.stem}-{at}{photo.suffix}" for at in range(BATCH)]
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=photo.read_bytes())
    runtime = Runtime()
    process = runtime.start(folder)
    seconds = []
    for _ in range(BATCHES):
        begun = time.monotonic()
        at, answer = runtime.ask(messages([created(key) for key in keys]))
        if answer != {"batchItemFailures": []}:
            sys.exit(f"not every image was made: {answer}")
        seconds.append((at - begun) / BATCH)
    process.kill()
    process.wait()
    return statistics.median(seconds[1:])


def dollars(seconds):
    """Cost of a million images, in parts."""
    each = {
        "compute": seconds * MEMORY * GB_SECOND,
        "calls": INVOCATION / BATCH,
        "S3": PRESETS * PUT + GET + HEAD,
        "SQS": 3 * MESSAGE,
    }
    return {name: 1e6 * price for name, price in each.items()}


def main(package, photos):
    s3 = botocore.session.get_session().create_client("s3")
    for bucket in (BUCKET, THUMBNAILS):
        s3.create_bucket(Bucket=bucket)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
        program = folder / "bootstrap"
        program.chmod(0o755)
        size = program.stat().st_size / 1e6
        start = cold(folder)
        for photo in (photos / "small.jpg", photos / "p12.jpg"):
            seconds = warm(folder, photo)
            parts = dollars(seconds)
            rows.append([photo.name, f"{1_000 * seconds:.0f}", *(f"{part:.2f}" for part in parts.values()),
                         f"{sum(parts.values()):.2f}"])
    lines = [
        f"{figures.processor()}, one core for the function; the emulator has the rest.",
        "",
        f"- Package {pathlib.Path(package).stat().st_size / 1e6:.1f} MB, `bootstrap` {size:.1f} MB with its engine.",
        f"- Cold start, from the start of the process to its first answer: {1_000 * start:.0f} ms "
        f"(median of {STARTS}).",
        "",
        *figures.table(["image", "ms of a call", "compute, $", "calls, $", "S3, $", "SQS, $", "a million, $"], rows),
        "",
        f"A million images in batches of {BATCH}, {PRESETS} thumbnails each, {MEMORY:.3f} GB: seconds of a call x "
        f"{MEMORY:.3f} x ${GB_SECOND:.10f}, calls at $0.20, a PUT for each thumbnail at $5, a GET and a HEAD at "
        "$0.40, three requests of SQS at $0.40, by the million.",
    ]
    print("\n".join(lines))
    figures.write("function", lines)


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
