"""Another zlib: each line asks for one stream of messages, as JSON, and each answer is a line. Messages are base64."""

import base64
import json
import sys
import zlib


def deflate(bits, takes_over, messages):
    stream = None
    for message in messages:
        if stream is None or not takes_over:
            stream = zlib.compressobj(6, zlib.DEFLATED, -max(9, bits))
        yield (stream.compress(message) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflate(bits, takes_over, messages):
    stream = None
    for message in messages:
        if stream is None or not takes_over:
            stream = zlib.decompressobj(-bits)
        yield stream.decompress(message + b"\x00\x00\xff\xff")
        if stream.eof or stream.unused_data or stream.unconsumed_tail:
            raise ValueError("the stream has ended")


for line in sys.stdin:
    order = json.loads(line)
    work = {"deflate": deflate, "inflate": inflate}[order["what"]]
    try:
        results = work(order["bits"], order["takesOver"], map(base64.b64decode, order["messages"]))
        answer = {"messages": [base64.b64encode(result).decode() for result in results]}
    except (zlib.error, ValueError) as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
