"""Makes the buckets that thimble.toml beside this file names, and the object that the function reads it from.

    prepare.py    prints the variables of the tests about them, as shell
"""

from pathlib import Path

import botocore.session

SETTINGS, UPLOADS, PREVIEWS = (f"thimble-local-{name}" for name in ("settings", "uploads", "previews"))


def main():
    s3 = botocore.session.get_session().create_client("s3")
    for bucket in (SETTINGS, UPLOADS, PREVIEWS):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=UPLOADS, NotificationConfiguration={"EventBridgeConfiguration": {}},
    )
    s3.put_object(Bucket=SETTINGS, Key="thimble.toml", Body=Path(__file__).with_name("thimble.toml").read_bytes())
    print(f"export THIMBLE_SETTINGS='s3://{SETTINGS}/thimble.toml'")
    print(f"export THIMBLE_UPLOADS='{UPLOADS}' THIMBLE_PREVIEWS='{PREVIEWS}'")


if __name__ == "__main__":
    main()
