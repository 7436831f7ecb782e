"""The primary database is killed under a load of writes; its replica takes over. With the settings of deploy/mysql no
acknowledged write is lost, and writes resume; how long that takes is printed. And without a replica nothing is acknowledged."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import unittest

import tools
from database import Database
from independent_client import CallFailed, IndependentClient
from processes import Process, bare_environment, free_port, run, wait_until
from suite import Service

tools.require("haproxy")

WRITERS = 4
SERVICE = "oversight.workforce.v1.WorkforceService"


def settings(*files):
    """The settings of files of deploy/mysql as arguments, but for those of the machine they would run on."""
    foreign = ("ssl_", "require_secure_transport", "innodb_buffer_pool_size", "read_only", "server_id", "log_bin")
    for name in files:
        with open(f"{tools.SOURCE}/deploy/mysql/{name}", encoding="utf-8") as file:
            for line in file:
                setting = re.match(r"(\w+) = (.*)$", line)
                if setting and not setting[1].startswith(foreign):
                    yield f"--{setting[1].replace('_', '-')}={setting[2]}"


class Switch:
    """What stands for the database's name: HAProxy in front of primary and replica. The replica is asked only when the
    primary does not answer."""

    def __init__(self, directory, primary, replica):
        self.port = free_port()
        path = f"{directory}/switch.cfg"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"""
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
listen database
  bind 127.0.0.1:{self.port}
  default-server check inter 200ms fall 1 rise 2 on-marked-down shutdown-sessions
  server primary 127.0.0.1:{primary.port}
  server replica 127.0.0.1:{replica.port} backup
""")
        self.process = Process([tools.find("haproxy"), "-db", "-f", path], f"{directory}/switch.log", tools.environment())
        wait_until(self._answers, "the switch answers", alive=self.process)

    def _answers(self):
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0


class FailoverTest(unittest.TestCase):
    def setUp(self):
        common = [*settings("oversight.cnf", "replication-mariadb.cnf"), "--log-bin=binlog"]
        self.primary = Database([*common, "--server-id=1", "--rpl-semi-sync-master-enabled=OFF"])
        self.addCleanup(self.primary.close)
        self.replica = Database([*common, "--server-id=2", "--read-only=ON", "--rpl-semi-sync-master-enabled=OFF"])
        self.addCleanup(self.replica.close)
        self.directory = self.primary.directory
        self.follow(self.primary, self.replica)
        self.switch = Switch(self.directory, self.primary, self.replica)
        self.addCleanup(self.switch.process.kill)

    def follow(self, primary, replica):
        """Makes one follow the other from the first entry of its log, and the other wait for it."""
        primary.query("CREATE USER 'replica'@'127.0.0.1' IDENTIFIED BY 'r'; GRANT REPLICATION SLAVE ON *.* TO 'replica'@'127.0.0.1'")
        replica.query(f"""CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={primary.port}, MASTER_USER='replica',
            MASTER_PASSWORD='r', MASTER_USE_GTID=slave_pos; START REPLICA""")
        primary.query("SET GLOBAL rpl_semi_sync_master_enabled = ON")
        wait_until(lambda: self.status(primary, "Rpl_semi_sync_master_clients") == "1", "the replica is waited for")

    def status(self, database, name):
        return database.query(f"SHOW GLOBAL STATUS LIKE '{name}'")[0][1]

    def start_service(self):
        service = Service("workforce", self.primary, self.directory, {}, {"db-port": str(self.switch.port)})
        self.addCleanup(service.close)
        code, out, err = service.migrate("up")
        self.assertEqual(code, 0, out + err)
        service.start()
        return service

    def start_writers(self, service, client):
        writers = []
        for number in range(WRITERS):
            client.call(f"{SERVICE}/CreateAuthority", {"authority_id": f"w{number}", "authority": {"display_name": "W"}})
            writer = Process([sys.executable, "-B", f"{tools.SOURCE}/tests/e2e/single_writer.py", service.address, f"w{number}"],
                             f"{self.directory}/writer-{number}", bare_environment())
            self.addCleanup(writer.kill)
            writers.append(writer)
        for writer in writers:
            wait_until(lambda writer=writer: writer.log().count("\n") > 50, "writes are acknowledged", alive=writer)
        return writers

    def promote(self):
        path = f"{self.directory}/promote.cnf"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"[client]\nsocket={self.replica.directory}/socket\nuser=root\n")
        code, out, err = run([f"{tools.SOURCE}/deploy/mysql/promote.sh", path], environment=dict(os.environ))
        self.assertEqual(code, 0, out + err)

    def test_no_acknowledged_write_is_lost_and_writes_resume(self):
        service = self.start_service()
        client = IndependentClient(service.address)
        self.addCleanup(client.close)
        writers = self.start_writers(service, client)
        before = [writer.log().count("\n") for writer in writers]
        killed = time.monotonic()
        self.primary.kill()
        # Until it is promoted the replica answers reads and refuses writes, which their writers send again.
        self.promote()
        promoted = time.monotonic()
        for writer, count in zip(writers, before):
            wait_until(lambda writer=writer, count=count: writer.log().count("\n") > count + 20, "writes resume", alive=writer)
        resumed = time.monotonic()
        acknowledged = []
        for writer in writers:
            self.assertEqual(writer.terminate(), 0, writer.log()[-1000:])
            acknowledged += [json.loads(line)["name"] for line in writer.log().splitlines()]
        stored = {row[0] for row in self.replica.query(
            "SELECT CONCAT('authorities/', authority, '/workers/', id) FROM worker", "oversight_workforce")}
        self.assertEqual([name for name in acknowledged if name not in stored], [])
        self.assertEqual(len(acknowledged), len(set(acknowledged)))
        verdict = [self.verify(service, f"w{number}") for number in range(WRITERS)]
        self.assertEqual(verdict, [0] * WRITERS)
        print(f"\n{len(acknowledged)} acknowledged writes, none lost; promoted {promoted - killed:.1f} s after the kill, "
              f"all writers wrote again after {resumed - killed:.1f} s", file=sys.stderr)

    def verify(self, service, authority):
        return subprocess.run([os.environ["OVERSIGHT_E2E_OVERSIGHTCTL"], "verify", "--service", "workforce", "--workforce",
                               service.address, "--demo-user", "tester", "--authority", authority],
                              capture_output=True).returncode

    def test_without_a_replica_nothing_is_acknowledged(self):
        service = self.start_service()
        client = IndependentClient(service.address)
        self.addCleanup(client.close)
        create = f"{SERVICE}/CreateAuthority"
        client.call(create, {"authority_id": "first", "authority": {"display_name": "W"}})
        self.replica.kill()
        with self.assertRaises(CallFailed) as failed:
            client.call(create, {"authority_id": "second", "authority": {"display_name": "W"}}, timeout=5)
        self.assertEqual(failed.exception.code.name, "DEADLINE_EXCEEDED")
        self.assertEqual(self.status(self.primary, "Rpl_semi_sync_master_status"), "ON", "it has not fallen back")
        self.replica.start()
        wait_until(lambda: self.status(self.primary, "Rpl_semi_sync_master_clients") == "1", "the replica is back")
        client.call(create, {"authority_id": "third", "authority": {"display_name": "W"}})


if __name__ == "__main__":
    unittest.main()
