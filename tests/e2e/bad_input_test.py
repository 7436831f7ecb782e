"""What nobody should send, and what comes back: one table. Each line gets the code and the reason of the API's
conventions, names the bad field where there is one, and leaves every ledger as it was. Broken files are in
report_agrees_test.py, tokens and databases in process_test.py and secure_test.py."""

import unittest

import grpc

from independent_client import CallFailed, IndependentClient
from processes import run, temporary_directory
from suite import Suite, program

WORKFORCE = "oversight.workforce.v1.WorkforceService"
CASELOAD = "oversight.caseload.v1.CaseloadService"
SUPERVISION = "oversight.supervision.v1.SupervisionService"
COMPLIANCE = "oversight.compliance.v1.ComplianceService"
LEDGER = "oversight.ledger.v1.LedgerService"

W1, W2, TEAM, C1 = (f"authorities/a/{rest}" for rest in ("workers/w1", "workers/w2", "teams/t", "cases/c1"))


def day(year, month, number):
    return {"year": year, "month": month, "day": number}


def post(**fields):
    return {"career_stage": "CAREER_STAGE_SOCIAL_WORKER", "team": TEAM, "start_date": day(2026, 1, 1), **fields}


def link(supervisor, **fields):
    return {"supervisor": supervisor, "function": "FUNCTION_LINE_MANAGEMENT", "start_date": day(2026, 1, 1), **fields}


# What was wrong, the method, the request, the code, the reason, the fields named (None: not looked at).
BAD_REQUESTS = (
    ("an unknown id", "GetWorker", {"name": "authorities/a/workers/none"}, "NOT_FOUND", "RESOURCE_NOT_FOUND", []),
    ("an unknown parent", "CreatePost", {"parent": "authorities/a/workers/none", "post": post()},
     "NOT_FOUND", "PARENT_NOT_FOUND", []),
    ("an unknown reference", "CreatePost", {"parent": W1, "post": post(team="authorities/a/teams/none")},
     "FAILED_PRECONDITION", "REFERENCE_NOT_FOUND", None),
    ("something of another authority", "CreatePost", {"parent": W1, "post": post(team="authorities/b/teams/t")},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["post.team"]),
    ("a name that is none", "GetWorker", {"name": "workers/w1"}, "INVALID_ARGUMENT", "INVALID_NAME", None),
    ("an id with a slash", "CreateWorker", {"parent": "authorities/a", "worker_id": "a/b", "worker": {}},
     "INVALID_ARGUMENT", None, None),
    ("an id of 64 characters", "CreateWorker", {"parent": "authorities/a", "worker_id": "x" * 64, "worker": {}},
     "INVALID_ARGUMENT", None, None),
    ("an end before its beginning", "CreatePost",
     {"parent": W1, "post": post(start_date=day(2026, 3, 1), end_date=day(2026, 2, 28))},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["post.end_date"]),
    ("a day that does not exist", "CreatePost", {"parent": W1, "post": post(start_date=day(2026, 2, 29))},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["post.start_date"]),
    ("half a date", "CreatePost", {"parent": W1, "post": post(start_date={"year": 2026})},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["post.start_date"]),
    ("a required field left out", "CreatePost", {"parent": W1, "post": post(career_stage=0)},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["post.career_stage"]),
    ("an enum's value that is not known", "CreatePost", {"parent": W1, "post": post(career_stage=99)},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["post.career_stage"]),
    ("a number out of bounds", "CreatePost", {"parent": W1, "post": post(full_time_equivalent=-0.5)},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["post.full_time_equivalent"]),
    ("overlapping posts in one team", "CreatePost", {"parent": W1, "post": post(start_date=day(2026, 2, 1))},
     "FAILED_PRECONDITION", None, None),
    ("a supervisor of oneself", "CreateSupervisorLink", {"parent": W1, "supervisor_link": link(W1)},
     "FAILED_PRECONDITION", "SUPERVISOR_CYCLE", None),
    ("a cycle of supervisors", "CreateSupervisorLink", {"parent": W2, "supervisor_link": link(W1)},
     "FAILED_PRECONDITION", "SUPERVISOR_CYCLE", None),
    ("NUL in a text", "CreateTeam",
     {"parent": "authorities/a", "team_id": "nul", "team": {"display_name": "a\0b"}},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["team.display_name"]),
    ("a text of more than 1,000 bytes", "CreateTeam",
     {"parent": "authorities/a", "team_id": "long", "team": {"display_name": "x" * 1001}},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["team.display_name"]),
    ("an update of a field that is not there", "UpdateWorker",
     {"worker": {"name": W1, "employment_start_date": day(2026, 1, 1)}, "update_mask": "noSuchField"},
     "INVALID_ARGUMENT", None, None),
    ("an etag gone stale", "UpdateWorker",
     {"worker": {"name": W1, "etag": "v0", "employment_start_date": day(2026, 1, 2)}}, "ABORTED", "ETAG_MISMATCH", []),
    ("a name that is taken", "CreateWorker", {"parent": "authorities/a", "worker_id": "w1", "worker": {}},
     "ALREADY_EXISTS", "RESOURCE_EXISTS", []),
    ("a deletion of what has children", "DeleteWorker", {"name": W1}, "FAILED_PRECONDITION", "HAS_CHILDREN", []),
    ("a negative page size", "ListWorkers", {"parent": "authorities/a", "page_size": -1},
     "INVALID_ARGUMENT", "INVALID_FIELDS", ["page_size"]),
    ("a page token that is none", "ListWorkers", {"parent": "authorities/a", "page_token": "rubbish"},
     "INVALID_ARGUMENT", None, None),
)


class BadInputTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        cls.clients = {name: IndependentClient(service.address) for name, service in cls.suite.services.items()}
        for client in cls.clients.values():
            cls.addClassCleanup(client.close)
        create = cls.workforce
        for authority in ("a", "b"):
            create("CreateAuthority", {"authority_id": authority, "authority": {"display_name": authority}})
            create("CreateTeam", {"parent": f"authorities/{authority}", "team_id": "t",
                                  "team": {"display_name": "T"}})
        for worker in ("w1", "w2", "w3"):
            create("CreateWorker", {"parent": "authorities/a", "worker_id": worker, "worker": {}})
        create("CreatePost", {"parent": W1, "post_id": "p", "post": post()})
        create("CreateSupervisorLink", {"parent": W1, "supervisor_link_id": "s", "supervisor_link": link(W2)})
        cls.clients["caseload"].call(f"{CASELOAD}/CreateCase", {"parent": "authorities/a", "case_id": "c1", "case": {
            "kind": "KIND_CHILD", "open_periods": [{"start_date": day(2026, 1, 5)}]}})

    @classmethod
    def workforce(cls, method, request):
        return cls.clients["workforce"].call(f"{WORKFORCE}/{method}", request)

    def heads(self):
        """How far each service's ledgers reach: what a refused call must not move."""
        return {name: self.suite.database.query("SELECT authority, revision FROM ledger_head ORDER BY authority",
                                                f"oversight_{name}") for name in self.suite.services}

    def refused(self, service, method, request, code, reason=None, fields=None):
        before = self.heads()
        with self.assertRaises(CallFailed) as failed:
            self.clients[service].call(method, request)
        error = failed.exception
        self.assertEqual(error.code, grpc.StatusCode[code], error)
        self.assertEqual(error.info.get("domain"), "oversight", error)
        self.assertRegex(error.reason, "^[A-Z][A-Z0-9_]+$")
        if reason is not None:
            self.assertEqual(error.reason, reason)
        if fields is not None:
            self.assertEqual(error.fields, fields)
        self.assertEqual(self.heads(), before, "a refused call has written something")
        return error

    def test_requests_that_cannot_be_right(self):
        for what, method, request, code, reason, fields in BAD_REQUESTS:
            with self.subTest(what):
                error = self.refused("workforce", f"{WORKFORCE}/{method}", request, code, reason, fields)
                self.assertGreater(len(error.message), 20, "says what to do")
                self.assertNotIn("workers/w1", error.message, "names of people stay out of messages")

    def test_a_huge_page_is_cut(self):
        for size in (1001, 2**31 - 1):
            self.assertEqual(len(self.workforce("ListWorkers", {"parent": "authorities/a", "page_size": size})["workers"]), 3)

    def test_a_page_token_of_another_query(self):
        token = self.workforce("ListWorkers", {"parent": "authorities/a", "page_size": 1})["next_page_token"]
        for method, request in (("ListWorkers", {"parent": "authorities/b"}),
                                ("ListWorkers", {"parent": "authorities/a", "show_deleted": True}),
                                ("ListTeams", {"parent": "authorities/a"})):
            with self.subTest(method=method, request=request):
                self.refused("workforce", f"{WORKFORCE}/{method}", {**request, "page_token": token}, "INVALID_ARGUMENT")

    def test_a_request_id_used_again_for_something_else(self):
        request = {"parent": "authorities/a", "worker_id": "r1", "worker": {}, "request_id": "0b5f4c5e-1"}
        first = self.workforce("CreateWorker", request)
        self.assertEqual(self.workforce("CreateWorker", request), first, "the same again gets the same reply")
        self.refused("workforce", f"{WORKFORCE}/CreateWorker", {**request, "worker_id": "r2"},
                     "ALREADY_EXISTS", "REQUEST_ID_REUSED")

    def test_a_message_of_five_megabytes(self):
        before = self.heads()
        with self.assertRaises(CallFailed) as failed:
            self.workforce("CreateTeam", {"parent": "authorities/a", "team_id": "big",
                                          "team": {"display_name": "x" * (5 << 20)}})
        self.assertEqual(failed.exception.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(self.heads(), before)

    def test_emoji_and_other_scripts_come_back_as_they_went(self):
        for number, name in enumerate(("Team \U0001F469\u200D\U0001F467", "T\u00EEm Gofal", "\u0645\u0631\u062D\u0628\u0627", " spaces ")):
            team = self.workforce("CreateTeam", {"parent": "authorities/a", "team_id": f"e{number}",
                                                 "team": {"display_name": name}})
            self.assertEqual(self.workforce("GetTeam", {"name": team["name"]})["display_name"], name)

    def test_other_services(self):
        session = {"supervisee": W1, "supervisor": W2, "kind": "KIND_FORMAL_ONE_TO_ONE", "date": day(2026, 2, 3)}
        held = self.clients["supervision"].call(f"{SUPERVISION}/CreateSession", {
            "parent": "authorities/a", "session_id": "s1", "session": session})
        self.clients["supervision"].call(f"{SUPERVISION}/HoldSession", {"name": held["name"]})
        keyworker = {"worker": W1, "role": "ALLOCATION_ROLE_KEYWORKER", "start_date": day(2026, 1, 5),
                     # This caseload is not told where compliance is.
                     "unchecked_reason": "a test of bad input"}
        self.clients["caseload"].call(f"{CASELOAD}/CreateAllocation", {
            "parent": C1, "allocation_id": "k", "allocation": keyworker})
        for what, service, method, request, code, reason in (
                ("two keyworkers at once", "caseload", f"{CASELOAD}/CreateAllocation",
                 {"parent": C1, "allocation": {**keyworker, "worker": W2}}, "FAILED_PRECONDITION", None),
                ("a worker who does not exist", "caseload", f"{CASELOAD}/CreateAllocation",
                 {"parent": C1, "allocation": {**keyworker, "worker": "authorities/a/workers/none"}},
                 "FAILED_PRECONDITION", "REFERENCE_NOT_FOUND"),
                ("a session held twice", "supervision", f"{SUPERVISION}/HoldSession", {"name": held["name"]},
                 "FAILED_PRECONDITION", "ILLEGAL_TRANSITION"),
                ("a session that is supervision of oneself", "supervision", f"{SUPERVISION}/CreateSession",
                 {"parent": "authorities/a", "session": {**session, "supervisor": W1}}, "INVALID_ARGUMENT", None),
                ("a session held tomorrow", "supervision", f"{SUPERVISION}/CreateSession",
                 {"parent": "authorities/a", "session": {**session, "state": "STATE_HELD", "date": day(2999, 1, 1)}},
                 "FAILED_PRECONDITION", "ILLEGAL_TRANSITION"),
                ("findings of an authority that does not exist", "compliance", f"{COMPLIANCE}/ListFindings",
                 {"parent": "authorities/none"}, "NOT_FOUND", None),
                ("findings of a day that does not exist", "compliance", f"{COMPLIANCE}/ListFindings",
                 {"parent": "authorities/a", "as_of_date": day(2026, 2, 30)}, "INVALID_ARGUMENT", None),
                ("a policy that is not there", "compliance", f"{COMPLIANCE}/CreatePolicyAssignment",
                 {"parent": "authorities/a", "policy_assignment": {"policy": "nowhere", "start_date": day(2026, 1, 1)}},
                 "INVALID_ARGUMENT", "INVALID_FIELDS")):
            with self.subTest(what):
                self.refused(service, method, request, code, reason)

    def test_a_policy_with_a_typing_error_names_line_and_column(self):
        directory = temporary_directory()
        path = f"{directory}/typo.txtpb"
        with open(path, "w", encoding="utf-8") as file:
            file.write('id: "typo"\nversion: 1\ntitel: "Wrong"\n')
        code, out, err = run([program("oversightctl"), "policy", "lint", path])
        self.assertNotEqual(code, 0)
        self.assertRegex(out + err, r"typo\.txtpb:3:\d+")
        self.assertIn("titel", out + err)


if __name__ == "__main__":
    unittest.main()
