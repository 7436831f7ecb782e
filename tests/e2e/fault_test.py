"""Kills each service and the database in the middle of imports, with SIGKILL, and checks that nothing acknowledged is
lost, nothing is there twice, watches neither skip nor repeat, and compliance comes to the same findings as if
nothing had happened.

OVERSIGHT_DEEP=1 kills every victim 30 times instead of twice, and with OVERSIGHT_TURN eight times."""

import os
import sys
import unittest

import stored_history
from processes import Process, bare_environment, text_of, wait_until
from single_writes import Writer
from suite import SERVICES, Suite, make_sample

VICTIMS = (*SERVICES, "database")
KILLS_IN_A_ROUND = 2
ROUNDS = (4 if os.environ.get("OVERSIGHT_TURN") else 15) if os.environ.get("OVERSIGHT_DEEP") else 1
# The service whose ledger grows when a victim is struck, so that it is struck at its work.
STRUCK_WHILE = {"workforce": "workforce", "caseload": "caseload", "supervision": "supervision",
                "compliance": "supervision", "database": "caseload"}


class Watcher:
    """One who follows the ledger of a service through all interruptions (ledger_watcher.py)."""

    def __init__(self, suite, service, authority):
        self._process = Process(
            [sys.executable, "-B", f"{os.path.dirname(__file__)}/ledger_watcher.py", suite.services[service].address,
             authority], f"{suite.directory}/watcher-{service}-{authority}.log", bare_environment())

    def revisions(self):
        return [int(line) for line in self._process.log().splitlines()]

    def finish(self, last):
        """The revisions seen, once the last one is."""
        wait_until(lambda: str(last) in self._process.log().splitlines(), f"revision {last} is seen",
                   alive=self._process)
        self._process.terminate()
        return self.revisions()


class FaultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        cls.files = make_sample(f"{cls.suite.directory}/sample")
        cls.suite.ctl_json("import", cls.files, "--authority", "undisturbed", "--wait")
        cls.undisturbed = cls.state_of("undisturbed")
        cls.sizes = {name: len(records) for name, records in cls.undisturbed["records"].items()}

    # ---- what is compared

    @classmethod
    def state_of(cls, authority):
        """All records of all services with their versions, and all findings, the authority's name left out."""
        records = {}
        for service in SERVICES:
            found = {}
            for answer in cls.suite.call(f"{service}.Snapshot", {"name": f"authorities/{authority}"}):
                for record in answer.get("records", []):
                    for field in ("createTime", "updateTime", "etag"):
                        record["resource"].pop(field, None)
                    record = stored_history.neutral(record, authority)
                    if "/written-" not in f"/{record['resourceName']}":
                        found[record["resourceName"]] = (
                            record["resourceVersion"], record["deleted"],
                            {k: v for k, v in record["resource"].items() if k != "name"})
            records[service] = found
        return {"records": records, "findings": stored_history.findings(cls.suite, authority)}

    def entries(self, service, authority):
        return int(self.suite.database.query(
            f"SELECT COUNT(*) FROM ledger_entry WHERE authority = '{authority}'", f"oversight_{service}")[0][0])

    # ---- striking

    def strike(self, victim):
        if victim == "database":
            self.suite.database.kill()
            self.suite.database.start()
            return
        service = self.suite.services[victim]
        service.kill()
        service.launch()

    def import_under_fire(self, authority):
        """Imports once, striking each victim when a ledger passes its marks; returns the strikes before the end."""
        log = f"{self.suite.directory}/import-{authority}.log"
        importing = Process(self.suite.ctl_command("import", self.files, "--authority", authority, "--chunk", "10",
                                                   "--parallel", "2", "--retry-for", "2m", "--json"),
                            log, bare_environment())
        planned = [(victim, self.sizes[STRUCK_WHILE[victim]] * (turn + 1) / (KILLS_IN_A_ROUND + 1 + 0.1 * index))
                   for turn in range(KILLS_IN_A_ROUND) for index, victim in enumerate(VICTIMS)]
        struck = []
        while planned:
            if importing.exit_code() is not None:
                break
            sizes = {service: self.entries(service, authority) for service in set(STRUCK_WHILE.values())}
            due = [(victim, mark) for victim, mark in planned if sizes[STRUCK_WHILE[victim]] >= mark]
            for victim, mark in due[:1]:
                planned.remove((victim, mark))
                self.strike(victim)
                struck.append(victim)
        code = importing.wait()
        for victim, _ in planned:  # the import was faster than the marks
            self.strike(victim)
        return struck, code, text_of(log)

    def await_all(self):
        for service in self.suite.services.values():
            service.await_healthy()

    # ---- the tests

    def test_nothing_acknowledged_is_lost_or_doubled(self):
        struck = dict.fromkeys(VICTIMS, 0)
        for number in range(ROUNDS):
            authority = f"struck-{number}"
            self.suite.call("workforce.CreateAuthority", {
                "authorityId": authority, "authority": self.undisturbed_authority()})
            writer = Writer(self.suite, authority)
            watchers = {service: Watcher(self.suite, service, authority) for service in ("caseload", "supervision")}
            hits, code, log = self.import_under_fire(authority)
            for victim in hits:
                struck[victim] += 1
            self.await_all()
            acknowledged = writer.finish()
            self.assertIn(code, (0, 3), log[-3000:])
            self.finish_import(authority)
            for service, watcher in watchers.items():
                last = self.entries(service, authority)
                self.assertEqual(watcher.finish(last), list(range(1, last + 1)), f"the watch of {service}")
            self.check(authority, acknowledged)
            repeated = sum(write["repeated"] for write in acknowledged)
            print(f"round {number}: struck {len(hits)} times during the import (exit code {code}), "
                  f"{len(acknowledged)} single writes acknowledged, {repeated} tried again", flush=True)
        print(f"struck in the middle of an import: {struck}", flush=True)
        for victim, times in struck.items():
            self.assertGreaterEqual(times, ROUNDS, f"{victim} was hardly ever struck in the middle of an import")

    def undisturbed_authority(self):
        made = self.suite.call("workforce.GetAuthority", {"name": "authorities/undisturbed"})
        return {field: made[field] for field in ("displayName", "recordsCompleteFromDate", "externalIds")}

    def finish_import(self, authority):
        """Again until it is complete, which after the last strike it is at once."""
        summary = self.suite.ctl_json("import", self.files, "--authority", authority, "--wait")
        self.assertEqual(summary["refused"], [])

    def check(self, authority, acknowledged):
        code, out, err = self.suite.ctl("verify", "--authority", authority)
        self.assertEqual(code, 0, out + err)
        self.assertEqual(out.count(": intact, "), len(SERVICES), out)

        # Importing again changes nothing.
        before = {service: self.entries(service, authority) for service in SERVICES}
        again = self.suite.ctl_json("import", self.files, "--authority", authority, "--wait")
        for kind in again["kinds"]:
            self.assertEqual(kind["unchanged"], sum(v for k, v in kind.items() if k not in ("kind", "seconds")), kind)
        self.assertEqual({service: self.entries(service, authority) for service in SERVICES}, before)

        # What was acknowledged is there, written once, as it was acknowledged.
        times = dict(self.suite.database.query(
            f"SELECT resource_name, COUNT(*) FROM ledger_entry WHERE authority = '{authority}' "
            f"AND resource_name LIKE '%/workers/written-%' GROUP BY resource_name", "oversight_workforce"))
        self.assertEqual(times, {write["name"]: "1" for write in acknowledged})
        kept = {w["name"]: w["etag"] for w in self.suite.list_all(
            "workforce.ListWorkers", {"parent": f"authorities/{authority}"}, "workers")}
        for write in acknowledged:
            self.assertEqual(kept[write["name"]], write["etag"])

        # The same records in the same versions, and the same findings, as without disturbance.
        self.maxDiff = 4000
        state = self.state_of(authority)
        for service in SERVICES:
            self.assertEqual(state["records"][service].keys(), self.undisturbed["records"][service].keys())
            for name, record in self.undisturbed["records"][service].items():
                self.assertEqual(state["records"][service][name], record, name)
        self.assertEqual(state["findings"], self.undisturbed["findings"])
        stored_history.check(self, self.suite, authority)


if __name__ == "__main__":
    unittest.main()
