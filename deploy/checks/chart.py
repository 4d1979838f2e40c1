"""Renders the chart with every set of values, and looks at what comes out.

    chart.py HELM

A file of values/ has values, and behind `---` places of the resources with what
stands there. A file of refused/ has values that the chart must not take, and the
words that say why. Every set has in addition to be right by the schemas of
Kubernetes, of KEDA and of the Prometheus operator, and to keep the promises below.
"""

import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

HERE = Path(__file__).resolve().parent
CHART, ROOT = HERE.parent / "chart", HERE.parents[1]
# The oldest and the newest Kubernetes that the validator knows.
KUBERNETES = ["1.33", "1.37"]
# Kinds that others bring, by the version of their interface.
OTHERS = {
    "keda.sh/v1alpha1": json.loads((HERE / "keda.schema.json").read_text()),
    "monitoring.coreos.com/v1": json.loads((HERE / "podmonitor.schema.json").read_text()),
}
# Values that every set has, if it says nothing else.
BASE = {
    "queue": {"url": "https://sqs.eu-west-1.amazonaws.com/000000000000/thimble-prod-source"},
    "thumbnails": {"bucket": "thumbnails-of-mine"},
}
# Variables that the chart sets from a value of its own.
OWN = {
    "THUMBNAILS_BUCKET", "SOURCE_QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "PERMANENT_FAILURES", "PRESETS", "CONCURRENCY",
    "ENGINES", "ENGINE_SECONDS", "ENGINE_MEMORY", "SOURCE_MEMORY_BYTES",
    # One of secretVariables: it is not to be read in a deployment.
    "RESULTS_WEBHOOK_SECRET",
}


def joined(base, own):
    """Values over values, as Helm lays one file over another."""
    found = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = joined(found[key], value) if both else value
    return found


def template(helm, file):
    """Exit status, resources and words of `helm template`."""
    values, expected = yaml.safe_load_all(file.read_text())
    release = "a" * 53 if file.stem == "longest-name" else "mine"
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as given:
        json.dump(joined(BASE, values), given)
        given.flush()
        command = [helm, "template", release, CHART, "--namespace", "images", "--values", given.name]
        done = subprocess.run(command, text=True, capture_output=True, check=False)
    return file, expected, done


def find(resources, path):
    kind, _, rest = path.partition(".")
    value = resources.get(kind)
    for step in rest.split(".") if rest else []:
        value = value[int(step)] if isinstance(value, list) else (value or {}).get(step)
    return value


def accepted(file, expected, done):
    """Complaints about a set of values that is right."""
    if done.returncode:
        return [f"refused: {done.stderr.strip()}"]
    documents = [each for each in yaml.safe_load_all(done.stdout) if each]
    resources = {each["kind"]: each for each in documents}
    complaints = [f"{path} is {find(resources, path)!r}, not {value!r}"
                  for path, value in expected.items() if find(resources, path) != value]
    for each in documents:
        complaints += by_schema(each)
    return complaints + promises(resources, len(documents))


def by_schema(resource):
    kind = resource["kind"]
    try:
        if others := OTHERS.get(resource["apiVersion"]):
            jsonschema.validate(resource["spec"], {**others, "$ref": f"#/definitions/{kind}"})
        else:
            for version in KUBERNETES:
                kubernetes_validate.validate(resource, version, strict=True)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
        return [f"{kind}: {error.message}"]
    return []


def promises(resources, count):
    """Rules for every set of values."""
    pod = resources["Deployment"]["spec"]["template"]
    container, = pod["spec"]["containers"]
    guarded = container["securityContext"]
    environment = [each["name"] for each in container["env"]]
    seconds = next(int(each["value"]) for each in container["env"] if each["name"] == "ENGINE_SECONDS")
    selectors = [
        resources["Deployment"]["spec"]["selector"]["matchLabels"],
        resources.get("PodDisruptionBudget", resources["Deployment"])["spec"]["selector"]["matchLabels"],
        resources.get("NetworkPolicy", {"spec": {"podSelector": {"matchLabels": {}}}})["spec"]["podSelector"]["matchLabels"],
        resources.get("PodMonitor", resources["Deployment"])["spec"]["selector"]["matchLabels"],
    ]
    options = {each.partition("=")[0] for each in container["args"][1:]}
    probes = [container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")]
    words = {
        "every resource has a kind of its own": len(resources) == count,
        "a pod runs as nobody": pod["spec"]["securityContext"]["runAsNonRoot"] and not guarded["allowPrivilegeEscalation"],
        "nothing can be written to but /tmp": guarded["readOnlyRootFilesystem"]
        and [each["mountPath"] for each in container["volumeMounts"]] == ["/tmp"],
        "no capability is kept": guarded["capabilities"] == {"drop": ["ALL"]},
        "selectors find the pods": all(
            each.items() <= pod["metadata"]["labels"].items() for each in selectors),
        "a worker has the time to finish": pod["spec"]["terminationGracePeriodSeconds"] >= seconds + 90,
        "no variable is set twice": len(environment) == len(set(environment)),
        "the worker knows its options": options <= worker_options(),
        "probes ask the health server": set(probes) == {"/healthz"},
        "names fit into a label": all(len(each["metadata"]["name"]) <= 63 for each in resources.values()),
    }
    return [f"not so: {promise}" for promise, kept in words.items() if not kept]


def worker_options():
    """The options that host/src/cli/worker.rs declares."""
    text = (ROOT / "host/src/cli/worker.rs").read_text()
    named = set(re.findall(r'#\[arg\([^]]*long = "([\w-]+)"', text))
    fields = set(re.findall(r"#\[arg\([^]]*\blong\b(?! =)[^]]*\]\s+(?:pub(?:\(\w+\))? )?(\w+):", text))
    return {f"--{each.replace('_', '-')}" for each in named | fields}


def refused(file, expected, done):
    """Complaints about a set of values that is wrong."""
    if not done.returncode:
        return ["accepted"]
    return [] if expected in done.stderr else [f"refused without the words {expected!r}: {done.stderr.strip()}"]


def of_the_chart():
    """Complaints about the chart itself."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    page = (ROOT / "docs/operations.md").read_text().partition("<!-- begin: variables -->")[2]
    known = set(re.findall(r"^\| `([A-Z_]+)`", page.partition("<!-- end: variables -->")[0], re.MULTILINE))
    listed = set(schema["properties"]["variables"]["propertyNames"]["enum"])
    version = re.search(r'^version = "(.*)"', (ROOT / "host/Cargo.toml").read_text(), re.MULTILINE)[1]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    return [
        *(f"values.schema.json does not describe {path}" for path in undescribed(schema, values)),
        *(f"values.schema.json and docs/operations.md differ about {name}" for name in listed ^ (known - OWN)),
        *(f"Chart.yaml has another version than host/Cargo.toml: {name}" for name in ("version", "appVersion")
          if chart[name] != version),
    ]


def undescribed(schema, values, path=""):
    """Values without a description, by the schema or around it."""
    for name, value in values.items():
        own = schema["properties"].get(name, {})
        if isinstance(value, dict) and "properties" in own:
            yield from undescribed(own, value, f"{path}{name}.")
        elif "description" not in own:
            yield f"{path}{name}"


def main(helm):
    work = [(judge, file) for folder, judge in (("values", accepted), ("refused", refused))
            for file in sorted((HERE / folder).glob("*.yaml"))]
    with ThreadPoolExecutor(2) as pool:
        rendered = list(pool.map(lambda each: template(helm, each[1]), work))
    complaints = [("chart", line) for line in of_the_chart()]
    for (judge, _), (file, expected, done) in zip(work, rendered):
        complaints += [(f"{file.parent.name}/{file.stem}", line) for line in judge(file, expected, done)]
    for place, line in complaints:
        print(f"chart: {place}: {line}", file=sys.stderr)
    if complaints:
        raise SystemExit(1)
    count = {folder: sum(file.parent.name == folder for _, file in work) for folder in ("values", "refused")}
    print(f"chart: {count['values']} sets of values are right, {count['refused']} are refused")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
