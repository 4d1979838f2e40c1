"""Parameters of the stack, as serverless.yml and docs/operations.md have them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Parameters that decide about the shape of the stack, by the name of their
# condition: something is there, or is not.
FEATURES = {
    "existingBucket": "HasExistingBucket",
    "propagateDeletes": "PropagatesDeletes",
    "skipExisting": "SkipsExisting",
    "manifests": "WritesManifests",
    "manifestName": "HasManifestName",
    "queueResults": "QueuesResults",
    "resultsTopic": "HasResultsTopic",
    "engineStore": "HasEngineStore",
    "config": "HasConfig",
    "sourceKey": "HasSourceKey",
    "thumbnailsKey": "HasThumbnailsKey",
    "alarmTopic": "HasAlarmTopic",
}

# Features that are on or off; the others are on where they have a value.
SWITCHES = ("propagateDeletes", "skipExisting", "manifests", "queueResults")

# They make rules of a notification, one for each pair. A template cannot count, so
# here they are variables of the function alone, which leaves other keys alone.
UNFILTERED = ("keyPrefixes", "keySuffixes")

# They are for the packaging alone: the template has what came of them.
PACKAGING = ("configFile",)

KEY = r"^$|^arn:[\w-]+:kms:[\w-]+:\d{12}:key/[\w-]+$"
TOPIC = r"^$|^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(\.fifo)?$"
ARN = r"^$|^arn:[\w-]+:.*"

# Values that AWS, or the program, takes.
BOUNDS = {
    "architecture": {"AllowedValues": ["x86_64", "arm64"]},
    "memory": {"MinValue": 128, "MaxValue": 10240},
    "timeout": {"MinValue": 1, "MaxValue": 900},
    "visibility": {"MinValue": 0, "MaxValue": 43200},
    "logRetention": {"AllowedValues": [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]},
    "logLevel": {"AllowedValues": ["error", "warn", "info", "debug"]},
    "batchSize": {"MinValue": 1, "MaxValue": 10000},
    "batchWindow": {"MinValue": 0, "MaxValue": 300},
    "maxConcurrency": {"MinValue": 2, "MaxValue": 1000},
    "maxReceiveCount": {"MinValue": 1, "MaxValue": 1000},
    "requestPayer": {"AllowedValues": ["bucket-owner", "requester"]},
    "skipExisting": {"AllowedValues": ["yes", "no"]},
    "propagateDeletes": {"AllowedValues": ["yes", "no"]},
    "manifests": {"AllowedValues": ["yes", "no"]},
    "queueResults": {"AllowedValues": ["yes", "no"]},
    "resultsTopic": {
        "AllowedPattern": TOPIC, "ConstraintDescription": "arn:aws:sns:REGION:ACCOUNT:NAME"},
    "resultsWebhookSecret": {"NoEcho": True},
    "rejectedManifests": {"AllowedValues": ["yes", "no"]},
    "permanentFailures": {"AllowedValues": ["retry", "dead-letter"]},
    "existingBucket": {
        "AllowedPattern": r"^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "ConstraintDescription": "the name of a bucket"},
    "engineStore": {
        "AllowedPattern": r"^$|^s3://[^/*?]+(/[^/*?]+)*$",
        "ConstraintDescription": "s3://BUCKET/PREFIX, without a slash at its end"},
    # A condition cannot tell a channel from an object, so the file is an object here.
    "config": {"AllowedPattern": r"^$|^s3://[^/*?]+/[^*?]+$", "ConstraintDescription": "s3://BUCKET/KEY"},
    "sourceKey": {"AllowedPattern": KEY, "ConstraintDescription": "arn:aws:kms:REGION:ACCOUNT:key/ID"},
    "thumbnailsKey": {"AllowedPattern": KEY, "ConstraintDescription": "arn:aws:kms:REGION:ACCOUNT:key/ID"},
    "tracesEndpoint": {
        "AllowedPattern": r"^$|^https?://[^\s/]+.*$", "ConstraintDescription": "http://HOST:PORT or https://HOST:PORT"},
    "tracesHeaders": {"NoEcho": True},
    "alarmTopic": {"AllowedPattern": ARN, "ConstraintDescription": "the ARN of a topic"},
}


# Purposes of variables that take more than a parameter does, as far as they are those of the parameter.
REASONS = {
    "config": "the configuration file, s3://BUCKET/KEY, which says by rules which sources get which thumbnails; a parameter "
              "that is set, and not to its default, holds for every source, whatever the file says",
    "engineStore": "s3://BUCKET/PREFIX where engines are published; without it there is only the engine of the package",
}


@dataclass
class Parameter:
    """One parameter; `default` is a number, a text, or None where it has to be left out."""

    name: str
    group: str
    default: object
    reason: str

    @property
    def title(self):
        return self.name[0].upper() + self.name[1:]


def described():
    """The parameters of serverless.yml in their order, each with a reason."""
    text = (ROOT / "serverless.yml").read_text()
    block = text.partition("\n  default:\n")[2].partition("\n  # For the emulator")[0]
    by_parameter = {parameter: variable for variable, parameter in variables().items()}
    reasons, found, group = reasons_of_variables(), [], ""
    for line in block.splitlines():
        if heading := re.fullmatch(r"    # ([A-Z].*?)\.(?: .*)?", line):
            group = heading[1]
        elif parameter := re.fullmatch(r"    (# )?([a-z]\w*):(.*?)(?: # (.*))?", line):
            optional, name, value, reason = parameter.groups()
            if name in PACKAGING:
                continue
            reason = reason or REASONS.get(name) or reasons.get(by_parameter.get(name))
            if not reason:
                raise SystemExit(f"template: {name} of serverless.yml has no reason; run `make documents`")
            found.append(Parameter(name, group, None if optional else scalar(value.strip()), reason))
    return found


def scalar(text):
    return int(text) if text.isdigit() else text.strip("'")


def variables():
    """The parameter of each variable of the function."""
    text = (ROOT / "serverless.yml").read_text()
    return dict(re.findall(r"^ +([A-Z_]+): \$\{param:(\w+)\}$", text, re.MULTILINE))


def reasons_of_variables():
    """The purpose of each variable, from the table that the code writes."""
    page = (ROOT / "docs/operations.md").read_text()
    table = page.partition("<!-- begin: variables -->")[2].partition("<!-- end: variables -->")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): " | ".join(row[3:]) for row in rows}


def code():
    """Parameters that osls has no need for, because it uploads the code and knows its stage."""
    return {
        "Name": {
            "Type": "String", "Default": "thimble", "AllowedPattern": "^[a-z][a-z0-9-]{0,27}$",
            "ConstraintDescription": "28 lower-case letters, digits and hyphens at most",
            "Description": "the beginning of the names of all resources; another one for each stack of an account",
        },
        "CodeBucket": {
            "Type": "String",
            "Description": "the bucket with generate-thumbnails.zip and redrive-dlq.zip, in the region of the stack",
        },
        "CodePrefix": {
            "Type": "String", "Default": "",
            "Description": "the beginning of the keys of the two; another one for each version, or a change of the "
                           "code is none for CloudFormation",
        },
    }


def bounds(parameter, titles):
    """One parameter of the template; `titles` are the names of all."""
    number = isinstance(parameter.default, int)
    reason = re.sub(r"`(\w+)`", lambda word: f"`{titles.get(word[1], word[1])}`", parameter.reason)
    if parameter.name in UNFILTERED:
        reason += "; all keys send events, because the filters of notifications are not in this template"
    return {
        "Type": "Number" if number else "String",
        "Default": "" if parameter.default is None else parameter.default,
        "Description": reason,
        **BOUNDS.get(parameter.name, {"MinValue": 0} if number else {}),
    }


def groups(parameters):
    """The order of a form in the console."""
    by_group = {"The stack": list(code())}
    for each in parameters:
        by_group.setdefault(each.group, []).append(each.title)
    return {
        "ParameterGroups": [
            {"Label": {"default": label}, "Parameters": titles} for label, titles in by_group.items()
        ]
    }
