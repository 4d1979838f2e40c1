"""Stores of the stages in stages.py, in one form: put images, get an object, and list a bucket as keys with the
MD5 of their contents."""

import base64
import hashlib
import html
import os
import pathlib
import re
import subprocess
from urllib.parse import quote

import azure

# The longest that a request may take, on the slowest machine.
PATIENCE = 180


class Refused(Exception):
    """A request that a store did not answer well."""


class Files:
    """A folder whose folders are the buckets."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    def put(self, bucket, images):
        """Puts images, by their keys. Each has its name once it is whole."""
        for key, body in images.items():
            path = self.root / bucket / key
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = self.root / "half-written"
            whole.write_bytes(body)
            whole.rename(path)

    def get(self, bucket, key):
        return (self.root / bucket / key).read_bytes()

    def tags(self, bucket):
        folder, found = self.root / bucket, {}
        for path in folder.rglob("[!.]*"):
            if path.is_file():
                found[str(path.relative_to(folder))] = hashlib.md5(path.read_bytes()).hexdigest()
        return found


class S3:
    """A store at AWS_ENDPOINT_URL that answers like S3."""

    def __init__(self, folder):
        self.folder, self.endpoint = folder, os.environ["AWS_ENDPOINT_URL"]

    def ask(self, *words, service="s3"):
        """The answer to requests of curl."""
        keys = f"{os.environ['AWS_ACCESS_KEY_ID']}:{os.environ['AWS_SECRET_ACCESS_KEY']}"
        signed = ["--aws-sigv4", f"aws:amz:us-east-1:{service}", "--user", keys]
        command = ["curl", "--silent", "--show-error", "--fail-with-body", *signed, *words]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
        if done.returncode != 0:
            said = (done.stderr + done.stdout).decode(errors="replace")
            raise Refused(f"{words[-1]}: {said}")
        return done.stdout

    def address(self, bucket, key):
        return f"{self.endpoint}/{bucket}/{quote(key, safe='/')}"

    def put(self, bucket, images):
        words = []
        for number, (key, body) in enumerate(images.items()):
            path = f"{self.folder}/upload-{number}"
            with open(path, "wb") as file:
                file.write(body)
            words += ["--upload-file", path, self.address(bucket, key)]
        self.ask(*words)

    def get(self, bucket, key):
        return self.ask(self.address(bucket, key))

    def tags(self, bucket):
        found, after = {}, ""
        while True:
            from_there = quote(after, safe="")
            listed = self.ask(f"{self.endpoint}/{bucket}?list-type=2&max-keys=1000&start-after={from_there}").decode()
            page = re.findall(r"<Key>(.*?)</Key>.*?<ETag>(.*?)</ETag>", listed, re.DOTALL)
            if not page:
                return found
            page = {html.unescape(key): html.unescape(tag).strip('"') for key, tag in page}
            found |= page
            after = max(page)


class Azure:
    """Azure Blob Storage, in the account of the environment."""

    def put(self, bucket, images):
        for key, body in images.items():
            azure.request("PUT", f"{bucket}/{key}", body=body, headers={"x-ms-blob-type": "BlockBlob"})

    def get(self, bucket, key):
        return azure.request("GET", f"{bucket}/{key}")

    def tags(self, bucket):
        found, marker = {}, ""
        while True:
            query = {"restype": "container", "comp": "list", "marker": marker}
            listed = azure.request("GET", bucket, {name: value for name, value in query.items() if value}).decode()
            for key, digest in re.findall(r"<Name>(.*?)</Name>.*?<Content-MD5>(.*?)</Content-MD5>", listed, re.DOTALL):
                found[html.unescape(key)] = base64.b64decode(digest).hex()
            marker = "".join(re.findall(r"<NextMarker>(.*?)</NextMarker>", listed))
            if not marker:
                return found
