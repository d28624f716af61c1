"""Knows how a test orders a peer about: JSON, a line on stdin for each order, one on stdout for each thing that happens."""

import asyncio
import base64
import json
import sys
from urllib.parse import parse_qs, urlsplit

# What the servers speak.
SUBPROTOCOLS = ["chat.v2", "chat.v1"]


def tell(kind, **members):
    """Reports what has happened."""
    print(json.dumps({"type": kind, **members}), flush=True)


def tell_message(message):
    """Reports a text or bytes."""
    if isinstance(message, str):
        tell("text", data=message)
    else:
        tell("binary", data=base64.b64encode(message).decode())


def message_of(order):
    """The text or the bytes that are to be sent."""
    return order["data"] if order["type"] == "text" else base64.b64decode(order["data"])


async def orders():
    """The orders, until nobody is there to give more."""
    lines = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async for line in lines:
        yield json.loads(line)


def refusal_of(target):
    """The status and the fields that a request asks to be refused with: `/?refuse=[401,{}]`."""
    preferences = parse_qs(urlsplit(target).query).get("refuse")
    return json.loads(preferences[0]) if preferences else None


def show_deflate(server, client):
    """As it stands in a head, each side by whether it begins every message anew, and its window."""
    flags = [f"{side}_no_context_takeover" for side, (anew, _) in (("server", server), ("client", client)) if anew]
    windows = [f"{side}_max_window_bits={bits}" for side, (_, bits) in (("server", server), ("client", client))]
    return "; ".join(["permessage-deflate", *flags, *windows])
