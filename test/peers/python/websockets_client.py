"""A `websockets` client that offers two alternatives of a made-up extension, and compression."""

import asyncio

from puppet import orders, tell
from websockets.exceptions import InvalidHandshake
from websockets.extensions import ClientExtensionFactory
from websockets.legacy.client import connect
from websockets_puppet import MadeUp, attend, obey


class Offering(ClientExtensionFactory):
    name = MadeUp.name

    def __init__(self, *params):
        self.params = params

    def get_request_params(self):
        return self.params

    def process_response_params(self, params, accepted):
        return MadeUp(params)


async def open_connection(order, tasks):
    """The connection, with its events reported; none if the server refuses."""
    options = {
        # It would even offer an empty list.
        "subprotocols": order["subprotocols"] or None,
        "extensions": [Offering(("level", "9"), ("exact", None)), Offering(("level", "5"))],
        "extra_headers": order["headers"],
        "ping_interval": None,
    }
    try:
        connection = await connect(order["url"], **options)
    except InvalidHandshake as refusal:
        return tell("refused", status=refusal.status_code)
    tasks.append(asyncio.create_task(attend(connection)))
    return connection


async def main():
    connection, tasks = None, []
    async for order in orders():
        if order["type"] == "open":
            connection = await open_connection(order, tasks)
        else:
            await obey(connection, order)


asyncio.run(main())
