"""One service as a process: how it starts, refuses to start, loses its database, and ends."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import grpc

from independent_client import CallFailed, IndependentClient
from processes import Process, bare_environment, run, text_of, wait_until
from suite import SERVICES, Service, Suite, program, source_directory

SERVICE = "oversight.workforce.v1.WorkforceService"


class OneService(unittest.TestCase):
    """A workforce service of its own for each class of tests."""

    services = ("workforce",)

    @classmethod
    def setUpClass(cls):
        cls.suite = Suite(cls.services)
        cls.addClassCleanup(cls.suite.close)
        cls.service = cls.suite.services[cls.services[-1]]

    def create_worker(self, client, worker, **more):
        return client.call(f"{SERVICE}/CreateWorker",
                           {"parent": "authorities/a", "worker_id": worker, "worker": {}, **more})

    def client(self, **options):
        client = IndependentClient(self.service.address, **options)
        self.addCleanup(client.close)
        return client


class EndTest(OneService):
    def test_sigterm_lets_a_running_call_finish(self):
        client = self.client()
        client.call(f"{SERVICE}/CreateAuthority", {"authority_id": "a", "authority": {"display_name": "A"}})
        holder = self.suite.database.session(self.service.schema)
        holder.lock("SELECT COUNT(*) FROM ledger_head FOR UPDATE")
        self.addCleanup(holder.close)
        writing = Process(self.suite.ctl_command(
            "call", "workforce.CreateWorker", json.dumps({"parent": "authorities/a", "workerId": "w1"})),
            f"{self.suite.directory}/writing.log", bare_environment())
        # Not innodb_trx: it shows nothing new to those who look more often than ten times a second.
        waits = ("SELECT COUNT(*) FROM information_schema.processlist WHERE command <> 'Sleep' AND time_ms > 300 "
                 "AND info LIKE '%ledger_head%FOR UPDATE%' AND id <> CONNECTION_ID()")
        wait_until(lambda: self.suite.database.query(waits) != [["0"]], "the call waits for the lock", alive=writing)

        self.service.process.send(signal.SIGTERM)
        wait_until(lambda: '"stopping"' in self.service.process.log(), "the service is stopping",
                   alive=self.service.process)
        wait_until(lambda: not self.service.is_healthy(), "nothing new is taken")
        self.assertIsNone(self.service.process.exit_code(), "it waits for the call")
        self.assertIsNone(writing.exit_code())
        holder.release()
        self.assertEqual(writing.wait(), 0, writing.log())
        self.assertIn("authorities/a/workers/w1", writing.log())
        self.assertEqual(self.service.process.wait(), 0)
        self.assertIn('"stopped"', self.service.process.log())

        self.service.start()
        self.assertEqual(self.client().call(f"{SERVICE}/GetWorker", {"name": "authorities/a/workers/w1"})["name"],
                         "authorities/a/workers/w1")


class SuiteEndTest(OneService):
    services = SERVICES

    def test_watches_do_not_hold_up_the_end(self):
        for service in self.suite.services.values():  # whoever waited for the watches to end would wait this long
            service.process.terminate()
            service.launch(drain_timeout="10m")
        for service in self.suite.services.values():
            service.await_healthy()
        self.suite.call("workforce.CreateAuthority", {"authorityId": "a", "authority": {"displayName": "A"}})
        watcher = Process(
            [sys.executable, "-B", f"{os.path.dirname(__file__)}/ledger_watcher.py", self.suite.workforce.address, "a"],
            f"{self.suite.directory}/watcher.log", bare_environment())
        self.addCleanup(watcher.kill)
        wait_until(lambda: watcher.log().split() == ["1"], "the watch is open", alive=watcher)
        for service in self.suite.services.values():  # compliance watches the others, too
            service.process.send(signal.SIGTERM)
        self.assertEqual([service.process.wait() for service in self.suite.services.values()], [0] * len(SERVICES))

        self.suite.workforce.start()
        self.suite.call("workforce.CreateWorker", {"parent": "authorities/a", "workerId": "w1"})
        wait_until(lambda: watcher.log().split() == ["1", "2"], "the watch goes on where it was", alive=watcher)


class DatabaseTest(OneService):
    def test_away_and_back(self):
        client = self.client()
        client.call(f"{SERVICE}/CreateAuthority", {"authority_id": "a", "authority": {"display_name": "A"}})
        self.create_worker(client, "before")
        self.suite.database.kill()
        wait_until(lambda: not self.service.is_healthy(), "it says that it does not serve", alive=self.service.process)
        for method, request in (("GetWorker", {"name": "authorities/a/workers/before"}),
                                ("CreateWorker", {"parent": "authorities/a", "worker_id": "w", "worker": {}})):
            with self.assertRaises(CallFailed) as failed:
                client.call(f"{SERVICE}/{method}", request)
            self.assertEqual(failed.exception.code, grpc.StatusCode.UNAVAILABLE)
            self.assertEqual(failed.exception.reason, "DATABASE_UNAVAILABLE")
        self.suite.database.start()
        self.service.await_healthy()
        self.create_worker(client, "after")
        self.assertEqual([w["name"].rsplit("/", 1)[1] for w in client.call(
            f"{SERVICE}/ListWorkers", {"parent": "authorities/a"})["workers"]], ["after", "before"])
        self.assertIsNone(self.service.process.exit_code(), "it never ended")

    def test_unsafe_settings_are_refused_until_they_are_safe(self):
        self.suite.database.stop()
        self.suite.database.start("--innodb-flush-log-at-trx-commit=2")
        wait_until(lambda: "innodb_flush_log_at_trx_commit" in self.service.process.log(), "the log names the setting",
                   alive=self.service.process)
        self.assertFalse(self.service.is_healthy())
        code, _, err = self.service.run("config", "check")
        self.assertEqual(code, 1)
        self.assertIn("innodb_flush_log_at_trx_commit", err)
        self.suite.database.stop()
        self.suite.database.start()
        self.service.await_healthy()
        self.assertEqual(self.service.run("config", "check")[0], 0)


def encode(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Signer:
    """A key that signs tokens, made and used by openssl."""

    def __init__(self, directory, name):
        self.key, self.public = f"{directory}/{name}.key", f"{directory}/{name}.pem"
        for command in (["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key],
                        ["pkey", "-in", self.key, "-pubout", "-out", self.public]):
            subprocess.run(["openssl", *command], check=True, capture_output=True)

    def token(self, algorithm="RS256", signature=None, **claims):
        now = int(time.time())
        claims = {"sub": "ada", "iss": "issuer", "aud": "oversight", "exp": now + 600, "authority": "a",
                  "groups": ["readers"], **claims}
        text = ".".join(encode(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims))
        if signature is None:
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(),
                                       check=True, capture_output=True).stdout
        return f"{text}.{encode(signature)}"


class TokenTest(unittest.TestCase):
    def test_only_genuine_tokens_are_let_in(self):
        suite = Suite(())
        self.addCleanup(suite.close)
        trusted, stranger = Signer(suite.directory, "trusted"), Signer(suite.directory, "stranger")
        grants = f"{suite.directory}/grants.txtpb"
        with open(grants, "w", encoding="utf-8") as file:
            file.write('group { group: "readers" role: "director" }\n')
        service = Service("workforce", suite.database, suite.directory, {}, {
            "demo-mode": None, "jwt-keys-file": trusted.public, "jwt-issuer": "issuer", "jwt-audience": "oversight",
            "grants-file": grants})
        self.addCleanup(service.close)
        self.assertEqual(service.migrate("up")[0], 0)
        service.start()

        def attempt(token):
            client = IndependentClient(service.address, [("authorization", f"Bearer {token}")] if token else [])
            try:
                client.call(f"{SERVICE}/ListAuthorities", {})
                return "in"
            except CallFailed as failed:
                expected = (grpc.StatusCode.PERMISSION_DENIED if failed.reason == "ACCESS_DENIED"
                            else grpc.StatusCode.UNAUTHENTICATED)
                self.assertEqual(failed.code, expected)
                return failed.reason
            finally:
                client.close()

        genuine = trusted.token()
        header, claims, signature = genuine.split(".")
        root = encode(json.dumps({"sub": "root", "iss": "issuer", "aud": "oversight", "exp": 4102444800}).encode())
        for what, token, outcome in (
                ("genuine", genuine, "in"),
                ("of nobody's group", trusted.token(groups=["others"]), "ACCESS_DENIED"),
                ("of no authority", trusted.token(authority=""), "ACCESS_DENIED"),
                ("not yet valid", trusted.token(nbf=int(time.time()) + 3600), "TOKEN_INVALID"),
                ("none", "", "TOKEN_MISSING"),
                ("of a stranger's key", stranger.token(), "TOKEN_INVALID"),
                ("expired", trusted.token(exp=int(time.time()) - 3600), "TOKEN_EXPIRED"),
                ("for somebody else", trusted.token(aud="another"), "TOKEN_INVALID"),
                ("from another issuer", trusted.token(iss="another"), "TOKEN_INVALID"),
                ("claims exchanged", f"{header}.{root}.{signature}", "TOKEN_INVALID"),
                ("unsigned", trusted.token(algorithm="none", signature=b""), "TOKEN_INVALID"),
                ("no token at all", "nonsense", "TOKEN_INVALID")):
            with self.subTest(what):
                self.assertEqual(attempt(token), outcome)
        self.assertNotIn(signature, text_of(service.log_file), "tokens do not belong into logs")


class SettingsTest(OneService):
    def serve_fails(self, **settings):
        """What `serve` says when it does not start: (exit code, its output)."""
        process = Process(self.service.command("serve", **settings), f"{self.suite.directory}/serve-fails.log",
                          bare_environment())
        code = process.wait()
        log = process.log()
        os.remove(f"{self.suite.directory}/serve-fails.log")
        return code, log

    def test_demo_mode_stays_on_this_machine(self):
        code, log = self.serve_fails(listen="0.0.0.0:0", metrics_listen="127.0.0.1:0")
        self.assertEqual(code, 1)
        self.assertIn("loopback", log)

    def test_all_faults_are_named_at_once(self):
        code, log = self.serve_fails(listen="nowhere", db_port="70000", drain_timeout="soon", log_level="loud",
                                     db_schema=None)
        self.assertEqual(code, 2)
        for name in ("listen", "db-port", "drain-timeout", "log-level", "db-schema"):
            self.assertIn(name, log)
        code, out, err = run(self.service.command("serve") + ["--db-shema=x"], bare_environment())
        self.assertEqual(code, 2)
        self.assertIn("db-schema", err, "a mistyped name gets the nearest one")

    def test_without_a_way_to_know_callers_it_does_not_serve(self):
        code, log = self.serve_fails(demo_mode="false")
        self.assertEqual(code, 2)
        self.assertIn("jwt-keys-file", log)

    def test_migrations_are_applied_once(self):
        code, out, err = self.service.migrate("up")
        self.assertEqual(code, 0, err)
        count = len(os.listdir(f"{source_directory()}/services/workforce/migrations"))
        self.assertEqual(out.strip().splitlines()[-1], f"0 applied, schema is at version {count}")
        code, out, err = self.service.migrate("status")
        self.assertEqual(code, 0, err)
        lines = out.splitlines()
        self.assertEqual([int(line[:4]) for line in lines], list(range(1, count + 1)))
        self.assertEqual({line.split()[1] for line in lines}, {"applied"})

    def test_a_server_never_changes_the_schema(self):
        code, _, err = self.service.run("migrate", "up", migrations_dir=self.more_migrations())
        self.assertEqual(code, 1)
        self.assertIn("denied", err)

    def more_migrations(self):
        directory = f"{self.suite.directory}/more-migrations"
        shutil.copytree(f"{source_directory()}/services/workforce/migrations", directory)
        with open(f"{directory}/{len(os.listdir(directory)) + 1:04}_one_more.sql", "w", encoding="ascii") as file:
            file.write("CREATE TABLE one_more (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB;\n")
        return directory

    def test_the_reference_names_every_setting(self):
        code, out, _ = run([program("workforce"), "config", "reference"])
        self.assertEqual(code, 0)
        for name in self.service.settings:
            self.assertIn(name, out)

    def test_a_wrong_command_shows_the_right_ones(self):
        code, _, err = run([program("workforce"), "sreve"])
        self.assertEqual(code, 2)
        self.assertIn("serve", err)


class AccessLogTest(OneService):
    """`access-log prune`, with a user made as deploy/mysql/users.sh makes it."""

    def setUp(self):
        passwords = tempfile.mkdtemp(dir=self.suite.directory)
        for service in ("workforce", "caseload", "supervision", "compliance"):
            for user in ("", "_migrate", "_prune"):
                with open(f"{passwords}/oversight_{service}{user}", "w", encoding="ascii") as file:
                    file.write(f"{service}{user}")
        code, sql, err = run([f"{source_directory()}/deploy/mysql/users.sh", passwords], environment=bare_environment())
        self.assertEqual(code, 0, err)
        self.suite.database.query(sql)
        self.password_file = f"{passwords}/oversight_workforce_prune"
        self.suite.database.query("DELETE FROM access_log", "oversight_workforce")
        for days in (10, 40, 400, 4000):
            self.suite.database.query(
                f"INSERT INTO access_log VALUES ('a', UTC_TIMESTAMP(6) - INTERVAL {days} DAY, '12345678', 'user:{days}', '', "
                "'/m', '', 1, '')", "oversight_workforce")

    def kept(self):
        return {row[0] for row in self.suite.database.query("SELECT actor FROM access_log", "oversight_workforce")}

    def prune(self, **settings):
        return self.service.run("access-log", "prune", db_user="oversight_workforce_prune",
                                db_password_file=self.password_file, **settings)

    def test_keeps_what_is_younger(self):
        code, out, err = self.prune(access_log_keep_days=365)
        self.assertEqual((code, out[:30]), (0, "2 records of the access log fr"), err)
        self.assertEqual(self.kept(), {"user:10", "user:40"})

    def test_removes_nothing_unless_told_how_long_to_keep(self):
        code, out, err = self.prune()
        self.assertEqual((code, out.split()[0]), (0, "0"), err)
        self.assertEqual(len(self.kept()), 4)

    def test_does_not_keep_for_less_than_a_month(self):
        code, _, err = self.prune(access_log_keep_days=29)
        self.assertEqual(code, 2)
        self.assertIn("access-log-keep-days", err)
        self.assertEqual(len(self.kept()), 4)

    def test_its_user_may_do_nothing_else(self):
        code, _, err = self.service.run("migrate", "up", db_user="oversight_workforce_prune",
                                        db_password_file=self.password_file)
        self.assertEqual(code, 1, err)
        grants = self.suite.database.query("SHOW GRANTS FOR 'oversight_workforce_prune'@'%'")
        self.assertEqual([row[0].split(" TO ")[0] for row in grants][1:],
                         ["GRANT SELECT, DELETE ON `oversight_workforce`.`access_log`"])


class PolicyTest(OneService):
    services = SERVICES

    def test_a_mistyped_policy_is_named_by_line_and_column(self):
        policies = f"{self.suite.directory}/policies"
        shutil.copytree(f"{source_directory()}/services/compliance/policies", policies)
        path = f"{policies}/knowsley/knowsley.txtpb"
        text = text_of(path)
        wrong = "sevrity"
        spoilt = text.replace("severity:", f"{wrong}:", 1)
        self.assertNotEqual(spoilt, text)
        line = spoilt[:spoilt.index(wrong)].count("\n") + 1
        with open(path, "w", encoding="utf-8") as file:
            file.write(spoilt)
        code, out, err = self.service.run("serve", policy_dir=policies, listen="127.0.0.1:0",
                                          metrics_listen="127.0.0.1:0")
        self.assertEqual(code, 1, out + err)
        self.assertRegex(out + err, rf"knowsley\.txtpb:{line}:\d+: .*{wrong}")


if __name__ == "__main__":
    unittest.main()
