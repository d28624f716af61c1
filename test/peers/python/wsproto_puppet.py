"""A `wsproto` connection over asyncio's streams: follows commands and reports events."""

from puppet import message_of, tell, tell_message
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, Pong, TextMessage
from wsproto.extensions import Extension
from wsproto.frame_protocol import CloseReason


class MadeUp(Extension):
    """Changes nothing: only its negotiation matters. wsproto makes one offer per name, and accepts the last."""

    name = "x-made-up"
    agreed = None

    def enabled(self):
        return self.agreed is not None

    def offer(self):
        return "level=5"

    def accept(self, offer):
        if "exact" in offer:
            return None
        self.agreed = f"{self.name}; level=3"
        return "level=3"

    def finalize(self, offer):
        self.agreed = offer


def show(extension):
    """As in a head. For other extensions only the name is known."""
    return getattr(extension, "agreed", extension.name)


class Puppet:
    def __init__(self, websocket, reader, writer):
        self.websocket = websocket
        self.reader = reader
        self.writer = writer
        self.pieces = []

    def send(self, event):
        self.writer.write(self.websocket.send(event))

    async def attend(self, shake_hands):
        """Reports events until the end. Events before the connection opens go to `shake_hands`."""
        while self.websocket.state not in (ConnectionState.CLOSED, ConnectionState.REJECTING):
            self.websocket.receive_data(await self.reader.read(2**16) or None)
            for event in self.websocket.events():
                if isinstance(event, (Message, Ping, Pong, CloseConnection)):
                    self.handle(event)
                else:
                    shake_hands(self, event)
        self.writer.close()

    def handle(self, event):
        if isinstance(event, Message):
            self.pieces.append(event.data)
            if event.message_finished:
                tell_message(type(event.data)().join(self.pieces))
                self.pieces = []
        elif isinstance(event, Ping):
            self.send(event.response())
        elif isinstance(event, Pong):
            tell("pong", data=event.payload.decode())
        else:
            if self.websocket.state is ConnectionState.REMOTE_CLOSING:
                self.send(event.response())
            tell("close", code=event.code, reason=event.reason or "")

    def obey(self, order):
        if order["type"] == "close":
            self.send(CloseConnection(order.get("code", CloseReason.NO_STATUS_RCVD), order.get("reason")))
        elif order["type"] == "ping":
            self.send(Ping(order["data"].encode()))
        else:
            message = TextMessage if order["type"] == "text" else BytesMessage
            self.send(message(message_of(order)))
