"""The suite on a real MySQL 9, which Debian has in unstable: it runs in a root of its own made by mmdebstrap, so this needs
root and a mirror. Import, judgement, report, verification, an independent client's view, and a kill of the database."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import suite as suite_module
import tools
from database import Database
from failover_test import settings
from processes import Process, free_port, wait_until
from suite import SERVICES, Suite, make_sample, open_cases

PACKAGES = "mysql-server-core,mysql-client-core"


def not_run(why):
    print(f"***** NOT RUN: {why} *****", file=sys.stderr)
    sys.exit(tools.NOT_RUN)


def make_root():
    """A folder with MySQL in it; kept beside the other tools."""
    root = f"{os.path.dirname(tools.ROOT)}/mysql"
    if os.path.exists(f"{root}/complete"):
        return root
    if os.geteuid() != 0:
        not_run("a root for MySQL can only be made, and entered, by root")
    if not shutil.which("mmdebstrap") and not shutil.which("apt-get"):
        not_run("mmdebstrap missing")
    if not shutil.which("mmdebstrap"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "mmdebstrap"], capture_output=True)
    shutil.rmtree(root, ignore_errors=True)
    # The packages' own scripts are not run: nothing but the program is wanted.
    done = subprocess.run(["mmdebstrap", "--quiet", "--variant=extract", f"--include={PACKAGES}",
                           '--aptopt=Acquire::Check-Valid-Until "false"', "unstable", root], capture_output=True, text=True)
    if done.returncode != 0:
        not_run(f"MySQL cannot be had from Debian unstable: {done.stderr[-500:]}")
    # Nor is there a base system, which would bring these.
    for folder in ("bin", "lib", "lib64", "sbin"):
        if not os.path.lexists(f"{root}/{folder}"):
            os.symlink(f"usr/{folder}", f"{root}/{folder}")
    with open(f"{root}/complete", "w", encoding="ascii"):
        return root


class MySql(Database):
    """The same as its base, with MySQL for MariaDB."""

    def __init__(self, arguments=()):
        self._arguments, self._root = list(arguments), ROOT
        self.port = free_port()
        self._process = None
        self.directory = tempfile.mkdtemp(prefix="oversight-mysql-", dir=f"{self._root}/tmp")
        self._inside = self.directory.removeprefix(self._root)
        os.mkdir(f"{self.directory}/tmp")
        self._common = ["chroot", self._root, "/usr/sbin/mysqld", "--no-defaults", "--user=root",
                        f"--datadir={self._inside}/data", f"--tmpdir={self._inside}/tmp"]
        made = subprocess.run([*self._common, "--initialize-insecure"], capture_output=True, text=True)
        if made.returncode != 0:
            raise RuntimeError(f"mysqld --initialize-insecure: {made.stderr[-2000:]}")
        self.start()

    def start(self, *more_arguments):
        self._process = Process(
            [*self._common, f"--socket={self._inside}/socket", f"--port={self.port}", "--bind-address=127.0.0.1",
             f"--pid-file={self._inside}/pid", "--mysqlx=OFF", "--secure-file-priv=NULL", "--skip-name-resolve", "--character-set-server=utf8mb4",
             "--collation-server=utf8mb4_bin", "--innodb-buffer-pool-size=64M", "--max-connections=300",
             *self._arguments, *more_arguments], f"{self.directory}/log")
        wait_until(self._answers, "the database answers", alive=self._process)


class MySqlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        global ROOT
        ROOT = make_root()
        os.makedirs(f"{ROOT}/tmp", exist_ok=True)
        original, suite_module.Database = suite_module.Database, MySql
        try:
            cls.suite = Suite(database_arguments=(*settings("oversight.cnf"), "--log-bin=binlog"))
        finally:
            suite_module.Database = original
        cls.addClassCleanup(cls.suite.close)
        cls.files = make_sample(f"{cls.suite.directory}/sample")

    def test_0_it_accepts_the_settings_of_replication(self):
        files = settings("oversight.cnf", "replication-mysql.cnf")
        done = subprocess.run(["chroot", ROOT, "/usr/sbin/mysqld", "--no-defaults", "--user=root", "--validate-config",
                               "--secure-file-priv=NULL", *files], capture_output=True, text=True)
        self.assertEqual((done.returncode, [line for line in done.stderr.splitlines() if "ERROR" in line]), (0, []), done.stderr)

    def test_1_it_is_mysql_with_safe_settings(self):
        version, binary_log, sync = self.suite.database.query("SELECT VERSION(), @@log_bin, @@sync_binlog")[0]
        print(f"\nMySQL {version}", file=sys.stderr)
        self.assertNotIn("MariaDB", version)
        self.assertGreaterEqual(int(version.split(".")[0]), 9)
        self.assertEqual((binary_log, sync), ("1", "1"))
        plugins = self.suite.database.query("SELECT DISTINCT plugin FROM user WHERE user LIKE 'oversight%'")
        self.assertEqual(plugins, [["caching_sha2_password"]])

    def test_2_import_judgement_report_and_verification(self):
        began = time.monotonic()
        summary = self.suite.ctl_json("import", self.files, "--authority", "a", "--wait")
        self.assertEqual(summary["refused"], [])
        again = self.suite.ctl_json("import", self.files, "--authority", "a", "--wait")
        self.assertEqual(again["refused"], [])
        report = self.suite.ctl_json("report", "--authority", "a")
        self.assertEqual(report["summary"]["openCases"], open_cases(self.files))
        self.assertEqual(self.suite.ctl("verify", "--authority", "a")[0], 0)
        print(f"\nimported twice, judged and verified in {time.monotonic() - began:.1f} s", file=sys.stderr)

    def test_3_refusals_are_those_of_mariadb(self):
        create = {"parent": "authorities/a", "teamId": "same", "team": {"displayName": "T"}}
        self.suite.call("workforce.CreateTeam", create)
        self.assertEqual(self.suite.call("workforce.CreateTeam", create, exit_code=1)["reason"], "RESOURCE_EXISTS")

    def test_4_killed_and_back_again(self):
        self.suite.database.kill()
        wait_until(lambda: not self.suite.workforce.is_healthy(), "the service sees that its database is gone")
        self.suite.database.start()
        for name in SERVICES:
            self.suite.services[name].await_healthy()
        self.suite.call("workforce.CreateTeam", {"parent": "authorities/a", "teamId": "after", "team": {"displayName": "T"}})
        self.assertEqual(self.suite.ctl("verify", "--authority", "a")[0], 0)

    def test_5_an_unsafe_setting_is_refused(self):
        self.suite.database.query("SET GLOBAL sync_binlog = 0")
        wait_until(lambda: not self.suite.workforce.is_healthy(), "the service refuses to serve")
        self.suite.database.query("SET GLOBAL sync_binlog = 1")
        self.suite.workforce.await_healthy()


if __name__ == "__main__":
    unittest.main()
