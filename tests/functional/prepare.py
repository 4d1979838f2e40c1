"""Makes what stacks of other deployments need: the buckets that thimble.toml beside this file names, the object that
the function reads it from, and a topic with a queue that is subscribed to it.

    prepare.py    prints the variables of the tests about them, as shell
"""

import json
from pathlib import Path

import botocore.session

SETTINGS, UPLOADS, PREVIEWS = (f"thimble-local-{name}" for name in ("settings", "uploads", "previews"))


def with_a_file(session):
    s3 = session.create_client("s3")
    for bucket in (SETTINGS, UPLOADS, PREVIEWS):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=UPLOADS, NotificationConfiguration={"EventBridgeConfiguration": {}},
    )
    s3.put_object(Bucket=SETTINGS, Key="thimble.toml", Body=Path(__file__).with_name("thimble.toml").read_bytes())
    print(f"export THIMBLE_SETTINGS='s3://{SETTINGS}/thimble.toml'")
    print(f"export THIMBLE_UPLOADS='{UPLOADS}' THIMBLE_PREVIEWS='{PREVIEWS}'")


def with_a_topic(session):
    sns, sqs = session.create_client("sns"), session.create_client("sqs")
    topic = sns.create_topic(Name="thimble-local-told")["TopicArn"]
    url = sqs.create_queue(QueueName="thimble-local-heard")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    print(f"topic='{topic}' heard='{url}'")


def main():
    session = botocore.session.get_session()
    with_a_file(session)
    with_a_topic(session)


if __name__ == "__main__":
    main()
