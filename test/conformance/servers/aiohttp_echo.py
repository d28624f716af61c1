"""Echoes with aiohttp."""

import asyncio
import logging

from aiohttp import WSMsgType, web

# Errors of peers are not for the terminal.
logging.disable()


async def echo(request):
    peer = web.WebSocketResponse(protocols=["chat"])
    await peer.prepare(request)
    async for message in peer:
        if message.type == WSMsgType.TEXT:
            await peer.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await peer.send_bytes(message.data)
    return peer


async def main():
    app = web.Application()
    app.router.add_route("*", "/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("port:", runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
