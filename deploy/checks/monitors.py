"""Compares what watches a worker with what there is to watch.

    monitors.py PROMTOOL

The rules of Prometheus have the meaning of the alarms of CloudWatch, and each of them is
replayed. Rules and dashboard ask for metrics and labels that docs/operations.md lists,
which are those of the code. Each query of the dashboard is one.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[1]
ROOT = DEPLOY.parent
PROMETHEUS, DASHBOARD = DEPLOY / "prometheus", DEPLOY / "grafana/dashboard.json"
# Series and labels that Prometheus itself makes.
ITS_OWN, ITS_LABELS = {"up"}, {"job", "instance", "le"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


def listed():
    """By name of a series that is exported, its labels."""
    page = (ROOT / "docs/operations.md").read_text().partition("<!-- begin: metrics -->")[2]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \| \d+ \|", page.partition("<!-- end: metrics -->")[0], re.MULTILINE)
    return {name + suffix: set(re.findall(r"`(\w+)`", labels))
            for name, kind, labels in rows for suffix in SUFFIXES.get(kind, [""])}


def asked(expression):
    """Names of series in a query, and of labels it chooses or groups by."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    names = set(re.findall(r"\b(?:(?:thimble|process)_\w+|up)\b", bare))
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"\"", bare))
    for group in re.findall(r"\b(?:by|without|on)\s*\(([^)]*)\)", bare):
        labels |= {label.strip() for label in group.split(",")}
    return names, labels


def unknown(place, expression, exported, recorded):
    names, labels = asked(expression)
    known = ITS_LABELS.union(*(exported.get(name, set()) for name in names))
    yield from (f"{place} asks for {name}, which nothing exports" for name in names - ITS_OWN - exported.keys())
    yield from (f"{place} asks for the label {label}, which {', '.join(sorted(names))} do not have"
                for label in labels - known if names)
    yield from (f"{place} asks for {name}, which no rule records"
                for name in set(re.findall(r"\b\w+:\w+", expression)) - recorded)


def alarms():
    """By name of an alarm of CloudWatch, the numbers that its rule needs."""
    code, stack = (DEPLOY / "alarms.js").read_text(), (ROOT / "serverless.yml").read_text()
    days = re.search(r"^const LETTER_DAYS = (\d+);", code, re.MULTILINE)[1]
    age = re.search(r"^    alarmAge: (\d+)", stack, re.MULTILINE)[1]
    numbers = {"dead-letter-age": [f"{days} * 24 * 60 * 60", f"[{days}d]"], "age": [f"> {age}"]}
    return {name: numbers.get(name, []) for name in re.findall(r"^    name: '(.*)',", code, re.MULTILINE)}


def of_the_rules(rules, wanted):
    by_alarm = {}
    for rule in rules:
        if "alert" in rule:
            by_alarm.setdefault(rule["labels"].get("alarm"), []).append(rule)
    yield from (f"no rule, or more than one, has the meaning of the alarm {name}"
                for name in wanted if len(by_alarm.get(name, [])) != 1)
    yield from (f"{name} is no alarm of deploy/alarms.js" for name in by_alarm.keys() - wanted.keys())
    yield from (f"the rule for {name} lacks the number of its alarm: {number}"
                for name, numbers in wanted.items() for number in numbers
                for rule in by_alarm.get(name, []) if number not in rule["expr"])


def of_the_tests(rules):
    replayed = [(case["alertname"], bool(case["exp_alerts"]))
                for file in sorted(PROMETHEUS.glob("tests*.yml"))
                for test in yaml.safe_load(file.read_text())["tests"] for case in test["alert_rule_test"]]
    for rule in rules:
        if "alert" in rule:
            for fires, word in ((True, "fire"), (False, "be silent")):
                if (rule["alert"], fires) not in replayed:
                    yield f"no test lets {rule['alert']} {word}"


def of_the_dashboard(promtool, panels):
    ids = [panel["id"] for panel in panels]
    if len(ids) != len(set(ids)):
        yield "two panels of the dashboard have one id"
    # A query is a rule as well, and promtool reads rules.
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    plain = [query.replace("$__rate_interval", "5m").replace("$job", "thimble") for query in queries]
    rules = [{"record": f"query:{at}", "expr": query} for at, query in enumerate(plain)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
        file.flush()
        done = subprocess.run([promtool, "check", "rules", file.name], text=True, capture_output=True, check=False)
    if done.returncode:
        yield f"the dashboard has what is no query: {done.stderr.strip()}"


def main(promtool):
    exported, dashboard = listed(), json.loads(DASHBOARD.read_text())
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    panels = dashboard["panels"]
    queries = [(f"rules.yml, {rule.get('alert') or rule['record']},", rule["expr"]) for rule in rules]
    queries += [(f"dashboard.json, {panel['title']},", target["expr"]) for panel in panels for target in panel["targets"]]
    complaints = [line for place, query in queries for line in unknown(place, query, exported, recorded)]
    complaints += [*of_the_rules(rules, alarms()), *of_the_tests(rules), *of_the_dashboard(promtool, panels)]
    shown = {name for _, query in queries for name in asked(query)[0]}
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in shown}
    complaints += [f"neither rule nor dashboard shows {name}" for name in exported
                   if re.sub("_(bucket|sum|count)$", "", name) not in families and not name.endswith("_time_seconds")]
    for line in complaints:
        print(f"monitors: {line}", file=sys.stderr)
    if complaints or len(exported) < 10:
        raise SystemExit(1)
    print(f"monitors: {len(queries)} queries ask for {len(families)} metrics, all of which are exported")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
