"""Backup, everything dropped, restored to a moment: by the scripts of deploy/mysql, as the handbook says. The ledgers verify,
what was written before the moment is there, what came after is not, and all works again."""

import glob
import os
import sys
import tempfile
import shutil
import time
import unittest

import tools
from processes import run, wait_until
from suite import SERVICES, Suite, make_sample, open_cases

tools.require("mariadb-dump", "mariadb-binlog")

BINARY_LOG = ("--log-bin=binlog", "--sync-binlog=1", "--binlog-format=ROW", "--server-id=1")


class RestoreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite(database_arguments=BINARY_LOG)
        cls.addClassCleanup(cls.suite.close)
        cls.folder = tempfile.mkdtemp(prefix="oversight-backup-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.client = f"{cls.folder}/client.cnf"
        with open(cls.client, "w", encoding="ascii") as file:
            file.write(f"[client]\nsocket={cls.suite.database.directory}/socket\nuser=root\n")

    def script(self, name, *arguments):
        folders = f"{tools.ROOT}/usr/bin:{os.environ['PATH']}:{os.path.dirname(os.environ['OVERSIGHT_E2E_OVERSIGHTCTL'])}"
        targets = {f"OVERSIGHT_{service.upper()}_TARGET": self.suite.services[service].address for service in SERVICES}
        code, out, err = run([f"{tools.SOURCE}/deploy/mysql/{name}", *arguments],
                             environment={**tools.environment(), **targets, "PATH": folders, "OVERSIGHT_DEMO_USER": "tester"})
        self.assertEqual(code, 0, out + err)
        return out

    def create(self, worker):
        self.suite.call("workforce.CreateWorker", {"parent": "authorities/a", "workerId": worker, "worker": {}})

    def workers(self):
        listed = self.suite.list_all("workforce.ListWorkers", {"parent": "authorities/a"}, "workers")
        return {worker["name"].rsplit("/", 1)[1] for worker in listed}

    def restart(self):
        for service in self.suite.services.values():
            service.launch()
        for service in self.suite.services.values():
            service.await_healthy()

    def test_back_to_a_moment(self):
        files = make_sample(f"{self.suite.directory}/sample")
        self.suite.ctl_json("import", files, "--authority", "a", "--wait")
        started = time.monotonic()
        self.script("backup.sh", "--client", self.client, "--out", f"{self.folder}/kept", "--metrics", f"{self.folder}/b.prom")
        backed_up = time.monotonic() - started
        self.create("after-the-dump")
        before = self.suite.call("workforce.ListWorkers", {"parent": "authorities/a", "pageSize": 1000})
        # The binary log tells moments apart by seconds.
        second = int(time.time())
        wait_until(lambda: int(time.time()) > second, "the next second")
        until = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        wait_until(lambda: int(time.time()) > second + 1, "the next second")
        self.create("by-mistake")
        self.script("backup.sh", "--client", self.client, "--out", f"{self.folder}/kept", "--binlogs-only")

        for service in self.suite.services.values():
            self.assertEqual(service.process.terminate(), 0)
        for service in SERVICES:
            self.suite.database.query(f"DROP DATABASE oversight_{service}")
        started = time.monotonic()
        said = self.script("restore.sh", "--client", self.client, "--dump", *glob.glob(f"{self.folder}/kept/dumps/*.sql.gz"),
                           "--binlogs", f"{self.folder}/kept/binlogs", "--until", until)
        for service in self.suite.services.values():
            code, out, err = service.run("ledger", "new-incarnation")
            self.assertEqual(code, 0, out + err)
        self.restart()
        restored = time.monotonic() - started

        self.assertIn("after-the-dump", self.workers())
        self.assertNotIn("by-mistake", self.workers())
        after = self.suite.call("workforce.ListWorkers", {"parent": "authorities/a", "pageSize": 1000})
        self.assertEqual(after, before)
        started = time.monotonic()
        self.script("verify.sh", "--metrics", f"{self.folder}/v.prom", "a")
        verified = time.monotonic() - started
        self.create("by-mistake")
        self.assertEqual(self.suite.ctl("wait", "--authority", "a")[0], 0, "compliance has rebuilt")
        report = self.suite.ctl_json("report", "--authority", "a")
        self.assertEqual(report["summary"]["openCases"], open_cases(files))
        print(f"\nbacked up in {backed_up:.1f} s; restored and serving in {restored:.1f} s; verified in {verified:.1f} s\n{said}",
              file=sys.stderr)
        for name, lines in (("b.prom", ("oversight_backup_timestamp_seconds ",)),
                            ("v.prom", ('oversight_ledger_intact{authority="a"} 1',
                                        'oversight_ledger_verified_timestamp_seconds{authority="a"} '))):
            with open(f"{self.folder}/{name}", encoding="ascii") as file:
                text = file.read()
            for line in lines:
                self.assertIn(line, text)

    def test_damage_is_found_and_written_down(self):
        self.suite.call("workforce.CreateAuthority", {"authorityId": "d", "authority": {"displayName": "D"}})
        self.suite.call("workforce.CreateTeam", {"parent": "authorities/d", "teamId": "t", "team": {"displayName": "T"}})
        self.suite.database.query("UPDATE team SET version = version + 1 WHERE authority = 'd'", "oversight_workforce")
        with self.assertRaises(AssertionError):
            self.script("verify.sh", "--metrics", f"{self.folder}/d.prom", "d")
        with open(f"{self.folder}/d.prom", encoding="ascii") as file:
            self.assertIn('oversight_ledger_intact{authority="d"} 0', file.read())


if __name__ == "__main__":
    unittest.main()
