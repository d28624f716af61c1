"""A `websockets` connection with its asyncio interface: follows commands and reports events."""

from puppet import message_of, tell, tell_message
from websockets.exceptions import ConnectionClosed
from websockets.extensions import Extension


class MadeUp(Extension):
    """Changes nothing: only its negotiation matters."""

    name = "x-made-up"

    def __init__(self, params):
        self.params = params

    def encode(self, frame):
        return frame

    def decode(self, frame, *, max_size=None):
        return frame


def show(extension):
    """As in a head. For other extensions only the name is known."""
    return "; ".join([extension.name, *(f"{name}={value}" for name, value in getattr(extension, "params", []))])


async def attend(connection):
    """Reports events until the end."""
    tell("open", subprotocol=connection.subprotocol, extensions=[show(each) for each in connection.extensions])
    try:
        async for message in connection:
            tell_message(message)
    except ConnectionClosed:
        pass
    await connection.wait_closed()
    tell("close", code=connection.close_code, reason=connection.close_reason)


async def obey(connection, order):
    if order["type"] == "close":
        await connection.close(order["code"], order["reason"])
    elif order["type"] == "ping":
        pong = await connection.ping(order["data"])
        await pong
        tell("pong", data=order["data"])
    else:
        await connection.send(message_of(order))
