"""Writes single records one after the other until SIGTERM and prints each one that was acknowledged, as a line of JSON.
What it gets no answer to it sends again with the same request id. Usage: single_writer.py ADDRESS AUTHORITY"""

import json
import signal
import sys
import time

from independent_client import CallFailed, IndependentClient

SERVICE = "oversight.workforce.v1.WorkforceService"
TRY_AGAIN = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED", "CANCELLED")


def main(address, authority):
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    client = IndependentClient(address)
    client.method(f"{SERVICE}/CreateWorker")  # learnt while the server is up
    number = 0
    while not stopping:
        number += 1
        request = {"parent": f"authorities/{authority}", "worker_id": f"written-{number}", "worker": {},
                   "request_id": f"request-{number}"}
        repeated = 0
        while True:
            try:
                made = client.call(f"{SERVICE}/CreateWorker", request, timeout=20)
                break
            except CallFailed as failed:
                if failed.code.name not in TRY_AGAIN:
                    raise
            repeated += 1
            time.sleep(0.05)
        print(json.dumps({"name": made["name"], "etag": made["etag"], "repeated": repeated}), flush=True)
        time.sleep(0.02)  # leaves the import its share of the machine


if __name__ == "__main__":
    main(*sys.argv[1:])
