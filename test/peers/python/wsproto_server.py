"""A `wsproto` server that compresses on request, and accepts a made-up extension."""

import asyncio

from puppet import SUBPROTOCOLS, orders, refusal_of, tell
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection
from wsproto.extensions import PerMessageDeflate
from wsproto_puppet import MadeUp, Puppet, show


def shake_hands(puppet, request):
    refusal = refusal_of(request.target)
    if refusal:
        status, fields = refusal
        headers = [(name.encode(), value.encode()) for name, value in fields.items()]
        return puppet.send(RejectConnection(status, headers))
    subprotocol = next((each for each in request.subprotocols if each in SUBPROTOCOLS), None)
    extensions = [PerMessageDeflate(), MadeUp()]
    puppet.send(AcceptConnection(subprotocol, extensions))
    tell("open", subprotocol=subprotocol, extensions=[show(each) for each in extensions if each.enabled()])


async def main():
    current = None

    async def handle(reader, writer):
        nonlocal current
        current = Puppet(WSConnection(ConnectionType.SERVER), reader, writer)
        await current.attend(shake_hands)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    tell("listening", port=server.sockets[0].getsockname()[1])
    async for order in orders():
        current.obey(order)


asyncio.run(main())
