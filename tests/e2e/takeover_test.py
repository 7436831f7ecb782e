"""Two compliance processes over one database, and writers at work on the ledgers: whichever holds the lease is killed, or
frozen and loses its connection meanwhile, again and again. The stored history has no gap and no double, and in the end
findings and history are those of a run that nobody disturbed.

OVERSIGHT_TURN shortens it."""

import os
import random
import shutil
import signal
import unittest

import stored_history
from processes import Process, bare_environment, free_port, text_of, wait_until
from single_writes import Writer
from suite import Suite, make_sample

ROUNDS = 3 if os.environ.get("OVERSIGHT_TURN") else 8
LEAST_STRIKES_A_ROUND = 3
LOCK = "oversight-judgement-oversight_compliance"


class Replica:
    """A compliance process over the suite's database; `settings` replace those of the suite."""

    def __init__(self, suite, name, **settings):
        self._service = suite.compliance
        self._log = f"{suite.directory}/{name}.log"
        self._own = settings
        self.process = None

    def launch(self):
        self.process = Process(self._service.command("serve", **self._own), self._log, bare_environment())

    def await_healthy(self):
        wait_until(lambda: self._service.is_healthy(**self._own), "the replica serves", alive=self.process)

    def sockets(self):
        """The inodes of its sockets."""
        folder = f"/proc/{self.process.pid}/fd"
        links = set()
        for number in os.listdir(folder):
            try:
                links.add(os.readlink(f"{folder}/{number}"))
            except OSError:
                pass  # closed meanwhile
        return links


def socket_at(port):
    """The socket of the process whose end of a connection has this port."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if int(fields[1].split(":")[1], 16) == port:
                return f"socket:[{fields[9]}]"
    return None


class TakeoverTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        cls.files = make_sample(f"{cls.suite.directory}/sample", workers=60, cases=300)
        # In force from the beginning, so that something is judged, and stored, with every chunk; and so that the rest of
        # the import goes on while the process that answers for compliance is frozen.
        cls.in_force, cls.rest = (f"{cls.suite.directory}/{part}" for part in ("in-force", "rest"))
        os.mkdir(cls.in_force)
        shutil.copytree(cls.files, cls.rest)
        shutil.move(f"{cls.rest}/policy_assignments.csv", cls.in_force)
        cls.suite.ctl_json("import", cls.files, "--authority", "undisturbed", "--wait")
        cls.undisturbed = stored_history.findings(cls.suite, "undisturbed")
        # One of the two answers where the suite's own did.
        cls.suite.compliance.kill()
        cls.replicas = [Replica(cls.suite, "one"),
                        Replica(cls.suite, "two", listen=f"127.0.0.1:{free_port()}",
                                metrics_listen=f"127.0.0.1:{free_port()}")]
        for replica in cls.replicas:
            replica.launch()
            cls.addClassCleanup(lambda one=replica: one.process.kill())
        for replica in cls.replicas:
            replica.await_healthy()

    def query(self, sql):
        return self.suite.database.query(sql, "oversight_compliance")

    def epoch(self):
        return int(self.query("SELECT epoch FROM judgement_lease")[0][0])

    def batches(self):
        return int(self.query("SELECT COUNT(*) FROM judgement_batch")[0][0])

    def holder(self):
        """Who holds the lease, and by which connection to the database; nothing while it changes hands."""
        found = self.query("SELECT id, host FROM information_schema.processlist "
                           f"WHERE id = IS_USED_LOCK('{LOCK}')")
        if not found:
            return None
        connection, host = found[0]
        socket = socket_at(int(host.rsplit(":", 1)[1]))
        for replica in self.replicas:
            if socket in replica.sockets():
                return replica, connection
        return None

    # ---- striking

    def kill(self, holder, _connection, epoch):
        holder.process.kill()
        wait_until(lambda: self.epoch() > epoch, "another one takes over from the one that was killed")
        holder.launch()

    def freeze(self, holder, connection, epoch):
        """It wakes up believing that it still has what another one has taken over and written under since."""
        holder.process.send(signal.SIGSTOP)
        try:
            self.query(f"KILL CONNECTION {connection}")
            wait_until(lambda: self.epoch() > epoch, "another one takes over from the one that is frozen")
            written = self.batches()
            wait_until(lambda: self.batches() > written or not self.writing(), "the other one writes")
        finally:
            holder.process.send(signal.SIGCONT)

    def doze(self, holder, _connection, _epoch):
        """Frozen for a moment, keeping its connection, and so its lease."""
        holder.process.send(signal.SIGSTOP)
        try:
            entries = self.entries()
            wait_until(lambda: self.entries() > entries + 20 or not self.writing(), "the ledgers grow")
        finally:
            holder.process.send(signal.SIGCONT)

    def entries(self):
        return sum(int(self.suite.database.query("SELECT COUNT(*) FROM ledger_entry", f"oversight_{service}")[0][0])
                   for service in ("workforce", "caseload", "supervision"))

    def writing(self):
        return self.importing.exit_code() is None

    def import_under_fire(self, authority, chance):
        """Imports once and strikes meanwhile; returns how often and how."""
        log = f"{self.suite.directory}/import-{authority}.log"
        self.importing = Process(self.suite.ctl_command("import", self.rest, "--authority", authority, "--chunk", "5",
                                                        "--parallel", "2", "--retry-for", "2m", "--json"),
                                 log, bare_environment())
        strikes = {"kill": 0, "freeze": 0, "doze": 0}
        while self.writing():
            held = self.holder()
            if held is None:
                continue
            # In the middle of what it stores.
            written = self.batches()
            wait_until(lambda: self.batches() > written or not self.writing(), "something is stored")
            how = chance.choices(("kill", "freeze", "doze"), (3, 3, 1))[0]
            getattr(self, how)(*held, self.epoch())
            strikes[how] += 1
            held[0].await_healthy()
        # 3: it ended while the process was frozen that it asks in the end, and is run again.
        self.assertIn(self.importing.wait(), (0, 3), text_of(log)[-3000:])
        return strikes

    # ---- the test

    def test_the_stored_history_is_that_of_an_undisturbed_run(self):
        chance = random.Random(11)
        self.maxDiff = 4000
        struck = {"kill": 0, "freeze": 0, "doze": 0}
        for number in range(ROUNDS):
            authority = f"struck-{number}"
            made = self.suite.call("workforce.GetAuthority", {"name": "authorities/undisturbed"})
            self.suite.call("workforce.CreateAuthority", {"authorityId": authority, "authority": {
                field: made[field] for field in ("displayName", "recordsCompleteFromDate", "externalIds")}})
            self.suite.ctl_json("import", self.in_force, "--authority", authority)
            writer = Writer(self.suite, authority)
            strikes = self.import_under_fire(authority, chance)
            acknowledged = writer.finish()
            summary = self.suite.ctl_json("import", self.files, "--authority", authority, "--wait")
            self.assertEqual(summary["refused"], [])
            wait_until(lambda: stored_history.is_stored(self.suite, authority), "all is stored")
            self.assertEqual(stored_history.findings(self.suite, authority), self.undisturbed)
            stored_history.check(self, self.suite, authority)
            for how, times in strikes.items():
                struck[how] += times
            print(f"round {number}: {strikes} during the import, {len(acknowledged)} single writes acknowledged, "
                  f"epoch {self.epoch()}, {self.batches()} batches", flush=True)
        print(f"struck in the middle of imports: {struck}", flush=True)
        self.assertGreaterEqual(sum(struck.values()), ROUNDS * LEAST_STRIKES_A_ROUND)
        self.assertTrue(all(struck.values()), struck)


if __name__ == "__main__":
    unittest.main()
