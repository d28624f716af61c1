"""A `wsproto` client that offers compression and a made-up extension."""

import asyncio
from urllib.parse import urlsplit

from puppet import orders, tell
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, Request
from wsproto.extensions import PerMessageDeflate
from wsproto_puppet import MadeUp, Puppet, show


def shake_hands(puppet, answer):
    if isinstance(answer, AcceptConnection):
        tell("open", subprotocol=answer.subprotocol, extensions=[show(each) for each in answer.extensions])
    elif isinstance(answer, RejectConnection):
        tell("refused", status=answer.status_code)


async def open_connection(order):
    url = urlsplit(order["url"])
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    puppet = Puppet(WSConnection(ConnectionType.CLIENT), reader, writer)
    headers = [(name.encode(), value.encode()) for name, value in order["headers"].items()]
    puppet.send(
        Request(
            host=url.netloc,
            target=url.path,
            subprotocols=order["subprotocols"],
            extensions=[PerMessageDeflate(), MadeUp()],
            extra_headers=headers,
        )
    )
    return puppet


async def main():
    puppet, tasks = None, []
    async for order in orders():
        if order["type"] == "open":
            puppet = await open_connection(order)
            tasks.append(asyncio.create_task(puppet.attend(shake_hands)))
        else:
            puppet.obey(order)


asyncio.run(main())
