"""aiohttp as a client."""

import asyncio
import logging
import sys

from aiohttp import ClientSession, WSMsgType
from harness import run_cases

# Errors of peers are not for the terminal.
logging.disable()


async def visit(url, answer):
    async with ClientSession() as session, session.ws_connect(url, protocols=["chat"], compress=15) as peer:
        async for message in peer:
            reply = answer(message.data) if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) else None
            if isinstance(reply, str):
                await peer.send_str(reply)
            elif reply is not None:
                await peer.send_bytes(reply)


asyncio.run(run_cases(visit, sys.argv[1], "aiohttp"))
