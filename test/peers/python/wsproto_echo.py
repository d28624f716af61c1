"""A `wsproto` client and server that echo every message, compressed as configured, and some in fragments."""

import asyncio
import random
from urllib.parse import urlsplit

from puppet import orders, show_deflate, tell
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Message, Request
from wsproto.extensions import PerMessageDeflate
from wsproto_puppet import Puppet


class Echo(Puppet):
    """Reports no messages."""

    def __init__(self, kind, deflate, reader, writer):
        super().__init__(WSConnection(kind), reader, writer)
        self.deflate = deflate

    def shake_hands(self, _, event):
        if isinstance(event, Request):
            self.send(AcceptConnection(extensions=[self.deflate]))
        server = self.deflate.server_no_context_takeover, self.deflate.server_max_window_bits
        client = self.deflate.client_no_context_takeover, self.deflate.client_max_window_bits
        tell("open", subprotocol=None, extensions=[show_deflate(server, client)] if self.deflate.enabled() else [])

    def handle(self, event):
        if not isinstance(event, Message):
            return super().handle(event)
        self.pieces.append(event.data)
        if event.message_finished:
            whole = type(event.data)().join(self.pieces)
            cut = random.randint(0, len(whole)) if random.random() < 0.2 else 0
            if cut:
                self.send(type(event)(whole[:cut], message_finished=False))
            self.send(type(event)(whole[cut:]))
            self.pieces = []

    async def run(self):
        await self.attend(self.shake_hands)


async def echo_at(order):
    url = urlsplit(order["url"])
    deflate = PerMessageDeflate(**order["preferences"])
    echo = Echo(ConnectionType.CLIENT, deflate, *await asyncio.open_connection(url.hostname, url.port))
    echo.send(Request(host=url.netloc, target=url.path, extensions=[deflate]))
    await echo.run()


async def listen(order):
    async def handle(reader, writer):
        await Echo(ConnectionType.SERVER, PerMessageDeflate(**order["preferences"]), reader, writer).run()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    tell("listening", port=server.sockets[0].getsockname()[1])
    return server


async def main():
    tasks = []
    async for order in orders():
        tasks.append(asyncio.create_task(echo_at(order) if order.get("url") else listen(order)))


asyncio.run(main())
