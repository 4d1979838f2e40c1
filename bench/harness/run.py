"""The two runs: the whole one, whose figures are published, and the daily one."""

import json
import os
import platform
import tempfile
from pathlib import Path

import growth
import likeness
import report as reports
import tools
import workers as peers
from measure import interleaved
from results import Results, Row
from workloads import T1, T3, images

RESULTS = tools.TARGET / "bench-results.json"

# Enough for medians to stand still on a machine that does other things as well.
FULL_ROUNDS = 9
QUICK_ROUNDS = 5
QUICK_PEERS = (peers.THIMBLE, peers.NATIVE, peers.SHARP, peers.ONCE)


def full():
    """Measures everything and writes BENCHMARKS.md."""
    results = _measured([name for name in peers.COMMANDS if name != peers.COMPOSED], images(quick=False), FULL_ROUNDS)
    RESULTS.write_text(json.dumps(results.to_json(), indent=1))
    reports.write(results)


def quick():
    """Measures a few images against sharp and says what came out."""
    results = _measured(list(QUICK_PEERS), images(quick=True), QUICK_ROUNDS, quick=True)
    print(reports.tables(results))


def report():
    """Writes BENCHMARKS.md again from the last full run."""
    if not RESULTS.exists():
        raise SystemExit("bench: nothing was measured yet; run `make bench`")
    reports.write(Results.from_json(json.loads(RESULTS.read_text())))


def _measured(names, sources, rounds, quick=False):
    tools.build()
    core = peers.pin()
    running = [peers.Worker.start(name) for name in names]
    try:
        results = Results(machine=_machine(core), versions=_versions(running))
        with tempfile.TemporaryDirectory() as folder:
            for image in sources:
                for workload in (T3, T1):
                    _say(f"{image.name} {workload.name}")
                    made = Path(folder, image.name, workload.name)
                    turns = interleaved(running, image, workload, rounds, made)
                    results.rows.append(Row(image.name, workload.name, turns))
                _say(f"{image.name} quality")
                results.quality[image.name] = likeness.judge(
                    running, image, T3, Path(folder, image.name, T3.name), equal=not quick
                )
            if not quick:
                results.growth = growth.measure(running, sources, Path(folder), rounds, _say)
        results.host = _host()
    finally:
        for worker in running:
            worker.stop()
    return results


def _host():
    """Cost that the host adds to each image and to each load of an engine."""
    return json.loads(tools.output([tools.WORKER, "host", tools.ENGINE]))


def _machine(core):
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "pinned": core is not None,
        "own_images": not os.environ.get("BENCH_IMAGES"),
    }


def _processor():
    information = Path("/proc/cpuinfo")
    if information.exists():
        fields = dict(
            (part.strip() for part in line.split(":", 1))
            for line in information.read_text().splitlines()
            if ":" in line
        )
        family = f"family {fields.get('cpu family')}, model {fields.get('model')}"
        return f"{fields.get('model name', 'unknown')} ({family})"
    return platform.processor() or "unknown"


def _versions(running):
    found = {
        "node": tools.output(["node", "--version"]).strip(),
        "python": platform.python_version(),
        "wasmtime": tools.locked("wasmtime"),
        "wasm-vips": tools.pinned("wasm-vips"),
    }
    for worker in running:
        found.update({key: worker.versions[key] for key in PUBLISHED if key in worker.versions})
    return found


PUBLISHED = ("thimble", "sharp", "vips", "pyvips", "pillow")


def _say(what):
    print(f"bench: {what}", flush=True)
