"""A scripted peer: reads commands from stdin and writes events to stdout, one line of JSON each."""

import asyncio
import base64
import json
import sys
from urllib.parse import parse_qs, urlsplit

# The subprotocols that the servers support.
SUBPROTOCOLS = ["chat.v2", "chat.v1"]


def tell(kind, **members):
    """Reports an event."""
    print(json.dumps({"type": kind, **members}), flush=True)


def tell_message(message):
    """Reports a text or binary message."""
    if isinstance(message, str):
        tell("text", data=message)
    else:
        tell("binary", data=base64.b64encode(message).decode())


def message_of(order):
    """The text or bytes to send."""
    return order["data"] if order["type"] == "text" else base64.b64decode(order["data"])


async def orders():
    """The commands, until the end of stdin."""
    lines = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async for line in lines:
        yield json.loads(line)


def refusal_of(target):
    """The status and the fields of the refusal that a request asks for: `/?refuse=[401,{}]`."""
    preferences = parse_qs(urlsplit(target).query).get("refuse")
    return json.loads(preferences[0]) if preferences else None


def show_deflate(server, client):
    """As in a head: for each side whether it resets its context for every message, and its window."""
    flags = [f"{side}_no_context_takeover" for side, (anew, _) in (("server", server), ("client", client)) if anew]
    windows = [f"{side}_max_window_bits={bits}" for side, (_, bits) in (("server", server), ("client", client))]
    return "; ".join(["permessage-deflate", *flags, *windows])
