"""A `websockets` server that compresses on request, and accepts a made-up extension."""

import asyncio
from http import HTTPStatus

from puppet import SUBPROTOCOLS, orders, refusal_of, tell
from websockets.exceptions import NegotiationError
from websockets.extensions import ServerExtensionFactory
from websockets.legacy.server import serve
from websockets_puppet import MadeUp, attend, obey


class Accepting(ServerExtensionFactory):
    """Accepts the first alternative that is not exact, at a lower level."""

    name = MadeUp.name

    def process_request_params(self, params, accepted):
        if ("exact", None) in params:
            raise NegotiationError("nothing is exact here")
        answer = [("level", "3")]
        return answer, MadeUp(answer)


async def refuse(target, headers):
    refusal = refusal_of(target)
    return refusal and (HTTPStatus(refusal[0]), refusal[1], b"not here\n")


async def main():
    current = None

    async def handle(connection):
        nonlocal current
        current = connection
        await attend(connection)

    options = {
        "subprotocols": SUBPROTOCOLS,
        "extensions": [Accepting()],
        "origins": [None, "http://good.example"],
        "process_request": refuse,
        "ping_interval": None,
    }
    async with serve(handle, "127.0.0.1", 0, **options) as server:
        tell("listening", port=server.sockets[0].getsockname()[1])
        async for order in orders():
            await obey(current, order)


asyncio.run(main())
