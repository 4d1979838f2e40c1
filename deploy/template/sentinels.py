"""Marks in a rendered stack, which stand where a parameter goes."""

import re

from parameters import variables

STAGE = "stageofmark"
NAME = f"thimble-{STAGE}"
STORE = "engine-store-of-mark"
KEY = "arn:aws:kms:us-east-1:000000000000:key/"
# The path of a store, which follows the scheme.
PATH = {"Fn::Select": [1, {"Fn::Split": ["s3://", {"Ref": "EngineStore"}]}]}


def mark(name):
    """A value of a parameter that can be found again: of the form that the parts of the stack insist on."""
    if name == "engineStore":
        return f"s3://{STORE}"
    if name in ("sourceKey", "thumbnailsKey"):
        return f"{KEY}mark-{name}"
    if name in ("propagateDeletes", "skipExisting"):
        return "yes"
    return f"mark-{name}-mark"


def replaced(template, parameters):
    """The template with references in the place of marks."""
    titles = {mark(each.name): each.title for each in parameters if mark(each.name) != "yes"}
    titles[NAME] = "Name"
    pattern = re.compile("|".join(re.escape(each) for each in [*titles, STORE]))

    def text(value, substituted):
        if not pattern.search(value):
            return {"Fn::Sub": value} if substituted else value
        if value in titles:
            return {"Ref": titles[value]}
        found = pattern.sub(lambda hit: "${%s}" % titles.get(hit[0], "EnginePath"), value)
        return {"Fn::Sub": [found, {"EnginePath": PATH}] if "${EnginePath}" in found else found}

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
