"""Echoes with Python's `websockets`."""

import asyncio
import logging

import websockets

# Errors of peers are not for the terminal.
logging.disable()


async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except websockets.ConnectionClosed:
        pass


async def main():
    server = await websockets.serve(echo, "127.0.0.1", 0, subprotocols=["chat"])
    print("port:", server.sockets[0].getsockname()[1], flush=True)
    await server.wait_closed()


asyncio.run(main())
