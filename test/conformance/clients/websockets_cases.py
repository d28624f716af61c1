"""Python's `websockets` as a client."""

import asyncio
import logging
import sys

import websockets
from harness import run_cases

# Errors of peers are not for the terminal.
logging.disable()


async def visit(url, answer):
    async with websockets.connect(url, subprotocols=["chat"]) as connection:
        async for message in connection:
            reply = answer(message)
            if reply is not None:
                await connection.send(reply)


asyncio.run(run_cases(visit, sys.argv[1], "websockets"))
