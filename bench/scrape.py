"""A real Prometheus scrapes a worker over many images in a folder: its sums equal what the
worker reports, to the unit. `scripts/scrape.sh` calls this.

    scrape.py sums NUMBER SAMPLES       compares the sums, and asks for alerts and series
    scrape.py overhead NUMBER SAMPLES   compares processor time with and without metrics and traces

Of 100 images one is broken: it becomes a dead letter.
"""

import contextlib
import http.server
import json
import math
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pictures

ROOT = pathlib.Path(__file__).resolve().parent.parent
THIMBLE, PROMETHEUS = os.environ["THIMBLE"], os.environ["PROMETHEUS"]
EVERY = 2  # seconds between two looks of Prometheus
PATIENCE = 1_800  # seconds for all images
MOST = 60  # series of a process
ROUNDS = 48  # pairs of runs of which the overhead is the median
NORMAL = (math.pi / 2) ** .5 / (2 * 0.6745)  # standard error of a median over the distance of quartiles, of one sample
FEW = 5  # images of a run that shows what a process costs before its first image
PRESETS = [word for preset in pictures.SMALL for word in ("--preset", preset)]


def desk(folder, images):
    """A folder of images with a message for each."""
    for at, image in enumerate(images):
        place = folder / "images" / f"{at // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"image {at:06}").write_bytes(image)
    (folder / ".thimble").mkdir()
    send = [THIMBLE, "backfill", str(folder), "--queue", str(folder), "--yes", "--quiet"]
    subprocess.run(send, check=True)


def port():
    """A port that nobody has in this moment."""
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Prometheus:
    """A server that looks at a worker, in a folder of its own."""

    def __init__(self, folder, worker):
        self.port = port()
        rules = ROOT / "deploy/prometheus/rules.yml"
        config = folder / "prometheus.json"
        config.write_text(json.dumps({
            "global": {"scrape_interval": f"{EVERY}s", "evaluation_interval": f"{EVERY}s"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": "thimble", "static_configs": [{"targets": [f"127.0.0.1:{worker}"]}]}],
        }))
        command = [f"{PROMETHEUS}/prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def ask(self, query):
        """By labels, values of a query."""
        words = urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/query?{words}", timeout=10) as answer:
            found = json.load(answer)["data"]["result"]
        return {tuple(sorted(each["metric"].items())): float(each["value"][1]) for each in found}

    def one(self, query):
        """The only value of a query, 0 if there is none."""
        return sum(self.ask(query).values())

    def end(self):
        self.process.terminate()
        self.process.wait()


def worker(folder, *words, environment=None, **streams):
    command = [THIMBLE, "worker", "--queue", str(folder), *PRESETS, *words]
    return subprocess.Popen(command, env={**os.environ, **(environment or {})}, **streams)


def numbers(lines, name):
    """The sum of a metric in lines of the embedded metric format."""
    values = [line.get(name, 0) for line in lines]
    return sum(sum(value) if isinstance(value, list) else value for value in values)


def compare(server, log, lines):
    """The numbers of Prometheus and of the worker for the same thing, by its name."""
    ended = next(line for line in log if line.get("message") == "worker ended")
    pairs = {"thumbnails of the log": ("thimble_thumbnails_total", ended["thumbnails.count"])}
    for outcome in ("done", "skipped", "rejected", "retried"):
        pairs[f"{outcome} of the log"] = (f'thimble_images_total{{outcome="{outcome}"}}', ended[f"worker.{outcome}"])
    for outcome, name in (("done", "Done"), ("skipped", "Skipped"), ("rejected", "Rejected"), ("retried", "Retried")):
        pairs[name] = (f'thimble_images_total{{outcome="{outcome}"}}', numbers(lines, name))
    for name, metric in (("Objects", "images"), ("Thumbnails", "thumbnails"), ("SourceBytes", "source_bytes"),
                         ("ThumbnailBytes", "thumbnail_bytes"), ("DeadLetters", "dead_letters")):
        pairs[name] = (f"thimble_{metric}_total", numbers(lines, name))
    for kind in sorted({line["ErrorKind"] for line in lines if "ErrorKind" in line}):
        of_kind = [line for line in lines if line.get("ErrorKind") == kind]
        pairs[f"Errors {kind}"] = (f'thimble_failures_total{{kind="{kind}"}}', numbers(of_kind, "Errors"))
    pairs["failures of the log"] = (
        "thimble_failures_total", sum(line.get("message") == "object failed" for line in log))
    pairs["images of the log"] = (
        'thimble_stage_seconds_count{stage="engine"}',
        sum(line.get("message") == "object worked on" and line.get("disposition") == "done" for line in log))
    return {name: (server.one(f"sum(last_over_time({metric}[1h]))"), told) for name, (metric, told) in pairs.items()}


def sums(number, samples):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        desk(folder / "desk", pictures.mixed(THIMBLE, number, samples))
        address = port()
        server = Prometheus(folder, address)
        with open(folder / "log", "w") as log, open(folder / "lines", "w") as lines:
            begun = time.monotonic()
            process = worker(folder / "desk", "--health", f"127.0.0.1:{address}", stdout=lines, stderr=log)
            try:
                until = begun + PATIENCE
                while not_all(server, number) and process.poll() is None and time.monotonic() < until:
                    time.sleep(EVERY)
                seconds = time.monotonic() - begun
                # Another look, for what ended after the last.
                time.sleep(3 * EVERY)
                alerts = server.ask('ALERTS{alertstate="firing"}')
                series = server.one('count({job="thimble", __name__=~"thimble_.*|process_.*"})')
                looks = server.one("count_over_time(up[1h])")
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()
        try:
            read = lambda name: [json.loads(line) for line in (folder / name).read_text().splitlines()]
            found = compare(server, read("log"), read("lines"))
        finally:
            server.end()
        return judge(number, found, {dict(labels)["alertname"] for labels in alerts}, series, looks, seconds)


def not_all(server, number):
    try:
        return server.one("sum(thimble_images_total)") < number
    except (OSError, KeyError, ValueError):
        return True


def judge(number, found, alerts, series, looks, seconds):
    print(f"{number} images in {seconds:.0f} s, looked at {looks:.0f} times, {series:.0f} series")
    for name, (scraped, told) in found.items():
        print(f"  {name:24} {scraped:14.0f} {told:14.0f}{'' if scraped == told else '  DIFFERENT'}")
    broken = pictures.broken(number)
    failures = [f"{name}: Prometheus has {scraped}, the worker told of {told}"
                for name, (scraped, told) in found.items() if scraped != told]
    failures += [text for text, is_so in (
        (f"{number} images were expected", found["Objects"][0] != number),
        (f"{broken} rejected images were expected", found["Rejected"][0] != broken),
        (f"there are {series:.0f} series", not 0 < series <= MOST),
        (f"these alerts were firing: {sorted(alerts)}", alerts != {"ThimbleDeadLetters"}),
    ) if is_so]
    for text in failures:
        print(f"FAILED: {text}")
    return 1 if failures else 0


class Sink(http.server.BaseHTTPRequestHandler):
    """A collector that takes all traces and keeps none."""

    taken = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        Sink.taken += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def overhead(number, samples):
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink.server_address[1]}"}
    (few, extra, error), (many, more, wider) = (difference(count, samples, traced) for count in (FEW, number))
    print(f"processor time of metrics and traces: {1000 * extra:.1f} ms a process, give or take {1000 * error:.1f} ms, and "
          f"{100 * (more - extra) / (many - few):+.2f} % of the time of an image, give or take "
          f"{100 * (error ** 2 + wider ** 2) ** .5 / (many - few):.2f} % (standard error; {ROUNDS} pairs of runs each, "
          f"{Sink.taken} requests of traces)")
    return 0


def difference(number, samples, traced):
    """Processor time of a worker over so many images, what metrics and traces add to it, and the
    standard error of that: medians, as a pair that the machine disturbs may be off by a fifth."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        desk(folder / "desk", pictures.mixed(THIMBLE, number, samples))
        pair(folder, traced)  # it fills the caches
        pairs = [pair(folder, traced) for _ in range(ROUNDS)]
    plain, added = [plain for plain, _ in pairs], [watched - plain for plain, watched in pairs]
    least, median, most = statistics.quantiles(added, n=4)
    # Of a median, if what is between the quartiles is distributed normally.
    error = NORMAL * (most - least) / ROUNDS ** .5
    print(f"  {number} images: {statistics.median(plain):.3f} s, and {median:+.4f} s ({least:+.4f} to {most:+.4f}), give or take "
          f"{error:.4f} s", flush=True)
    return statistics.median(plain), median, error


def pair(folder, traced):
    """Processor times of two workers, one without metrics and traces and one with them. They run at
    the same time, so that whatever else the machine does slows both."""
    for name in ("plain", "watched"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(folder / "desk", folder / name)
    address = port()
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    watched = worker(folder / "watched", "--once", "--health", f"127.0.0.1:{address}", environment=traced, **silent)
    plain = worker(folder / "plain", "--once", **silent)
    done = threading.Event()
    looker = threading.Thread(target=look, args=(address, done))
    looker.start()
    times = {}
    try:
        for each in (plain, watched):
            _, status, used = os.wait4(each.pid, 0)
            each.returncode = os.waitstatus_to_exitcode(status)
            times[each] = used.ru_utime + used.ru_stime
    finally:
        done.set()
        looker.join()
    for name, each in (("plain", plain), ("watched", watched)):
        if each.returncode:
            sys.exit(f"the {name} worker ended with {each.returncode}")
    return times[plain], times[watched]


def look(address, done):
    """Looks at the metrics as Prometheus would, more often than it does."""
    while not done.wait(EVERY):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{address}/metrics", timeout=5).read()


if __name__ == "__main__":
    sys.exit({"sums": sums, "overhead": overhead}[sys.argv[1]](int(sys.argv[2]), sys.argv[3]))
