"""What a deployed stack is asked and told, beyond what osls does.

    stack.py outputs STACK              its outputs, as variables of a shell
    stack.py upload STACK FILE...       files into the source bucket, by their paths below the folder FILE
    stack.py thumbnails STACK           how many thumbnails there are, and the first of them
    stack.py dead-letters STACK         up to ten of them, and why they are there
    stack.py invoke FUNCTION PAYLOAD    the answer of a function
    stack.py log FUNCTION WORD          the lines of its log, of objects, that hold the word
    stack.py forbid STACK ROLE SID      takes one statement from the policy of a role
    stack.py permit STACK ROLE POLICY   writes the policy that `forbid` printed
"""

import inspect
import json
import os
import sys
from pathlib import Path

import botocore.exceptions as refusals
import botocore.session
from botocore.config import Config

SESSION = botocore.session.get_session()


def client(service):
    if not SESSION.get_config_variable("region"):
        SESSION.set_config_variable("region", "us-east-1")
    return SESSION.create_client(service, config=Config(s3={"addressing_style": "auto"}, read_timeout=330))


def read_outputs(stack):
    described = client("cloudformation").describe_stacks(StackName=stack)
    return {each["OutputKey"]: each["OutputValue"] for each in described["Stacks"][0].get("Outputs", [])}


def read_output(stack, name):
    found = read_outputs(stack)
    if name not in found:
        raise SystemExit(f"stack: {stack} has no output {name}: it is no stack of Thimble's, or not deployed yet")
    return found[name]


def outputs(stack):
    for name, value in sorted(read_outputs(stack).items()):
        words = "".join("_" + letter if letter.isupper() else letter for letter in name)
        print(f"export THIMBLE{words.upper()}='{value}'")


def upload(stack, *roots):
    s3, bucket = client("s3"), read_output(stack, "SourceBucketName")
    for root in map(Path, roots):
        if not root.exists():
            raise SystemExit(f"stack: there is no such file or folder: {root}")
        files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
        for path in files:
            key = path.name if path == root else path.relative_to(root).as_posix()
            s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
            print(f"s3://{bucket}/{key}")


def thumbnails(stack):
    s3, bucket = client("s3"), read_output(stack, "ThumbnailsBucketName")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [each for page in pages for each in page.get("Contents", [])]
    for each in found[:60]:
        print(f"{each['Size']:>9}  s3://{bucket}/{each['Key']}")
    print(f"{len(found)} thumbnails")


def dead_letters(stack):
    sqs, queue = client("sqs"), read_output(stack, "DeadLetterQueueUrl")
    # Visible again at once: to look at them is not to take them.
    received = sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=1,
        MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"],
    )
    letters = received.get("Messages", [])
    for letter in letters:
        said = {name: each.get("StringValue") for name, each in letter.get("MessageAttributes", {}).items()}
        print(json.dumps({"id": letter["MessageId"], "attributes": said, "body": letter["Body"]}, ensure_ascii=False))
    print(f"{len(letters)} dead letters shown", file=sys.stderr)


def invoke(function, payload):
    answer = client("lambda").invoke(FunctionName=function, Payload=payload.encode())
    print(answer["Payload"].read().decode())
    if "FunctionError" in answer:
        raise SystemExit(1)


def log(function, word):
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    for page in pages:
        for event in page["events"]:
            if word in event["message"]:
                print(event["message"].rstrip("\n"))


def role_of(stack, logical_id):
    found = client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    return found["StackResourceDetail"]["PhysicalResourceId"]


def forbid(stack, logical_id, sid):
    iam, role = client("iam"), role_of(stack, logical_id)
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    rest = [statement for statement in policy["Statement"] if statement["Sid"] != sid]
    if len(rest) == len(policy["Statement"]):
        raise SystemExit(f"stack: {role} has no such statement: {sid}")
    less = json.dumps({**policy, "Statement": rest})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=less)
    print(json.dumps(policy))


def permit(stack, logical_id, policy):
    iam, role = client("iam"), role_of(stack, logical_id)
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)


TASKS = {
    "outputs": outputs, "upload": upload, "thumbnails": thumbnails, "dead-letters": dead_letters,
    "invoke": invoke, "log": log, "forbid": forbid, "permit": permit,
}

# Codes of AWS by what somebody can do about them.
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN_KEY = {"InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def remedy(error, name):
    """What is missing, and what to do next; `name` is the stack or function that was asked."""
    if isinstance(error, (refusals.NoCredentialsError, refusals.PartialCredentialsError)):
        return (
            "no credentials are found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            " (`make local` prints those of the emulator)"
        )
    if isinstance(error, (refusals.ConnectionError, refusals.HTTPClientError)):
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        where = f"AWS_ENDPOINT_URL ({endpoint})" if endpoint else "the network and AWS_REGION"
        return f"nothing answers; check {where}: {error}"
    if not isinstance(error, refusals.ClientError):
        return str(error)
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if "does not exist" in message or code in {"ResourceNotFoundException", "ResourceNotFound"}:
        return (
            f"there is no {name} in this account and region; check STAGE and AWS_REGION, or deploy it first:"
            " make deploy STAGE=..."
        )
    if code in EXPIRED:
        return "the credentials have expired; sign in again"
    if code in UNKNOWN_KEY:
        return f"AWS does not know these credentials; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: {message}"
    if code in DENIED:
        return f"access denied; use credentials that may ask for this: {message}"
    return f"{code}: {message}"


def main(arguments):
    task = TASKS.get(arguments[0]) if arguments else None
    try:
        inspect.signature(task).bind(*arguments[1:])
    except TypeError:
        raise SystemExit(__doc__) from None
    try:
        task(*arguments[1:])
    except (refusals.BotoCoreError, refusals.ClientError) as error:
        name = arguments[1] if len(arguments) > 1 else ""
        raise SystemExit(f"stack: {remedy(error, name)}") from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main(sys.argv[1:])
