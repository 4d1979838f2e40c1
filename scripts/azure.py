"""Requests to Azure Blob Storage, signed as its clients sign them, for scripts that have no such client:
azure.py NAME... makes containers. Account and key are those of the environment, as Thimble reads it."""

import base64
import hashlib
import hmac
import os
import sys
import urllib.error
import urllib.request
from email.utils import formatdate
from urllib.parse import quote, urlsplit

# The longest that an answer may take, in seconds, on the slowest machine.
PATIENCE = 180


def request(method, path, query=None, body=None, headers=None):
    """The body of an answer. The path is not encoded, and nor are the values of the query."""
    account, key = os.environ["AZURE_STORAGE_ACCOUNT_NAME"], os.environ["AZURE_STORAGE_ACCOUNT_KEY"]
    address = f"{os.environ['AZURE_STORAGE_ENDPOINT']}/{quote(path)}"
    parameters = sorted((query or {}).items())
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2023-11-03", **(headers or {})}
    kind = "" if body is None else "application/octet-stream"
    own = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    named = "".join(f"\n{name}:{value}" for name, value in parameters)
    text = f"{method}\n\n\n{len(body) if body else ''}\n\n{kind}" + 7 * "\n" + f"{own}/{account}{urlsplit(address).path}{named}"
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey {account}:{base64.b64encode(digest).decode()}"
    if kind:
        headers["Content-Type"] = kind
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters)
    made = urllib.request.Request(f"{address}?{asked}" if asked else address, body, headers, method=method)
    with urllib.request.urlopen(made, timeout=PATIENCE) as answer:
        return answer.read()


def make(container):
    """Makes a container, unless it is there."""
    try:
        request("PUT", container, {"restype": "container"})
    except urllib.error.HTTPError as error:
        if error.code != 409:
            raise


if __name__ == "__main__":
    for name in sys.argv[1:]:
        make(name)
