"""Asks the functions in the archives for Lambda, as Lambda does, beside an emulator of AWS.

    functions.py ARTIFACTS SAMPLES PROGRAM

The template is deployed with the archives for the processor of this machine. Then the functions of each
processor, under qemu where it is another one, are asked directly: the first makes the thumbnails of all SAMPLES,
which have to be those of PROGRAM, and the second sends a dead letter back. scripts/stack.sh has what this needs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from urllib.parse import quote_plus

import botocore.session

from files import PROCESSORS, ROOT, TARGET, fail, program_of, run

sys.path.append(str(ROOT / "bench"))
import function  # noqa: E402

# Seconds for an event: qemu is thirty times slower than a processor.
PATIENCE = 900
PRESETS = ["small=200x200,cover,webp", "wide=1280x"]
NAMES = ("generate-thumbnails", "redrive-dlq")


def client(service):
    return botocore.session.get_session().create_client(service)


def archive(artifacts, name, processor):
    return artifacts / f"lambda-{name}-{processor.uname}.zip"


def deployed(artifacts, processor, image):
    """The template and both archives, uploaded under the names that the template has for them."""
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            shutil.copy(archive(artifacts, name, processor), Path(folder) / f"{name}.zip")
        trial = [sys.executable, ROOT / "deploy/template/trial.py"]
        subprocess.run([*trial, artifacts / "thimble.template.json", folder, image], check=True)


def runner(processor):
    """Words before a program for another processor, within the addresses that emulated.py explains."""
    if processor.uname == os.uname().machine:
        return []
    limit = (os.cpu_count() + 8) * 6 << 30
    return [program_of("prlimit"), f"--as={limit}", program_of(f"qemu-{processor.uname}-static"),
            "-L", f"/usr/{processor.uname}-linux-gnu"]


class Function:
    """A function that runs for as long as this is used."""

    def __init__(self, path, processor, **variables):
        self.path, self.processor, self.variables = path, processor, variables

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        with zipfile.ZipFile(self.path) as packed:
            packed.extractall(folder)
        (folder / "bootstrap").chmod(0o755)
        self.runtime = function.Runtime(PATIENCE)
        self.process = self.runtime.start(folder, runner(self.processor), **self.variables)
        threading.Thread(target=self.told, daemon=True).start()
        return self

    def told(self):
        """Tells those who wait for an answer that there will be none."""
        ended = self.process.wait()
        self.runtime.answers.put((time.monotonic(), "/ended", f"its process ended with {ended}".encode()))

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def ask(self, event):
        return self.runtime.ask(event)[1]


def generated(artifacts, processor, samples, wanted):
    """The number of thumbnails that are the same; one of the samples is cut off on purpose."""
    s3, buckets = client("s3"), {name: f"{name}-{processor.debian}" for name in ("images", "thumbnails")}
    for bucket in buckets.values():
        s3.create_bucket(Bucket=bucket)
    keys = sorted(str(path.relative_to(samples)) for path in samples.rglob("*") if path.is_file())
    for key in keys:
        s3.put_object(Bucket=buckets["images"], Key=key, Body=(samples / key).read_bytes())
    variables = {"SOURCE_BUCKET": buckets["images"], "THUMBNAILS_BUCKET": buckets["thumbnails"], "PRESETS": " ".join(PRESETS),
                 "ENGINE_SECONDS": str(PATIENCE)}
    with Function(archive(artifacts, "generate-thumbnails", processor), processor, **variables) as asked:
        events = [function.created(quote_plus(key), buckets["images"]) for key in keys]
        failures = asked.ask(function.messages(events))["batchItemFailures"]
    if len(failures) != 1:
        fail(f"{len(failures)} samples failed in the function for {processor.uname}, not the one that is cut off")
    listed = s3.list_objects_v2(Bucket=buckets["thumbnails"]).get("Contents", [])
    made = {each["Key"]: s3.get_object(Bucket=buckets["thumbnails"], Key=each["Key"])["Body"].read() for each in listed}
    if differ := sorted({name for name, _ in made.items() ^ wanted.items()}):
        fail(f"the function for {processor.uname} makes other thumbnails: {', '.join(differ[:5])}")
    return len(made)


def redriven(artifacts, processor):
    """A dead letter is in the source queue after it."""
    sqs = client("sqs")
    source, dead = (sqs.create_queue(QueueName=f"{name}-{processor.debian}")["QueueUrl"] for name in ("source", "dead"))
    sqs.send_message(QueueUrl=dead, MessageBody="{}")
    queues = {"SOURCE_QUEUE_URL": source, "DEAD_LETTER_QUEUE_URL": dead}
    with Function(archive(artifacts, "redrive-dlq", processor), processor, **queues) as asked:
        answer = asked.ask({"max": 1})
    bodies = [each["Body"] for each in sqs.receive_message(QueueUrl=source, WaitTimeSeconds=1).get("Messages", [])]
    if bodies != ["{}"]:
        fail(f"the function for {processor.uname} sent no dead letter back: {answer}")


def thumbnails(program, samples):
    """Those that the command line makes: name, content."""
    presets = [word for preset in PRESETS for word in ("--preset", preset)]
    with tempfile.TemporaryDirectory() as folder:
        run([program, "local", samples, "--thumbnails", folder, "--once", "--engine", TARGET / "engine.wasm", *presets])
        found = {path.relative_to(folder): path for path in Path(folder).rglob("*") if path.is_file()}
        # The memory of the program is no thumbnail.
        return {str(name): path.read_bytes() for name, path in found.items() if name.parts[0] != ".thimble"}


def main(artifacts, samples, program):
    wanted = thumbnails(program, samples)
    tried = [each for each in PROCESSORS if archive(artifacts, NAMES[0], each).exists()]
    native = next(each for each in tried if each.uname == os.uname().machine)
    deployed(artifacts, native, samples / "mountains.jpg")
    for processor in tried:
        began = time.monotonic()
        count = generated(artifacts, processor, samples, wanted)
        redriven(artifacts, processor)
        print(f"functions for {processor.uname}: {count} thumbnails are the same, and a dead letter went back, "
              f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*map(Path, sys.argv[1:]))
