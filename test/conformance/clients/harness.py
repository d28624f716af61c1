"""The work of every Python client here, as in harnesses for the Autobahn test suite, but with several cases at a time."""

import asyncio

# Seconds for a case. The suite gives up earlier, but some libraries keep waiting.
PATIENCE = 4
PARALLEL = 8


async def run_cases(visit, url, agent):
    """`visit` opens a WebSocket, sends what `answer` returns for a message, and returns once the WebSocket has ended.

    It may also raise, as libraries do for what they refuse.
    """
    turn = asyncio.Semaphore(PARALLEL)

    async def go(path, answer):
        async with turn:
            try:
                await asyncio.wait_for(visit(f"{url}/{path}", answer), PATIENCE)
            except Exception:
                pass

    counts = []
    await go("getCaseCount", counts.append)
    numbers = range(1, int(counts[0]) + 1)
    await asyncio.gather(*(go(f"runCase?case={number}&agent={agent}", lambda message: message) for number in numbers))
    await go(f"updateReports?agent={agent}", lambda message: None)
