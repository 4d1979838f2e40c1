"""The stages. Their servers are those that story.sh started, named by the environment."""

import json
import os
import pathlib
from urllib.parse import quote

import stores
from stage import PRESETS, Stage, check, kill


class Folder(Stage):
    """A folder that `thimble local` watches, which is listener and worker in one."""

    workers = 1
    has_listener = False

    def set(self):
        root = f"{self.folder}/album"
        pathlib.Path(root, "images").mkdir(parents=True)
        self.store = stores.Files(root)
        self.sources = self.queue = self.letter_queue = root
        self.engines = f"{root}/engines"

    def listen(self):
        """Nothing to do: that is the worker's part."""

    def deafen(self):
        kill(self.running["worker"])

    def catch_up(self):
        self.work()

    def work(self, name="worker"):
        presets = [word for preset in PRESETS for word in ("--preset", preset)]
        self.begin(name, "local", self.queue, "--manifest", "--quiet", *presets)


class MiniStack(Stage):
    """Buckets of S3 that tell a queue of SQS, in an emulator."""

    def set(self):
        self.store = stores.S3(self.folder)
        self.sources, self.objects, self.engines = "s3://images", "s3://", "s3://engines/store"
        for bucket in ("images", "thumbnails", "engines"):
            self.store.ask("--request", "PUT", f"{self.store.endpoint}/{bucket}")
        self.queue, self.letter_queue = "sqs:story", "sqs:story-dead-letters"
        self.of_sqs("CreateQueue", QueueName="story-dead-letters")
        self.of_sqs("CreateQueue", QueueName="story", **{
            "Attribute.1.Name": "RedrivePolicy", "Attribute.1.Value": json.dumps(
                {"deadLetterTargetArn": self.arn("story-dead-letters"), "maxReceiveCount": self.receives}),
            "Attribute.2.Name": "Policy", "Attribute.2.Value": json.dumps(
                {"Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
                    "Resource": self.arn("story"), "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::images"}}}]})})

    def arn(self, queue):
        return f"arn:aws:sqs:us-east-1:000000000000:{queue}"

    def of_sqs(self, action, **parameters):
        words = [word for pair in {"Action": action, **parameters}.items()
                 for word in ("--data-urlencode", "=".join(pair))]
        return self.store.ask(*words, f"{self.store.endpoint}/", service="sqs")

    def notify(self, configuration):
        """Sets the notifications of the bucket."""
        body = f"<NotificationConfiguration>{configuration}</NotificationConfiguration>"
        self.store.ask("--request", "PUT", "--data", body, f"{self.store.endpoint}/images?notification=")

    def listen(self):
        told = f"<Queue>{self.arn('story')}</Queue><Event>s3:ObjectCreated:*</Event>"
        self.notify(f"<QueueConfiguration>{told}</QueueConfiguration>")

    def deafen(self):
        self.notify("")

    def of_work(self):
        return ["--dead-letters", self.letter_queue]


class SeaweedFS(Stage):
    """SeaweedFS, which tells a listener by its webhook, and a queue in a folder."""

    workers = 1

    def set(self):
        self.store = stores.S3(self.folder)
        self.sources, self.objects, self.engines = "s3://images", "s3://", "s3://engines/store"
        self.set_queue()

    def set_queue(self):
        pathlib.Path(self.folder, "queue").mkdir()
        self.queue = self.letter_queue = f"file:{self.folder}/queue"


class SeaweedNats(SeaweedFS):
    """The same with a stream of NATS."""

    workers = 2

    def set_queue(self):
        self.queue = f"{os.environ['THIMBLE_TEST_NATS']}/STORY"
        self.letter_queue = f"{self.queue}-dead-letters"


class AzuritePostgres(Stage):
    """Containers of Azurite, a queue in Postgres, and engines in a registry. Azurite tells nobody: the stage tells
    the listener what Event Grid would."""

    def set(self):
        self.store = stores.Azure()
        self.sources, self.objects = "az://images", "az://"
        self.engines = f"oci://{os.environ['THIMBLE_TEST_REGISTRY']}/engines"
        queue = f"{os.environ['THIMBLE_TEST_POSTGRES']}&queue=story"
        self.queue, self.letter_queue = f"{queue}&receives={self.receives}", f"{queue}-dead-letters"

    def upload(self, images):
        super().upload(images)
        if self.running["listener"].poll() is None:
            for key in images:
                check(self.tell(key), f"the listener refuses an event about {key}")

    def event(self, key):
        address = f"{os.environ['AZURE_STORAGE_ENDPOINT']}/images/{quote(key)}"
        return [{"id": "831e1650-001e-001b-66ab-eeb76e069631", "topic": "/subscriptions/s/resourceGroups/g/providers/"
                 "Microsoft.Storage/storageAccounts/thimble", "subject": f"/blobServices/default/containers/images/blobs/{key}",
                 "eventType": "Microsoft.Storage.BlobCreated", "eventTime": "2026-11-30T12:00:00.0000000Z",
                 "data": {"api": "PutBlob", "contentType": "image/png", "blobType": "BlockBlob", "url": address},
                 "dataVersion": "", "metadataVersion": "1"}]


# By the names that story.sh has for them.
STAGES = {"folder": Folder, "ministack": MiniStack, "seaweedfs": SeaweedFS, "seaweedfs-nats": SeaweedNats,
          "azurite-postgres": AzuritePostgres}
