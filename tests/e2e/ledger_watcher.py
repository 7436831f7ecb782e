"""Follows the ledger of one authority until SIGTERM, prints the revision of each entry, and goes on after the last
token whenever the watch is interrupted. Usage: ledger_watcher.py ADDRESS AUTHORITY"""

import signal
import sys
import time

from independent_client import CallFailed, IndependentClient

SERVICE = "oversight.ledger.v1.LedgerService"
# UNAVAILABLE, as the documentation of Watch says. A gRPC server that shuts down ends with CANCELLED those calls that
# reach it before its GOAWAY has reached the caller.
TRY_AGAIN = ("UNAVAILABLE", "CANCELLED")


def main(address, authority):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    client = IndependentClient(address)
    client.method(f"{SERVICE}/Watch")  # learnt while the server is up
    place = {"authorities": [f"authorities/{authority}"]}
    while True:
        try:
            for message in client.stream(f"{SERVICE}/Watch", place):
                for entry in message.entries:
                    print(entry.revision, flush=True)
                    place = {"after": [entry.token]}
        except CallFailed as failed:
            if failed.code.name not in TRY_AGAIN:
                raise
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
