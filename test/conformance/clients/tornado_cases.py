"""Tornado as a client."""

import asyncio
import logging
import sys

from harness import run_cases
from tornado.websocket import websocket_connect

# What peers do wrong is not for the terminal.
logging.disable()


async def visit(url, answer):
    # For some answers that are no handshake it would wait for ever.
    opening = websocket_connect(url, compression_options={}, subprotocols=["chat"])
    peer = await asyncio.wait_for(opening, 3)
    while (message := await peer.read_message()) is not None:
        reply = answer(message)
        if reply is not None:
            await peer.write_message(reply, binary=isinstance(reply, bytes))


asyncio.run(run_cases(visit, sys.argv[1], "tornado"))
