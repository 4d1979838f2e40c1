"""Deploys the template to an emulator, as somebody without a checkout would, and waits for thumbnails. Then the stack
is updated to archives under another prefix, and goes back, as docs/upgrading.md has it: all of its names stay.

    trial.py TEMPLATE PACKAGES IMAGE

PACKAGES is the folder with the two archives. AWS_ENDPOINT_URL has to be of this
machine, because the names are fixed.
"""

import json
import os
import sys
import time
from pathlib import Path

import botocore.session

NAME = "thimble-static"
VERSIONS = ("first/", "second/")
PATIENCE = 60  # seconds until the thumbnails have to be there


def client(service):
    return botocore.session.get_session().create_client(service)


def upload_code(packages):
    s3, bucket = client("s3"), f"{NAME}-code"
    s3.create_bucket(Bucket=bucket)
    for archive in ("generate-thumbnails.zip", "redrive-dlq.zip"):
        for prefix in VERSIONS:
            s3.put_object(Bucket=bucket, Key=prefix + archive, Body=(Path(packages) / archive).read_bytes())
    return bucket


def with_numbers(template, given):
    """The template with numbers in the place of references to them, which the emulator takes as texts.

    Variables of a function are texts in any case.
    """
    numbers = {
        name: int(given.get(name, each["Default"]))
        for name, each in template["Parameters"].items() if each["Type"] == "Number"
    }

    def walk(value):
        if isinstance(value, dict):
            if list(value) == ["Ref"] and value["Ref"] in numbers:
                return numbers[value["Ref"]]
            return {key: each if key == "Variables" else walk(each) for key, each in value.items()}
        return [walk(each) for each in value] if isinstance(value, list) else value

    return json.dumps({**template, "Resources": walk(template["Resources"])})


def deploy(template, given, change="create"):
    """The outputs of the stack. A change keeps each parameter that is not given."""
    cloud, template = client("cloudformation"), json.loads(Path(template).read_text())
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    values = dict(given)
    if change == "update":
        stack = cloud.describe_stacks(StackName=NAME)["Stacks"][0]
        kept = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"] if each["ParameterKey"] not in given}
        parameters += [{"ParameterKey": key, "UsePreviousValue": True} for key in kept]
        values |= kept
    getattr(cloud, f"{change}_stack")(
        StackName=NAME, TemplateBody=with_numbers(template, values), Capabilities=["CAPABILITY_IAM"], Parameters=parameters,
    )
    waiter = cloud.get_waiter(f"stack_{change}_complete")
    waiter.wait(StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE})
    outputs = cloud.describe_stacks(StackName=NAME)["Stacks"][0]["Outputs"]
    return {each["OutputKey"]: each["OutputValue"] for each in outputs}


def wait_for(bucket, wanted):
    s3, end, found = client("s3"), time.monotonic() + PATIENCE, []
    while time.monotonic() < end:
        found = sorted(each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []))
        if found == wanted:
            return
        time.sleep(0.2)
    raise SystemExit(f"trial: {wanted} are wanted in {bucket} after {PATIENCE} s, {found} are there")


def main(template, packages, image):
    if not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:"):
        raise SystemExit("trial: set AWS_ENDPOINT_URL to an emulator of this machine; see scripts/stack.sh")
    first, second = VERSIONS
    outputs = deploy(template, {
        "Name": NAME, "CodeBucket": upload_code(packages), "CodePrefix": first, "Memory": "1024", "BatchWindow": "0",
        "Presets": "icon=96x96,cover,webp wide=320x", "SkipExisting": "yes", "PropagateDeletes": "yes",
    })
    wanted = []
    # Up, and back again: what was made stays, and what comes is made.
    for version in (None, second, first):
        if version and deploy(template, {"CodePrefix": version}, "update") != outputs:
            raise SystemExit(f"trial: {NAME} has other names after an update to {version}")
        # `+` and a blank say that keys arrive as they are.
        key = f"a b+c/{len(wanted)}/{Path(image).name}"
        client("s3").put_object(Bucket=outputs["SourceBucketName"], Key=key, Body=Path(image).read_bytes())
        wanted += [f"{key}/icon.webp", f"{key}/manifest.json", f"{key}/wide.jpg"]
        wait_for(outputs["ThumbnailsBucketName"], wanted)
    print(f"{NAME} is deployed from {template}, updated and rolled back, and made all thumbnails and manifests of 3 images")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
