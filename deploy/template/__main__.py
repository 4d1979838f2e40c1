"""The stack as one template of CloudFormation, with parameters of its own.

    template render OSLS FILE     renders serverless.yml in each of its shapes, and joins them
    template compare OSLS FILE    compares the template with what osls makes of the same parameters, and the
                                  descriptions of its parameters with the values that these take

OSLS is the program. serverless.yml and deploy/ stay the one source: a parameter, a
variable or a resource that is added there is in the template without a change here.
"""

import json
import sys
from pathlib import Path

from evaluate import differences, evaluate
from examples import refused
from join import join
from parameters import FEATURES, bounds, code, described, groups
from render import FILE, Renderer, own_part
from sentinels import replaced, with_variables

# The combinations of which the joined template is made: all features off, each of
# them alone, and those that only show together.
SHAPES = [
    (), *((name,) for name in FEATURES), ("existingBucket", "propagateDeletes"), ("manifests", "manifestName"),
]

# The longest template that CloudFormation takes without a bucket to fetch it from, in bytes.
LONGEST = 51_200

# Parameters of stacks that no shape above has: the joined template has to make of
# them what osls does.
ON = {
    "propagateDeletes": "yes", "skipExisting": "yes", "engineStore": "s3://engines-of-mine/a/b",
    "engineKeys": "ed25519:00", "config": "s3://settings-of-mine/a/thimble.toml", "alarmTopic": "arn:aws:sns:us-east-1:000000000000:alarms",
    "sourceKey": "arn:aws:kms:us-east-1:000000000000:key/of-sources",
    "thumbnailsKey": "arn:aws:kms:us-east-1:000000000000:key/of-thumbnails",
}
STACKS = {
    "defaults": {},
    "no manifests": {"manifests": "no", "thumbnailName": "small/{key}-{preset}.{ext}"},
    "results": {"queueResults": "yes"},
    "a topic": {"resultsTopic": "arn:aws:sns:us-east-1:000000000000:results"},
    "manifests": {"manifestName": "small/of {key}.json", "thumbnailName": "small/{key}-{preset}.{ext}"},
    "everything": {**ON, "memory": "2048", "architecture": "arm64", "maxConcurrency": "50", "alarmAge": "60"},
    "existing": {**ON, "existingBucket": "photos-of-mine", "requestPayer": "requester", "presets": "a=10x10,png"},
}


def render(osls, file):
    parameters = described()
    titles = {each.name: each.title for each in parameters}
    renderer = Renderer(osls)
    shapes = renderer.render_all({shape: renderer.sentinels(parameters, shape) for shape in SHAPES})
    joined, conditions = join({frozenset(shape): own_part(found) for shape, found in shapes.items()})
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Thimble: thumbnails of the images in a bucket, made in a sandbox",
        "Metadata": {"AWS::CloudFormation::Interface": groups(parameters)},
        "Parameters": {**code(), **{each.title: bounds(each, titles) for each in parameters}},
        "Conditions": conditions,
        **with_variables(replaced(joined, parameters)),
    }
    # The needs of a file that is known are decided: that object has to be named.
    if FILE:
        config = template["Parameters"]["Config"]
        del config["Default"]
        config["AllowedPattern"] = r"^s3://[^/*?]+/[^*?]+$"
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(template, indent=1) + "\n"
    if len(text.encode()) > LONGEST:
        text = json.dumps(template, separators=(",", ":")) + "\n"
    if len(text.encode()) > LONGEST:
        raise SystemExit(f"template: it has {len(text.encode())} bytes, and CloudFormation takes {LONGEST} from a file")
    Path(file).write_text(text)
    print(f"{file}: {len(template['Parameters'])} parameters, {len(template['Resources'])} resources")


def compare(osls, file):
    template = json.loads(Path(file).read_text())
    titles = {each.name: each.title for each in described()}
    renderer = Renderer(osls)
    lines = refused(template)
    print("descriptions: " + ("the values in them are taken" if not lines else f"{len(lines)} mistakes"))
    for line in lines:
        print(f"  {line}", file=sys.stderr)
    failed = bool(lines)
    of_file = {"config": ON["config"]} if FILE else {}
    stacks = {name: of_file | given for name, given in STACKS.items()}
    for name, expected in renderer.render_all({tuple([name]): given for name, given in stacks.items()}).items():
        given = {titles[key]: value for key, value in stacks[name[0]].items()}
        given |= {"Name": renderer.name, "CodeBucket": "code"}
        found = differences(own_part(expected), evaluate(template, given))
        print(f"{name[0]}: " + ("the same as by osls" if not found else f"{len(found)} differences"))
        for line in found:
            print(f"  {line}", file=sys.stderr)
        failed |= bool(found)
    if failed:
        raise SystemExit("template: the template is not the stack that serverless.yml makes; see above")


TASKS = {"render": render, "compare": compare}

if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in TASKS:
        raise SystemExit(__doc__)
    TASKS[sys.argv[1]](*sys.argv[2:])
