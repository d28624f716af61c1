"""Tornado as a client."""

import asyncio
import logging
import sys

from harness import run_cases
from tornado.httpclient import HTTPError
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketError, websocket_connect

# What peers do wrong is not for the terminal.
logging.disable()


async def visit(url, answer):
    try:
        peer = await websocket_connect(url, compression_options={}, subprotocols=["chat"])
        while (message := await peer.read_message()) is not None:
            reply = answer(message)
            if reply is not None:
                await peer.write_message(reply, binary=isinstance(reply, bytes))
    except (HTTPError, StreamClosedError, WebSocketClosedError, WebSocketError, ConnectionError):
        pass


asyncio.run(run_cases(visit, sys.argv[1], "tornado"))
