"""A client of another make, with nothing but reflection to go by, can use the services."""

import unittest

import grpc

from independent_client import CallFailed, IndependentClient
from suite import Suite

WORKFORCE = "oversight.workforce.v1.WorkforceService"
CASELOAD = "oversight.caseload.v1.CaseloadService"


class IndependentClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite(("workforce", "caseload"))
        cls.addClassCleanup(cls.suite.close)
        cls.workforce = IndependentClient(cls.suite.workforce.address)
        cls.addClassCleanup(cls.workforce.close)
        cls.workforce.call(f"{WORKFORCE}/CreateAuthority",
                           {"authority_id": "a", "authority": {"display_name": "A"}})

    def test_reflection_lists_what_is_served(self):
        self.assertEqual(self.workforce.services(), [
            "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection", "oversight.access.v1.AccessService",
            "oversight.ledger.v1.LedgerService", WORKFORCE])

    def test_creates_reads_and_lists(self):
        created = self.workforce.call(f"{WORKFORCE}/CreateWorker", {
            "parent": "authorities/a", "worker_id": "w1",
            "worker": {"employment_start_date": {"year": 2024, "month": 2, "day": 29}}})
        self.assertEqual(created["name"], "authorities/a/workers/w1")
        self.assertIn("oversight-token", self.workforce.trailers)
        self.assertEqual(self.workforce.call(f"{WORKFORCE}/GetWorker", {"name": created["name"]}), created)
        for number in range(2, 5):
            self.workforce.call(f"{WORKFORCE}/CreateWorker",
                                {"parent": "authorities/a", "worker_id": f"w{number}", "worker": {}})
        names, token = [], ""
        while True:
            page = self.workforce.call(f"{WORKFORCE}/ListWorkers",
                                       {"parent": "authorities/a", "page_size": 2, "page_token": token})
            names += [worker["name"].rsplit("/", 1)[1] for worker in page["workers"]]
            token = page.get("next_page_token")
            if not token:
                break
        self.assertEqual(names, ["w1", "w2", "w3", "w4"])

    def test_errors_carry_one_reason_and_the_bad_fields(self):
        for method, request, code, reason, fields in (
                ("GetWorker", {"name": "authorities/a/workers/none"}, grpc.StatusCode.NOT_FOUND,
                 "RESOURCE_NOT_FOUND", []),
                ("GetWorker", {"name": "not a name"}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_NAME", None),
                ("CreateTeam", {"parent": "authorities/a", "team_id": "t", "team": {}},
                 grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS", ["team.display_name"]),
                ("CreateAuthority", {"authority_id": "a", "authority": {"display_name": "Another"}},
                 grpc.StatusCode.ALREADY_EXISTS, "RESOURCE_EXISTS", [])):
            with self.subTest(method=method, request=request):
                with self.assertRaises(CallFailed) as failed:
                    self.workforce.call(f"{WORKFORCE}/{method}", request)
                self.assertEqual((failed.exception.code, failed.exception.reason), (code, reason))
                self.assertEqual(failed.exception.info["domain"], "oversight")
                if fields is not None:
                    self.assertEqual(failed.exception.fields, fields)

    def test_what_one_service_stores_another_accepts_as_a_reference(self):
        self.workforce.call(f"{WORKFORCE}/CreateWorker",
                            {"parent": "authorities/a", "worker_id": "holder", "worker": {}})
        caseload = IndependentClient(self.suite.caseload.address)
        self.addCleanup(caseload.close)
        caseload.call(f"{CASELOAD}/CreateCase", {"parent": "authorities/a", "case_id": "c1", "case": {
            "kind": "KIND_CHILD", "open_periods": [{"start_date": {"year": 2026, "month": 1, "day": 5}}]}})
        allocation = {"worker": "authorities/a/workers/holder", "role": "ALLOCATION_ROLE_KEYWORKER",
                      # This caseload is not told where compliance is.
                      "unchecked_reason": "a test of references",
                      "start_date": {"year": 2026, "month": 1, "day": 5}}
        made = caseload.call(f"{CASELOAD}/CreateAllocation", {
            "parent": "authorities/a/cases/c1", "allocation_id": "k1", "allocation": allocation})
        self.assertEqual(made["worker"], allocation["worker"])
        with self.assertRaises(CallFailed) as failed:
            caseload.call(f"{CASELOAD}/CreateAllocation", {
                "parent": "authorities/a/cases/c1", "allocation_id": "k2",
                "allocation": {**allocation, "worker": "authorities/a/workers/nobody"}})
        self.assertEqual(failed.exception.reason, "REFERENCE_NOT_FOUND")


if __name__ == "__main__":
    unittest.main()
