"""The edge under attack, and two instances behind it that are restarted in turn: no other caller's call fails, and memory
stays bounded."""

import os
import socket
import struct
import sys
import threading
import time
import unittest

import edge
import tools
from processes import Process, bare_environment, wait_until
from suite import Suite

tools.require("haproxy")

# Of the many suites that run long, one in turn is kept short.
SHORT = bool(os.environ.get("OVERSIGHT_TURN"))
SECONDS_OF_ATTACK = 10 if SHORT else 20
RESTARTS = 10 if SHORT else 50
EDGE_MIB, SERVICE_MIB = 300, 150


class Caller(threading.Thread):
    """Calls until told to stop, on one connection, and notes every failure with its time."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self._channel = edge.channel(address)
        self._stopping = threading.Event()
        self.answered, self.failures, self.longest = 0, [], 0.0
        self.start()

    def run(self):
        while not self._stopping.wait(0.01):
            began = time.monotonic()
            answer = edge.attempt(self._channel, edge.LIST_AUTHORITIES, timeout=30)
            self.longest = max(self.longest, time.monotonic() - began)
            if isinstance(answer, bytes):
                self.answered += 1
            else:
                self.failures.append((time.strftime("%H:%M:%S"), answer.code().name, answer.debug_error_string()))

    def finish(self):
        self._stopping.set()
        self.join(60)
        self._channel.close()


class AttackTest(unittest.TestCase):
    def setUp(self):
        self.suite = Suite(services=("workforce",))
        self.addCleanup(self.suite.close)
        self.edge = edge.Edge(self.suite.directory, dict.fromkeys(
            ("workforce", "caseload", "supervision", "compliance"), self.suite.workforce.address))
        self.addCleanup(self.edge.close)
        wait_until(lambda: self.edge.replicas("workforce") == 10, "the edge sees the service", alive=self.edge.process)

    def attack(self, kind, attackers=2):
        # Started first: programs are not to be started beside threads that call.
        processes = [Process([sys.executable, "-B", f"{tools.SOURCE}/tests/platform/attacker.py", kind, "127.0.0.1",
                              str(self.edge.port), "127.0.0.2"], f"{self.suite.directory}/attacker-{kind}-{number}",
                             bare_environment()) for number in range(attackers)]
        for process in processes:
            self.addCleanup(process.kill)
            os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        before = edge.resident_mib(self.suite.workforce.process.pid)
        callers = [Caller(self.edge.address) for _ in range(3)]
        give_up = time.monotonic() + SECONDS_OF_ATTACK
        largest = 0.0
        while time.monotonic() < give_up:
            largest = max(largest, edge.resident_mib(self.edge.process.pid))
            self.assertIsNone(self.edge.process.exit_code(), self.edge.process.log()[-2000:])
            time.sleep(0.2)
        for caller in callers:
            caller.finish()
        grown = edge.resident_mib(self.suite.workforce.process.pid) - before
        said = processes[0].log().splitlines()
        print(f"\n{kind}: {sum(caller.answered for caller in callers)} calls of others answered, "
              f"{sum(len(caller.failures) for caller in callers)} failed, the longest took "
              f"{max(caller.longest for caller in callers):.2f} s; edge at most {largest:.0f} MiB, service grew by {grown:.0f} "
              f"MiB; attacker: {said[-1] if said else 'nothing'}", file=sys.stderr)
        self.assertEqual([failure for caller in callers for failure in caller.failures], [])
        self.assertGreater(sum(caller.answered for caller in callers), 100)
        self.assertLess(largest, EDGE_MIB)
        self.assertLess(grown, SERVICE_MIB)

    def test_flood_of_headers(self):
        self.attack("headers")

    def test_rapid_reset(self):
        self.attack("resets")

    def test_flood_of_connections(self):
        self.attack("connections")


class NameServer(threading.Thread):
    """Answers every question for an address with these, and every other question with nothing."""

    def __init__(self, addresses):
        super().__init__(daemon=True)
        self._addresses = addresses
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.start()

    def run(self):
        while True:
            question, asking = self._socket.recvfrom(4096)
            end = question.index(b"\0", 12) + 5
            wants_address = question[end - 4:end - 2] == b"\0\1"
            answers = self._addresses if wants_address else ()
            head = question[:2] + struct.pack(">HHHHH", 0x8580, 1, len(answers), 0, 0)
            body = b"".join(b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 1, 4) + socket.inet_aton(each) for each in answers)
            self._socket.sendto(head + question[12:end] + body, asking)


class RestartTest(unittest.TestCase):
    def test_two_instances_restarted_in_turn_lose_no_call(self):
        suite = Suite(services=("workforce",))
        self.addCleanup(suite.close)
        service = suite.workforce
        others = {"drain_notice": "3s", "max_connection_age": "5s"}
        hosts = ("127.0.0.1", "127.0.0.3")

        def start(host):
            where = {"listen": f"{host}:{service.port}", "metrics_listen": f"{host}:{service.metrics_port}", **others}
            process = Process(service.command("serve", **where), f"{suite.directory}/{host}.log", bare_environment())
            return process

        service.process.terminate()
        instances = {host: start(host) for host in hosts}
        self.addCleanup(lambda: [instance.kill() for instance in instances.values()])
        names = NameServer(hosts)
        os.environ["OVERSIGHT_EDGE_NAMESERVER"] = names.address
        self.addCleanup(os.environ.pop, "OVERSIGHT_EDGE_NAMESERVER")
        front = edge.Edge(suite.directory, dict.fromkeys(
            ("workforce", "caseload", "supervision", "compliance"), f"workforce.test:{service.port}"))
        self.addCleanup(front.close)
        wait_until(lambda: front.replicas("workforce") == 2, "the edge sees both", alive=front.process)
        load = Process([sys.executable, "-B", os.path.abspath(__file__), "load", front.address],
                       f"{suite.directory}/load", {**bare_environment(), "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                                                   "OVERSIGHT_SOURCE": tools.SOURCE,
                                                   "OVERSIGHT_TOOLS": tools.ROOT.removesuffix("/root")})
        self.addCleanup(load.kill)
        wait_until(lambda: load.log(), "calls are answered", alive=load)
        for number in range(RESTARTS):
            host = hosts[number % 2]
            instances[host].terminate()
            wait_until(lambda: front.replicas("workforce") == 1, "the edge has left it")
            instances[host] = start(host)
            wait_until(lambda: front.replicas("workforce") == 2, "the edge has found it again", alive=instances[host])
        self.assertEqual(load.terminate(), 0)
        answered, failures = load.log().splitlines()[-1].split(" ", 1)
        print(f"\n{RESTARTS} restarts: {answered} calls answered, failures: {failures}", file=sys.stderr)
        # HAProxy's word on how a call ended; ---- is well.
        odd = [line for line in front.process.log().splitlines() if "POST /" in line and " ---- " not in line]
        self.assertEqual(failures, "[]", "\n".join(odd[-20:]))
        self.assertGreater(int(answered), 20 * RESTARTS)


def load(address):
    """Calls on four connections until SIGTERM; prints how many were answered, and the failures."""
    import signal
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    callers = [Caller(address) for _ in range(4)]
    while not ended.wait(1):
        print(sum(caller.answered for caller in callers), [f for caller in callers for f in caller.failures], flush=True)
    for caller in callers:
        caller.finish()
    print(sum(caller.answered for caller in callers), [f for caller in callers for f in caller.failures], flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        load(sys.argv[2])
    else:
        unittest.main()
