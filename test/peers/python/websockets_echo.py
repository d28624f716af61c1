"""A `websockets` client and server that echo every message, compressed as configured, and some in fragments."""

import asyncio
import random

from puppet import orders, show_deflate, tell
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from websockets.legacy.client import connect
from websockets.legacy.server import serve


def show(connection):
    """The parameters of its compression."""
    (deflate,) = connection.extensions
    local = deflate.local_no_context_takeover, deflate.local_max_window_bits
    remote = deflate.remote_no_context_takeover, deflate.remote_max_window_bits
    client, server = (local, remote) if connection.is_client else (remote, local)
    return show_deflate(server, client)


def torn(message):
    """In one to three fragments, cut anywhere."""
    cuts = sorted(random.randint(0, len(message)) for _ in range(random.randint(0, 2)))
    return [message[start:end] for start, end in zip([0, *cuts], [*cuts, len(message)])]


async def echo(connection):
    tell("open", subprotocol=None, extensions=[show(connection)])
    try:
        async for message in connection:
            await connection.send(message if random.random() < 0.8 else torn(message))
    except ConnectionClosed:
        pass
    await connection.wait_closed()
    tell("close", code=connection.close_code, reason=connection.close_reason)


async def echo_at(url, factory):
    async with connect(url, extensions=[factory], compression=None, ping_interval=None) as connection:
        await echo(connection)


async def main():
    tasks = []
    async for order in orders():
        if order.get("url"):
            factory = ClientPerMessageDeflateFactory(**order["preferences"])
            tasks.append(asyncio.create_task(echo_at(order["url"], factory)))
        else:
            factory = ServerPerMessageDeflateFactory(**order["preferences"])
            options = {"extensions": [factory], "compression": None, "ping_interval": None}
            server = await serve(echo, "127.0.0.1", 0, **options)
            tasks.append(server)
            tell("listening", port=server.sockets[0].getsockname()[1])


asyncio.run(main())
