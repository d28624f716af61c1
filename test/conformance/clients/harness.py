"""What every Python client here does, as harnesses for the Autobahn test suite do."""


async def run_cases(visit, url, agent):
    """`visit` opens a WebSocket, sends what `answer` returns for a message, and returns once the WebSocket is over or was refused."""
    counts = []
    await visit(f"{url}/getCaseCount", counts.append)
    for number in range(1, int(counts[0]) + 1):
        await visit(f"{url}/runCase?case={number}&agent={agent}", lambda message: message)
    await visit(f"{url}/updateReports?agent={agent}", lambda message: None)
