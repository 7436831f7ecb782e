"""Judgement through the real programs: policies with faults never come into force, an allocation that Lincolnshire's
policy forbids is refused by caseload, a merge in workforce is followed, and the health check counts it all."""

import shutil
import unittest

from processes import wait_until
from suite import Suite, source_directory

A = "authorities/a"
STUDENT, ANNA, AGAIN, MONA = (f"{A}/workers/{worker}" for worker in ("sam", "anna", "anna-2", "mona"))
CASE = f"{A}/cases/c1"


def day(year, month, number):
    return {"year": year, "month": month, "day": number}


SINCE = day(2025, 1, 6)

# What is wrong, in which pack, what was written, what is written instead, and what is said of it.
FAULTS = (
    ("a wrong reference", "knowsley", 'document: "supervision-policy"', 'document: "nowhere"',
     "document `nowhere` is not among `documents`"),
    ("an impossible row", "knowsley", "weeks { from: 0 to: 6 }", "weeks { from: 6 to: 6 }",
     "from 6 to 6 weeks holds on no day"),
    ("a cycle of replacements", "walsall", None, None, "stands in its own place"),
    ("a duplicate id", "islington", None, None, "is taken by the rule on line"),
    ("a date that does not exist", "national", None, None, "there is no day 2021-2-30"),
)


class JudgementTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        # Caseload comes up before compliance does; from now on it asks.
        cls.suite.caseload.process.terminate()
        cls.suite.caseload.settings["compliance-target"] = cls.suite.compliance.address
        cls.suite.caseload.start()
        call = cls.suite.call
        call("workforce.CreateAuthority", {"authorityId": "a", "authority": {
            "displayName": "Anytown", "recordsCompleteFromDate": SINCE}})
        for worker in ("sam", "anna", "anna-2", "mona"):
            call("workforce.CreateWorker", {"parent": A, "workerId": worker,
                                            "worker": {"employmentStartDate": SINCE}})
        for worker in (ANNA, MONA):
            call("workforce.CreatePost", {"parent": worker, "post": {
                "careerStage": "CAREER_STAGE_SOCIAL_WORKER", "position": "POSITION_PRACTICE_SUPERVISOR",
                "startDate": SINCE}})
        call("workforce.CreateSupervisorLink", {"parent": ANNA, "supervisorLink": {
            "supervisor": MONA, "function": "FUNCTION_LINE_MANAGEMENT", "startDate": SINCE}})
        call("workforce.CreateStudentPlacement", {"parent": STUDENT, "studentPlacement": {
            "route": "ROUTE_UNIVERSITY", "startDate": SINCE}})
        call("caseload.CreateCase", {"parent": A, "caseId": "c1", "case": {
            "kind": "KIND_CHILD", "openPeriods": [{"startDate": SINCE}]}})
        for policy in ("lincolnshire", "knowsley"):
            call("compliance.CreatePolicyAssignment", {"parent": A, "policyAssignmentId": policy, "policyAssignment": {
                "policy": f"policies/{policy}", "startDate": SINCE}})

    def findings(self):
        return self.suite.list_all("compliance.ListFindings", {"parent": A, "asOfDate": day(2026, 4, 10)}, "findings")

    def allocate(self, worker, role, exit_code=0):
        return self.suite.call("caseload.CreateAllocation", {"parent": CASE, "allocation": {
            "worker": worker, "role": role, "startDate": day(2026, 3, 2)}}, exit_code=exit_code)

    def test_caseload_refuses_what_the_policy_forbids_and_names_the_clause(self):
        error = self.allocate(STUDENT, "ALLOCATION_ROLE_KEYWORKER", exit_code=1)
        self.assertEqual(error["reason"], "ALLOCATION_BLOCKED", error)
        self.assertIn("never", str(error))
        self.assertEqual(self.suite.list_all("caseload.ListAllocations", {"parent": CASE}, "allocations"), [])
        allowed = self.allocate(ANNA, "ALLOCATION_ROLE_KEYWORKER")
        self.assertEqual(allowed["verdict"], "VERDICT_ALLOWED")
        self.assertTrue(allowed["verdictTokens"])

    def test_a_merge_in_workforce_is_followed(self):
        held = {"supervisee": AGAIN, "supervisor": MONA, "kind": "KIND_FORMAL_ONE_TO_ONE", "state": "STATE_HELD",
                "date": day(2026, 4, 1)}
        imported = self.suite.call("supervision.Import", {"parent": A, "records": [
            {"session": {"name": f"{A}/sessions/s1", **held}}]})
        self.assertNotIn("error", str(imported.get("results", "")).lower(), imported)

        def supervision_of(worker):
            return [f["instance"] for f in self.findings()
                    if f["rule"] == "knowsley.supervision-frequency" and f["subject"] == worker]
        wait_until(lambda: supervision_of(ANNA), "Anna is judged")
        self.assertNotEqual(supervision_of(ANNA), ["2026-04-01"])
        self.suite.call("workforce.MergeWorker", {"name": AGAIN, "into": ANNA, "reason": "entered twice"})
        wait_until(lambda: supervision_of(ANNA) == ["2026-04-01"], "the duplicate's session counts for Anna")
        self.suite.call("workforce.UndeleteWorker", {"name": AGAIN})
        wait_until(lambda: supervision_of(ANNA) != ["2026-04-01"], "it is the duplicate's again")

    def test_the_health_check_is_a_page_that_can_be_read(self):
        code, out, err = self.suite.ctl("health-check", "--authority", "a", "--as-of", "2026-04-10")
        self.assertEqual(code, 0, err)
        for part in ("2025-04-11 to 2026-04-10", "Workforce", "Workload and allocation", "Supervision",
                     "knowsley.supervision-frequency"):
            self.assertIn(part, out)

    def faulty(self, name, pack, was, instead, directory):
        """A directory of policies of which one has a fault."""
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(f"{source_directory()}/services/compliance/policies", directory)
        file = f"{directory}/{pack}/{pack}.txtpb"
        with open(file, encoding="utf-8") as policy:
            text = policy.read()
        if name == "a cycle of replacements":
            row = text.index("rows {")
            first = text.index('id: "', row)
            own = text[first + 5:text.index('"', first + 5)]
            text = f'{text[:first]}in_place_of: "{own}" {text[first:]}'
        elif name == "a duplicate id":
            first = text.index("rules {")
            second = text.index("rules {", first + 1)
            rule = text[first:second]
            text = text[:second] + rule + text[second:]
        elif name == "a date that does not exist":
            at = text.index("effective_from {")
            text = f"{text[:at]}effective_from {{ year: 2021 month: 2 day: 30 }}{text[text.index('}', at) + 1:]}"
        else:
            self.assertIn(was, text)
            text = text.replace(was, instead, 1)
        with open(file, "w", encoding="utf-8") as policy:
            policy.write(text)
        return file

    def test_a_policy_with_a_fault_never_comes_into_force(self):
        before = self.findings()
        directory = f"{self.suite.directory}/policies"
        for name, pack, was, instead, said in FAULTS:
            with self.subTest(name):
                file = self.faulty(name, pack, was, instead, directory)
                code, out, err = self.suite.ctl("policy", "lint", file)
                self.assertEqual(code, 1)
                self.assertRegex(out + err, r"\.txtpb:\d+:\d+: ")
                self.assertIn(said, out + err)
                # A replica of the next release does not start; the one of this release goes on.
                code, out, err = self.suite.compliance.run("serve", policy_dir=directory, listen="127.0.0.1:0",
                                                           metrics_listen="127.0.0.1:0")
                self.assertNotEqual(code, 0)
                self.assertRegex(out + err, rf"{pack}\.txtpb:\d+:\d+: ")
                self.assertIn(said, out + err)
                self.assertEqual(self.findings(), before)
        # Nor does the one that was killed come back with it; without the fault it does, and says the same.
        self.suite.compliance.kill()
        self.assertNotEqual(self.suite.compliance.run("serve", policy_dir=directory)[0], 0)
        self.suite.compliance.start()
        wait_until(lambda: self.suite.ctl("call", "compliance.GetProgress", '{"parent": "authorities/a"}')[0] == 0,
                   "questions are answered", alive=self.suite.compliance.process)
        self.assertEqual(self.findings(), before)


if __name__ == "__main__":
    unittest.main()
