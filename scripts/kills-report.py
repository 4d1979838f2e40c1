"""The section `kills` of a document, from what kills.py printed: kills-report.py DOCUMENT LOG... Rows of stages that
were not played stay."""

import json
import pathlib
import sys

HEAD = """\
| stage | images | replaced | no images | listener killed | worker | broker | lost | stale | letters | seconds |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""


def row(result):
    killed = result["killed"]
    cells = [result["images"], result["replaced"], result["bad"], killed["listener"], killed["worker"], killed["broker"],
             result["lost"], result["stale"], result["letters"], result["seconds"]]
    return f"| `{result['stage']}` | {' | '.join(map(str, cells))} |"


def main():
    document, *logs = map(pathlib.Path, sys.argv[1:])
    text = document.read_text()
    begin, end = "<!-- begin: kills -->\n", "<!-- end: kills -->"
    before, _, rest = text.partition(begin)
    section, _, after = rest.partition(end)
    rows = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
    for log in logs:
        result = json.loads(log.read_text().splitlines()[-1])
        rows[result["stage"]] = row(result)
    table = "".join(f"{line}\n" for _, line in sorted(rows.items()))
    document.write_text(f"{before}{begin}{HEAD}{table}{end}{after}")


main()
