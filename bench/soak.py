"""A worker on a queue of many images: how fast, with how much memory, and whether
that grows. `scripts/soak.sh` starts an emulator of AWS and calls this.

The images are those of pictures.py; one of 100 is broken and becomes a dead letter.
"""

import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import botocore.session

import figures
import pictures

BUCKET, THUMBNAILS = "soak-images", "soak-thumbnails"
THIMBLE = os.environ["THIMBLE"]
GROWTH = 1.10  # the most that memory may grow after the first images
LOOK = 0.5  # seconds between two looks at the process


def main(number, samples):
    session = botocore.session.get_session()
    s3, sqs = session.create_client("s3"), session.create_client("sqs")
    for bucket in (BUCKET, THUMBNAILS):
        s3.create_bucket(Bucket=bucket)
    queue, letters = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("soak", "soak-dead"))
    os.environ.update(SOURCE_QUEUE_URL=queue, DEAD_LETTER_QUEUE_URL=letters,
                      THUMBNAILS_BUCKET=THUMBNAILS)

    begun = time.monotonic()
    bad = upload(s3, number, samples)
    print(f"{number} images put in {time.monotonic() - begun:.1f} s, {bad} of them broken")
    begun = time.monotonic()
    subprocess.run([THIMBLE, "backfill", f"s3://{BUCKET}", "--yes", "--quiet"], check=True)
    print(f"{number} messages sent in {time.monotonic() - begun:.1f} s")

    looks, seconds, health = work(number)
    made = count(s3, THUMBNAILS)
    dead = int(attribute(sqs, letters, "ApproximateNumberOfMessages"))
    left = int(attribute(sqs, queue, "ApproximateNumberOfMessages"))
    print(f"{number} images in {seconds:.1f} s: {number / seconds:.1f} images a second")
    print(f"{made} thumbnails, {dead} dead letters, {left} messages left")
    print(f"health was answered with {health}")
    memory, failures = judge(looks, number)
    failures += [text for text, is_so in (
        (f"{3 * (number - bad)} thumbnails were expected", made != 3 * (number - bad)),
        (f"{bad} dead letters were expected", dead != bad),
        ("the queue is not empty", left != 0),
        ("health was not always 200", set(health) != {200}),
    ) if is_so]
    for text in failures:
        print(f"FAILED: {text}")
    if not failures:
        row = [f"{number}", f"{number / seconds:.1f}", f"{made}", f"{dead}", *memory]
        early = min(1_000, number // 5)
        head = ["images", "images/s", "thumbnails", "dead letters", f"memory after {early}, MiB",
                "at the end", "at most", f"open files after {early}", "at the end"]
        figures.write("worker", [f"{figures.processor()}, {os.cpu_count()} cores, which the emulator of AWS shares.",
                                 "", *figures.table(head, [row])])
    return 1 if failures else 0


def upload(s3, number, samples):
    """Puts the images and returns how many of them are broken."""
    images = pictures.mixed(THIMBLE, number, samples)
    with ThreadPoolExecutor(8) as threads:
        def put(at):
            s3.put_object(Bucket=BUCKET, Key=f"{at // 1000:03}/image {at:06}", Body=images[at])
        list(threads.map(put, range(number)))
    return pictures.broken(number)


def work(number):
    """Lets a worker empty the queue; what was seen of it meanwhile, and how long it took."""
    # Some program has the port in a moment; whoever takes it first keeps it.
    port = 20_000 + os.getpid() % 20_000
    command = [THIMBLE, "worker", "--once", "--dead-letters", os.environ["DEAD_LETTER_QUEUE_URL"],
               "--health", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    done, first = itertools.count(), []
    progress = [0]

    def follow():
        for line in process.stderr:
            message = json.loads(line).get("message", "")
            if message in ("object worked on", "object failed"):
                first or first.append(time.monotonic())
                progress[0] = next(done) + 1

    follower = threading.Thread(target=follow)
    follower.start()
    looks, health = [], {}
    while process.poll() is None:
        look = see(process.pid)
        if first and look:
            looks.append((progress[0], *look))
            if progress[0] < number:
                status = ask(port)
                health[status] = health.get(status, 0) + 1
        time.sleep(LOOK)
    seconds = time.monotonic() - first[0]
    follower.join()
    if process.returncode:
        sys.exit(f"the worker ended with {process.returncode}")
    return looks, seconds, health


def see(process):
    """Resident memory in MiB and open files of a process, if it is still there."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(resident.split()[1]) / 1024, len(os.listdir(f"/proc/{process}/fd"))
    except (OSError, StopIteration):
        return None


def ask(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return type(error).__name__


def judge(looks, number):
    """Compares the beginning, the first thousand or a fifth, with the end: the figures, and what
    is wrong. With few images memory is only told: what runs warm meanwhile looks like growth."""
    warm = min(1_000, number // 5)
    window = max(number // 10, 1)
    early = [look for look in looks if warm <= look[0] < warm + window]
    late = [look for look in looks if number - window <= look[0] < number]
    if not early or not late:
        return [], ["it was too quick to be looked at; take more images"]
    memory = [statistics.median(look[1] for look in part) for part in (early, late)]
    files = [statistics.median(look[2] for look in part) for part in (early, late)]
    peak = max(look[1] for look in looks)
    print(f"memory {memory[0]:.0f} MiB after {warm}, {memory[1]:.0f} MiB at the end, "
          f"{peak:.0f} MiB at most")
    print(f"open files {files[0]:.0f} after {warm}, {files[1]:.0f} at the end")
    failures = []
    if warm == 1_000 and memory[1] > memory[0] * GROWTH:
        failures.append(f"memory grew by {100 * (memory[1] / memory[0] - 1):.0f} %")
    if files[1] > files[0] + 5:
        failures.append(f"open files grew from {files[0]:.0f} to {files[1]:.0f}")
    return [f"{figure:.0f}" for figure in (*memory, peak, *files)], failures


def count(s3, bucket):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sum(len(page.get("Contents", [])) for page in pages)


def attribute(sqs, queue, name):
    return sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
