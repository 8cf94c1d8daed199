"""Lends the contract test an owner's session.

The test also logs out, ends sessions and changes people, as any client may. So the session is looked at before each case, and
when it has ended the owner logs in again; when even that fails, another owner is made at the terminal.
"""

import json
import os
import random
import struct
import subprocess
import urllib.error
import urllib.request
import uuid
import zlib

import schemathesis
from hypothesis import strategies

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


owner = None
if os.environ["MANERO_CONTRACT_AS"] == "owner":
    owner = Owner()

    @schemathesis.auth(refresh_interval=None)
    class OwnersSession:
        def get(self, case, context):
            return owner.access_token()

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"


# Where ids of a path come from: the list that names them, and the member that does.
LISTS = {
    "articles": "slug",
    "jobs": "id",
    "leads": "id",
    "media": "id",
    "pages": "slug",
    "programs": "slug",
    "redirects": "id",
    "settings": "key",
    "tasks": "name",
    "tokens": "id",
    "users": "id",
    "webhooks": "id",
}
chance = random.Random(os.environ.get("MANERO_CONTRACT_SEED", "1"))


def one_of(path, member):
    """The `member` of something that the list at `path` shows, if it shows anything."""
    items = (ask(f"{path}?limit=20", token=owner.access_token())[1] or {}).get("items", [])
    # Not who asks: somebody who removes himself is asked for his password, and one who is suspended asks no more.
    items = [item for item in items if item.get("email") != owner.email]
    return chance.choice(items)[member] if items else None


def lend_ids(case):
    """Puts what there is into a path that names nothing: a client asks for what a list has shown him."""
    parts = case.operation.path.strip("/").split("/")
    if len(parts) < 4 or parts[2] not in LISTS or not parts[3].startswith("{"):
        return
    member = LISTS[parts[2]]
    found = {parts[3][1:-1]: one_of(f"/api/v1/{parts[2]}", member)}
    if len(parts) > 5 and parts[4] in ("notes", "deliveries") and found[parts[3][1:-1]]:
        found[parts[5][1:-1]] = one_of(f"/api/v1/{parts[2]}/{found[parts[3][1:-1]]}/{parts[4]}", "id")
    # What is percent-encoded by now would be measured by that if anything beside it changed.
    if any("%" in str(value) for value in case.path_parameters.values()):
        return
    for name, value in found.items():
        if value is not None:
            case.path_parameters[name] = value


def png(size, shade):
    """A square of one colour, as a file."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((shade, size, 99)) * size) * size
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# No schema can say which bytes are a picture. What it really is its content says, so a PNG will do for every type.
pictures = strategies.builds(png, strategies.integers(1, 40), strategies.integers(0, 255))
for kind in ("image/png", "image/jpeg", "image/webp", "image/gif"):
    schemathesis.openapi.media_type(kind, pictures)

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
    # Every other time: what is not there must be tried too. What is to be refused stays as it is, and in chains of
    # requests the test knows its ids.
    meta = case.meta
    is_good = meta is not None and meta.generation.mode.is_positive and meta.phase.name.value != "stateful"
    if owner is not None and is_good and case.path_parameters and chance.random() < 0.5:
        lend_ids(case)
    # The document lists the programs on offer when it was read. The test removes some: a client would look again.
    if case.operation.label.endswith("/leads") and isinstance(case.body, dict):
        listed = {item["slug"] for item in ask("/api/v1/programs")[1]["items"]}
        named = case.body.get("program")
        if isinstance(named, str) and named in programs and named not in listed:
            case.body["program"] = None
