"""Questions and orders to a deployed stack, beyond those of osls.

    stack.py outputs STACK              its outputs, as variables of a shell
    stack.py upload STACK FILE...       files into the source bucket, by their paths below the folder FILE
    stack.py versions STACK             the SHA-256 of the package of each function, and the time it came
    stack.py thumbnails STACK           the number of thumbnails, and the first of them
    stack.py dead-letters STACK         up to ten of them, with their reasons
    stack.py invoke FUNCTION PAYLOAD    the answer of a function
    stack.py log FUNCTION WORD          the lines of its log, of objects, that hold the word
    stack.py forbid STACK ROLE SID      takes one statement from the policy of a role
    stack.py permit STACK ROLE POLICY   writes the policy that `forbid` printed
"""

import base64
import inspect
import json
import os
import sys
from pathlib import Path

try:
    import botocore.exceptions as refusals
    import botocore.session
    from botocore.config import Config
    from botocore.parsers import ResponseParserError
except ModuleNotFoundError as error:
    raise SystemExit(f"stack: {error.name} is missing; `scripts/stack.sh ask` installs and uses its own") from None

SESSION = botocore.session.get_session()


def client(service):
    if not SESSION.get_config_variable("region"):
        SESSION.set_config_variable("region", "us-east-1")
    try:
        return SESSION.create_client(service, config=Config(s3={"addressing_style": "auto"}, read_timeout=330))
    except ValueError as error:
        # A mistake in the configuration has a remedy of its own.
        if isinstance(error, refusals.BotoCoreError):
            raise
        raise SystemExit(f"stack: this is no address; check AWS_ENDPOINT_URL: {error}") from None


def read_outputs(stack):
    described = client("cloudformation").describe_stacks(StackName=stack)
    return {each["OutputKey"]: each["OutputValue"] for each in described["Stacks"][0].get("Outputs", [])}


def read_output(stack, name):
    found = read_outputs(stack)
    if name not in found:
        raise SystemExit(f"stack: {stack} has no output {name}: it is no stack of Thimble's, or not deployed yet")
    return found[name]


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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


def versions(stack):
    for name in ["GenerateThumbnailsFunction", "RedriveFunction"]:
        function = read_output(stack, name)
        about = client("lambda").get_function_configuration(FunctionName=function)
        print(f"{base64.b64decode(about['CodeSha256']).hex()}  {function}  {about['LastModified']}")


def thumbnails(stack):
    s3, bucket = client("s3"), read_output(stack, "ThumbnailsBucketName")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [each for page in pages for each in page.get("Contents", [])]
    # A manifest is about thumbnails, and none.
    found = [each for each in found if not each["Key"].endswith(".json")]
    for each in found[:60]:
        print(f"{each['Size']:>9}  s3://{bucket}/{each['Key']}")
    print(plural(len(found), "thumbnail"))


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
    print(f"{plural(len(letters), 'dead letter')} shown", file=sys.stderr)


def invoke(function, payload):
    try:
        json.loads(payload)
    except ValueError as error:
        raise SystemExit(f'stack: the payload is not JSON; write it like PAYLOAD=\'{{"max":10}}\': {error}') from None
    answer = client("lambda").invoke(FunctionName=function, Payload=payload.encode())
    print(answer["Payload"].read().decode())
    if "FunctionError" in answer:
        raise SystemExit("stack: the function failed; its answer above says why, and its log says more")


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
    "outputs": outputs, "upload": upload, "versions": versions, "thumbnails": thumbnails,
    "dead-letters": dead_letters, "invoke": invoke, "log": log, "forbid": forbid, "permit": permit,
}

# Codes of AWS by the remedy.
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN_KEY = {"InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
GONE = {"NoSuchBucket", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}

# Failures before AWS is asked, by the remedy.
NO_CREDENTIALS = (refusals.NoCredentialsError, refusals.PartialCredentialsError)
SIGNED_OUT = (
    refusals.SSOError, refusals.TokenRetrievalError, refusals.CredentialRetrievalError,
    refusals.RefreshWithMFAUnsupportedError,
)
BROKEN_CONFIGURATION = (refusals.ConfigParseError, refusals.ConfigNotFound, refusals.InvalidConfigError)


def remedy(error, name):
    """The thing that is missing and the next step; `name` is the stack or function that was asked."""
    if isinstance(error, refusals.ClientError):
        return remedy_of_answer(error.response["Error"], name)
    if isinstance(error, NO_CREDENTIALS):
        return (
            "no credentials are found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            " (`make local` prints those of the emulator)"
        )
    if isinstance(error, refusals.ProfileNotFound):
        return f"there is no such profile; check AWS_PROFILE: {error}"
    if isinstance(error, SIGNED_OUT):
        return f"the credentials cannot be renewed; sign in again: {error}"
    if isinstance(error, BROKEN_CONFIGURATION):
        return f"the configuration of AWS cannot be read; check AWS_CONFIG_FILE or ~/.aws/config: {error}"
    if isinstance(error, (refusals.NoRegionError, refusals.InvalidRegionError)):
        return f"there is no such region; check AWS_REGION and AWS_DEFAULT_REGION: {error}"
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    where = f"AWS_ENDPOINT_URL ({endpoint})" if endpoint else "the network and AWS_REGION"
    if isinstance(error, (refusals.ConnectionError, refusals.HTTPClientError)):
        return f"nothing answers; check {where}: {error}"
    if isinstance(error, ResponseParserError):
        return f"something answers that is not AWS; check {where}"
    if isinstance(error, OSError):
        return f"a file cannot be read; check its name and its permissions: {error}"
    return str(error)


def remedy_of_answer(answer, name):
    """The same for a refusal of AWS itself."""
    code, message = answer["Code"], answer.get("Message", "")
    if code in GONE:
        return f"a part of {name} is gone; deploy it again, or check AWS_REGION: {message}"
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
    return f"AWS refuses with {code}; try again, or mend what it names: {message}"


def main(arguments):
    task = TASKS.get(arguments[0]) if arguments else None
    try:
        inspect.signature(task).bind(*arguments[1:])
    except TypeError:
        raise SystemExit(__doc__) from None
    try:
        task(*arguments[1:])
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except (refusals.BotoCoreError, refusals.ClientError, ResponseParserError, OSError) as error:
        name = arguments[1] if len(arguments) > 1 else ""
        # Some refusals have several lines.
        raise SystemExit("stack: " + " ".join(remedy(error, name).split())) from None


if __name__ == "__main__":
    main(sys.argv[1:])
