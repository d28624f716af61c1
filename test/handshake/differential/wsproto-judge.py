"""Judges opening handshakes with wsproto. Each line of the input is a JSON list of texts, in which each character is a byte;
each line of the output is the list of outcomes. The first argument contains the settings, with the side: server or client."""

import json
import sys

import h11
import wsproto
from wsproto import ConnectionType, WSConnection
from wsproto import handshake
from wsproto.events import AcceptConnection, RejectConnection, Request
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import RemoteProtocolError


class Deflate(PerMessageDeflate):
    """The extension of wsproto with the offer of the other clients."""

    def offer(self):
        return "client_max_window_bits"


def judge(text, open_connection):
    """Returns one outcome: ["accepted", ...], ["refused", status, why] or ["waiting"]."""
    try:
        return open_connection(text.encode("latin-1"))
    except RemoteProtocolError as error:
        status = error.event_hint.status_code if error.event_hint else None
        return ["refused", status, f"{status}: {explain(error)}"]
    except Exception as error:  # An unexpected error also ends the connection.
        return ["refused", None, f"crash: {type(error).__name__}: {error}"]


def explain(error):
    """Returns the message, with that of h11 if it says more."""
    cause = error.__context__
    return f"{error}: {cause}" if isinstance(cause, h11.RemoteProtocolError) else str(error)


def play_server(data):
    connection = WSConnection(ConnectionType.SERVER)
    connection.receive_data(data)
    event = next(connection.events(), None)
    if not isinstance(event, Request):
        return ["waiting"]
    subprotocol = next((name for name in event.subprotocols if name in settings["subprotocols"]), None)
    answer = connection.send(AcceptConnection(subprotocol=subprotocol, extensions=[PerMessageDeflate()]))
    return ["accepted", answer.decode("latin-1")]


def play_client(data):
    connection = WSConnection(ConnectionType.CLIENT)
    wanted = Request(host="a.example", target="/", subprotocols=settings["subprotocols"], extensions=[Deflate()])
    connection.send(wanted)
    connection.receive_data(data)
    event = next(connection.events(), None)
    if event is None:
        return ["waiting"]
    if isinstance(event, RejectConnection):
        return ["refused", event.status_code, f"status {event.status_code}"]
    return ["accepted", event.subprotocol, [describe(each) for each in event.extensions]]


def describe(extension):
    """Returns the agreed parameters."""
    return {
        "server_max_window_bits": extension.server_max_window_bits,
        "client_max_window_bits": extension.client_max_window_bits,
        "server_no_context_takeover": extension.server_no_context_takeover,
        "client_no_context_takeover": extension.client_no_context_takeover,
    }


settings = json.loads(sys.argv[1])
# The responses have the accept for this key.
handshake.generate_nonce = lambda: settings["key"].encode("ascii")
play = {"server": play_server, "client": play_client}[settings["side"]]
for line in sys.stdin:
    print(json.dumps([judge(text, play) for text in json.loads(line)]), flush=True)
