"""Echoes with Tornado."""

import asyncio
import logging

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

# Errors of peers are not for the terminal.
logging.disable()


class Echo(WebSocketHandler):
    def select_subprotocol(self, subprotocols):
        return "chat" if "chat" in subprotocols else None

    def get_compression_options(self):
        return {}

    async def on_message(self, message):
        try:
            await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            pass


async def main():
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([("/", Echo)])).add_sockets(sockets)
    print("port:", sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
