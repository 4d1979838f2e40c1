"""Marks in a rendered stack, which stand where a parameter goes."""

import re

from parameters import SWITCHES, variables

STAGE = "stageofmark"
NAME = f"thimble-{STAGE}"
STORE = "engine-store-of-mark"
CONFIG = "config-of-mark/key"
TOPIC = "arn:aws:sns:us-east-1:000000000000:"
KEY = "arn:aws:kms:us-east-1:000000000000:key/"
# Parts of the values of parameters, by the marks that are left of them: the path of a store
# and of a configuration file, which follows the scheme; the names that manifests may have.
PARTS = {
    STORE: ("EnginePath", {"Fn::Select": [1, {"Fn::Split": ["s3://", {"Ref": "EngineStore"}]}]}),
    CONFIG: ("ConfigPath", {"Fn::Select": [1, {"Fn::Split": ["s3://", {"Ref": "Config"}]}]}),
    "folder-of-mark/": ("ThumbnailsFolder", {"Fn::Select": [0, {"Fn::Split": ["{", {"Ref": "ThumbnailName"}]}]}),
    "manifest-of-mark-*": ("Manifests", {"Fn::Join": ["*", {"Fn::Split": ["{key}", {"Ref": "ManifestName"}]}]}),
}


def mark(name):
    """A value of a parameter that can be found again: of the form that the parts of the stack insist on."""
    if name == "engineStore":
        return f"s3://{STORE}"
    if name == "config":
        return f"s3://{CONFIG}"
    if name in ("sourceKey", "thumbnailsKey"):
        return f"{KEY}mark-{name}"
    if name == "resultsTopic":
        return f"{TOPIC}mark-{name}"
    if name in SWITCHES:
        return "yes"
    if name == "thumbnailName":
        return "folder-of-mark/{key}"
    if name == "manifestName":
        return "manifest-of-mark-{key}"
    return f"mark-{name}-mark"


def replaced(template, parameters):
    """The template with references in the place of marks."""
    titles = {mark(each.name): each.title for each in parameters if mark(each.name) != "yes"}
    titles[NAME] = "Name"
    names = titles | {part: name for part, (name, _) in PARTS.items()}
    pattern = re.compile("|".join(re.escape(each) for each in names))

    def text(value, substituted):
        if not pattern.search(value):
            return {"Fn::Sub": value} if substituted else value
        if value in titles:
            return {"Ref": titles[value]}
        found = pattern.sub(lambda hit: "${%s}" % names[hit[0]], value)
        parts = {name: part for name, part in PARTS.values() if "${%s}" % name in found}
        return {"Fn::Sub": [found, parts] if parts else found}

    def walk(value):
        if isinstance(value, str):
            return text(value, False)
        if isinstance(value, list):
            return [walk(each) for each in value]
        if isinstance(value, dict):
            if list(value) == ["Fn::Sub"]:
                return text(value["Fn::Sub"], True)
            return {key: walk(each) for key, each in value.items()}
        return value

    return walk(template)


def with_variables(template):
    """The template whose functions get each variable of a parameter from that parameter, whatever the shape."""
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        own = resource["Properties"]["Environment"]["Variables"]
        for variable, parameter in variables().items():
            if variable in own:
                own[variable] = {"Ref": parameter[0].upper() + parameter[1:]}
        archive = "generate-thumbnails" if "PRESETS" in own else "redrive-dlq"
        resource["Properties"]["Code"] = {
            "S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Fn::Sub": "${CodePrefix}%s.zip" % archive},
        }
    return template
