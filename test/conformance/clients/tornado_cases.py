"""Tornado as a client."""

import asyncio
import logging
import sys

from harness import run_cases
from tornado.websocket import websocket_connect

# Errors of peers are not for the terminal.
logging.disable()


async def visit(url, answer):
    peer = await websocket_connect(url, compression_options={}, subprotocols=["chat"])
    while (message := await peer.read_message()) is not None:
        reply = answer(message)
        if reply is not None:
            await peer.write_message(reply, binary=isinstance(reply, bytes))


asyncio.run(run_cases(visit, sys.argv[1], "tornado"))
