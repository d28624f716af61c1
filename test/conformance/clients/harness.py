"""What every Python client here does, as harnesses for the Autobahn test suite do."""

import asyncio

# Seconds for a case. The suite gives up before that; Tornado then waits on in some cases.
PATIENCE = 5


async def run_cases(visit, url, agent):
    """`visit` opens a WebSocket, sends what `answer` returns for a message, and returns once the WebSocket is over.

    It may also raise, as libraries do for what they refuse.
    """

    async def go(path, answer):
        try:
            await asyncio.wait_for(visit(f"{url}/{path}", answer), PATIENCE)
        except Exception:
            pass

    counts = []
    await go("getCaseCount", counts.append)
    for number in range(1, int(counts[0]) + 1):
        await go(f"runCase?case={number}&agent={agent}", lambda message: message)
    await go(f"updateReports?agent={agent}", lambda message: None)
