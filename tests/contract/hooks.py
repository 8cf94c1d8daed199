"""Lends the contract test an owner's session.

The test also logs out, ends sessions and changes people, as any client may. So the session is looked at before each case, and
when it has ended the owner logs in again; when even that fails, another owner is made at the terminal.
"""

import json
import os
import subprocess
import urllib.error
import urllib.request
import uuid

import schemathesis

BASE = os.environ["MANERO_CONTRACT_URL"]


def ask(path, body=None, token=None):
    """Status and JSON (or None) of one answer."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, None


class Owner:
    """One owner, and the access token of the newest session."""

    def __init__(self):
        self.made = 0
        self.token = None
        self.make()

    def make(self):
        self.made += 1
        self.email = f"owner-{self.made}@contract.example"
        made = subprocess.run(
            [os.environ["MANERO_CONTRACT_BIN"], "admin", "create", "--json", "--email", self.email, "--name", "Contract Owner"],
            check=True,
            capture_output=True,
        )
        self.password = json.loads(made.stdout)["password"]

    def access_token(self):
        if self.token and ask("/api/v1/auth/me", token=self.token)[0] == 200:
            return self.token
        for again in (False, True):
            if again:
                self.make()
            status, answer = ask("/api/v1/auth/login", {"email": self.email, "password": self.password})
            if status == 200:
                self.token = answer["access_token"]
                return self.token
        raise RuntimeError(f"a new owner cannot log in: {status}")


if os.environ["MANERO_CONTRACT_AS"] == "owner":
    owner = Owner()

    @schemathesis.auth(refresh_interval=None)
    class OwnersSession:
        def get(self, case, context):
            return owner.access_token()

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"


keys = set()
programs = {item["slug"] for item in ask("/api/v1/programs")[1]["items"]}


@schemathesis.hook
def before_call(context, case, kwargs):
    """What a client would know by then, and the document cannot say."""
    # A key stands for one attempt. Used again it would replay the answer of another case, about what may be gone by now.
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 1 <= len(key) <= 255 and key.isascii() and key.isprintable():
        if key in keys:
            case.headers["Idempotency-Key"] = str(uuid.uuid4())
        keys.add(key)
    # The document lists the programs on offer when it was read. The test removes some: a client would look again.
    if case.operation.label.endswith("/leads") and isinstance(case.body, dict):
        listed = {item["slug"] for item in ask("/api/v1/programs")[1]["items"]}
        named = case.body.get("program")
        if isinstance(named, str) and named in programs and named not in listed:
            case.body["program"] = None
