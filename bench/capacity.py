"""The tables of docs/capacity.md, and in docs/operations.md those of formats and of what costs besides, from measured
service times and published limits and prices.

    capacity.py write     writes them, and host/src/capacity/figures.json for `thimble plan`
    capacity.py check     fails if they are stale

The times are those of BENCHMARKS.md, and the price that of docs/operations.md; so
whoever measures anew writes these tables anew.
"""

import json
import math
import re
import sys
from pathlib import Path

import figures

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/capacity.md"
OPERATIONS = ROOT / "docs/operations.md"
FIGURES = ROOT / "host/src/capacity/figures.json"
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide"

THUMBNAILS = 3
WRITES = THUMBNAILS + 1  # the manifest
READS = 3  # the source, and two looks at it
BATCH = 10  # messages of one call
STACK = 10  # maxConcurrency, by default
PUTS, GETS = 3500, 5500  # requests of a partition in a second
BATCHES, START, RAMP = 1000, 5, 300 / 60  # of one event source mapping: most, at the start, more a second
ACCOUNT = 1000  # executions of an account and region, by default
IN_FLIGHT = 120_000
KEYS = 10_000  # requests to KMS in a second, by default, in most regions
NETWORK = 50  # MB/s of one execution, assumed

LOADS = [10, 100, 1000, 5000]

# Bytes of log of an image and of a call, with those that CloudWatch adds to each line, at an emulator.
LOG_OF_IMAGE, LOG_OF_CALL = 825, 2020
# US East (N. Virginia): a GB that is logged, that is stored for a month, that leaves AWS; a month of an alarm, a metric, a dashboard.
LOGGED, STORED, SENT, ALARM, METRIC, DASHBOARD = 0.50, 0.023, 0.09, 0.10, 0.30, 3.00

# A photo of 48 megapixels has four times the pixels of one that was measured, and a machine may be half as fast.
LARGER, SLOWER = 4, 2


class Measured:
    """Seconds, megabytes and dollars of an image."""

    def __init__(self):
        benchmarks = (ROOT / "BENCHMARKS.md").read_text()
        operations = OPERATIONS.read_text()
        function = benchmarks.partition("<!-- function:start -->")[2]
        beside = {name: int(ms) / 1000 for name, ms in re.findall(r"^\| (\w+\.jpg) \| (\d+) \|", function, re.M)}
        self.planned = float(re.search(r"GB for ([\d.]+) s an object, assumed", operations)[1])
        # A photo takes what the model of costs assumes, and a small image less by the measured ratio.
        self.seconds = {"photo": self.planned, "small": self.planned * beside["small.jpg"] / beside["p12.jpg"]}
        folder = re.findall(r"^\| \d+ (of 640 pixels|photographs) \| ([\d.]+) \| ([\d.]+) \|", benchmarks, re.M)
        names = {"of 640 pixels": "small", "photographs": "photo"}
        # Of both cores together.
        self.core = {names[kind]: float(rate) / 2 for kind, rate, _ in folder}
        self.megabytes = {names[kind]: float(read) / float(rate) for kind, rate, read in folder}
        quality = benchmarks.partition("### Quality of the three thumbnails")[2]
        # Kilobytes of the thumbnails of a photo.
        self.made = float(re.search(r"^\| p12\.jpg \|(?:[^|]*\|){5} ([\d.]+) \|", quality, re.M)[1])
        self.beside = {"photo": beside["p12.jpg"], "small": beside["small.jpg"]}
        cost = operations.partition("<!-- begin: cost -->")[2].partition("<!-- end: cost -->")[0]
        items = {what: int(count) * float(price) for what, count, price in re.findall(r"^\| (.+?) \| (\d+) \| ([\d.]+) \|", cost, re.M)}
        together = sum(items.values())
        compute = next(dollars for what, dollars in items.items() if "GB-seconds" in what)
        self.of_million = lambda seconds: together - compute * (1 - seconds / self.planned)
        self.million = {kind: self.of_million(seconds) for kind, seconds in self.seconds.items()}
        sources = benchmarks.partition("<!-- sources:start -->")[2].partition("<!-- sources:end -->")[0]
        jpeg = float(re.search(r"^\| p12\.jpg \| ([\d.]+) \|", benchmarks, re.M)[1]) / 1000
        self.formats = {"JPEG": jpeg}
        others = re.findall(r"^\| (.+?) \| 3 \| (\d+) \|", sources, re.M)
        if not others:
            raise SystemExit("capacity: BENCHMARKS.md has no row of three thumbnails among its sources in other formats")
        self.formats |= {name: int(ms) / 1000 for name, ms in others}


def whole(number):
    return f"{math.floor(number * (1 + 1e-9)):,}"


def times(measured):
    head = ["image", "MB", "ms beside its store, measured", "ms on AWS, planned with", "a second on a core of a worker, measured"]
    rows = [
        [{"photo": "photo of 12 megapixels", "small": "image of 640 pixels"}[kind], f"{measured.megabytes[kind]:.2f}",
         f"{measured.beside[kind] * 1000:.0f}", f"{measured.seconds[kind] * 1000:.0f}", f"{measured.core[kind]:.0f}"]
        for kind in ("photo", "small")
    ]
    return figures.table(head, rows)


def limits(measured):
    def of(value):
        return [whole(value(kind)) for kind in ("photo", "small")]

    seconds, megabytes = measured.seconds, measured.megabytes
    rows = [
        ["one execution, one processor", "1 / time", *of(lambda kind: 1 / seconds[kind]), "measured, see above"],
        ["network of one execution", f"{NETWORK} MB/s", *of(lambda kind: NETWORK / megabytes[kind]),
         "assumed: none is published, users report 400 to 700 Mbit/s"],
        ["`maxConcurrency`", f"{STACK}, up to {BATCHES:,}", *of(lambda kind: STACK / seconds[kind]), "`serverless.yml`"],
        ["PUT of a partition", f"{PUTS:,} a second", *of(lambda _: PUTS / WRITES), f"[S3]({S3}/optimizing-performance.html)"],
        ["GET and HEAD of a partition", f"{GETS:,} a second", *of(lambda _: GETS / READS), f"[S3]({S3}/optimizing-performance.html)"],
        ["KMS, without a key for each bucket", f"{KEYS:,} a second, more in some regions", *of(lambda _: KEYS / (WRITES + 1)),
         f"[KMS]({KMS}/requests-per-second.html)"],
        ["batches of an event source", f"{BATCHES:,}", *of(lambda kind: BATCHES / seconds[kind]),
         f"[Lambda]({LAMBDA}/services-sqs-scaling.html)"],
        ["executions of an account", f"{ACCOUNT:,}, can be raised", *of(lambda kind: ACCOUNT / seconds[kind]),
         f"[Lambda]({LAMBDA}/gettingstarted-limits.html)"],
        ["messages in hand", f"about {IN_FLIGHT:,}", *of(lambda kind: IN_FLIGHT / (BATCH * seconds[kind])),
         f"[SQS]({SQS}/quotas-queues.html)"],
    ]
    lines = figures.table(["limit", "value", "photos a second", "small images a second", "source"], rows)
    return [lines[0], "| --- | --- | ---: | ---: | --- |", *lines[2:]]


def walls(kind, rate, measured):
    """The limits that a rate exceeds as things are by default, the lowest first."""
    seconds = measured.seconds[kind]
    found = [
        (STACK / seconds, "`maxConcurrency`"), (PUTS / WRITES, "PUT of one partition"),
        (GETS / READS, "GET of one partition"), (ACCOUNT / seconds, "executions of the account"),
    ]
    return [name for limit, name in sorted(found) if rate > limit]


def loads(measured):
    head = ["images a second", "executions", "seconds until they run", "partitions of thumbnails", "of sources",
            "cores of workers instead", "$ a day", "walls by default, the first one first"]
    rows = []
    for kind in ("photo", "small"):
        for rate in LOADS:
            executions = math.ceil(rate * measured.seconds[kind] - 1e-9)
            rows.append([
                f"{rate:,} {'photos' if kind == 'photo' else 'small'}", f"{executions:,}",
                f"{max(0, math.ceil((executions - START) / RAMP)):,}", str(math.ceil(rate * WRITES / PUTS)),
                str(math.ceil(rate * READS / GETS)), f"{math.ceil(rate / measured.core[kind]):,}",
                f"{rate * 86_400 * measured.million[kind] / 1e6:,.0f}",
                ", ".join(walls(kind, rate, measured)) or "none",
            ])
    lines = figures.table(head, rows)
    return [lines[0], "| --- | " + "---: | " * 6 + "--- |", *lines[2:]]


def constants(measured):
    """The figures of `thimble plan`, each with its source."""

    def limit(name, value, source):
        return {"name": name, "value": value, "source": source}

    optimizing, scaling = f"{S3}/optimizing-performance.html", f"{LAMBDA}/services-sqs-scaling.html"
    return {
        "images": [
            {
                "name": kind, "megabytes": measured.megabytes[kind], "beside": measured.beside[kind],
                "seconds": measured.seconds[kind], "core": measured.core[kind], "thumbnails": THUMBNAILS,
                "source": "BENCHMARKS.md; the time on AWS is that of the model of costs in docs/operations.md",
            }
            for kind in ("small", "photo")
        ],
        "maxConcurrency": limit("maxConcurrency", STACK, "serverless.yml"),
        "puts": limit("PUT of one partition", PUTS, optimizing),
        "gets": limit("GET of one partition", GETS, optimizing),
        "kms": limit("KMS, without a key for each bucket", KEYS, f"{KMS}/requests-per-second.html"),
        "batches": limit("batches of an event source", BATCHES, scaling),
        "start": limit("batches of an event source at its start", START, scaling),
        "ramp": limit("batches that are added in a second", RAMP, scaling),
        "executions": limit("executions of the account", ACCOUNT, f"{LAMBDA}/gettingstarted-limits.html"),
        "inFlight": limit("messages in hand", IN_FLIGHT, f"{SQS}/quotas-queues.html"),
        "batch": limit("messages of one call", BATCH, "serverless.yml"),
        "network": limit("MB/s of one execution", NETWORK, "assumed: none is published, users report 400 to 700 Mbit/s"),
    }


def formats(measured):
    """Formats by their time: what a photo takes beyond a JPEG is added to the planned time of that."""
    head = ["photo of 12 megapixels", "s of processor time", "s on AWS, planned with", "$ a million", "least `engineSeconds` for 48 megapixels"]
    jpeg = measured.formats["JPEG"]
    rows = []
    for name, seconds in sorted(measured.formats.items(), key=lambda item: item[1]):
        planned = measured.planned + seconds - jpeg
        deadline = math.ceil(seconds * LARGER * SLOWER)
        rows.append([name, f"{seconds:.2f}", f"{planned:.2f}", f"{measured.of_million(planned):.0f}", str(deadline)])
    return figures.table(head, rows)


def besides(measured):
    """Costs that the estimate leaves out, with an amount and a price each."""
    def gigabytes(name, of_million, price, unit="a GB"):
        return [name, f"{of_million:,.1f} GB", f"{price} {unit}", f"{of_million * price:,.2f}"]

    def pieces(name, count, price):
        return [name, str(count), f"{price:.2f}", f"{count * price:,.2f}"]

    def log(images):
        return (LOG_OF_IMAGE + LOG_OF_CALL / images) / 1000

    alarms = len(re.findall(r"^  \w+Alarm: \{$", (ROOT / "deploy/alarms.js").read_text(), re.M))
    metrics = len(re.findall(r"^    \w+: \w+,$", (ROOT / "host/src/metric.rs").read_text().partition("\nmetrics! {")[2], re.M))
    month = "a GB and month"
    return figures.table(["beside the items above", "amount", "price, $", "$"], [
        gigabytes("log of a million images, ten in a call", log(BATCH), LOGGED),
        gigabytes("the same, one in a call", log(1), LOGGED),
        pieces("alarms, a month", alarms, ALARM),
        pieces("metrics of `Thimble`, a month, at most; and one for each kind of failure", metrics, METRIC),
        pieces("the dashboard, a month; an account has three for nothing", 1, DASHBOARD),
        gigabytes("three thumbnails of a million photos, stored", measured.made, STORED, month),
        gigabytes("the photos themselves, stored", measured.megabytes["photo"] * 1000, STORED, month),
        gigabytes("these thumbnails, sent to readers outside of AWS once", measured.made, SENT),
    ])


def filled(path, sections):
    """The page with its sections as they are now."""
    page = path.read_text()
    for name, lines in sections.items():
        start, end = f"<!-- {name}:start -->\n", f"<!-- {name}:end -->"
        before, found, rest = page.partition(start)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise SystemExit(f"capacity: {path.name} lacks the markers of {name}")
        page = before + start + "\n".join(lines) + "\n" + end + after
    return page


def main(task):
    measured = Measured()
    new = {
        PAGE: filled(PAGE, {"times": times(measured), "limits": limits(measured), "loads": loads(measured)}),
        OPERATIONS: filled(OPERATIONS, {"formats": formats(measured), "besides": besides(measured)}),
        FIGURES: json.dumps(constants(measured), indent=2) + "\n",
    }
    for path, text in new.items():
        if task == "write":
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            raise SystemExit(f"capacity: {path.relative_to(ROOT)} is stale: run `make capacity`")
    print("capacity: the tables have the measured times and the published limits")


if __name__ == "__main__":
    if sys.argv[1:] not in (["write"], ["check"]):
        raise SystemExit(__doc__)
    main(sys.argv[1])
