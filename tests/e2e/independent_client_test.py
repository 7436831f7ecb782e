"""A client of another make, with nothing but reflection to go by, can use the services."""

import datetime
import unittest

import grpc
import icalendar

from independent_client import CallFailed, IndependentClient
from suite import Suite

WORKFORCE = "oversight.workforce.v1.WorkforceService"
SUPERVISION = "oversight.supervision.v1.SupervisionService"
CASELOAD = "oversight.caseload.v1.CaseloadService"


class IndependentClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite(("workforce", "caseload", "supervision"))
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

    def test_a_calendar_is_understood_by_a_library_of_another_make(self):
        supervision = IndependentClient(self.suite.supervision.address)
        self.addCleanup(supervision.close)
        self.workforce.call(f"{WORKFORCE}/CreateAuthority",
                            {"authority_id": "c", "authority": {"display_name": "C"}})
        workers = [self.workforce.call(f"{WORKFORCE}/CreateWorker", {
            "parent": "authorities/c", "worker_id": worker, "worker": {}})["name"] for worker in ("seer", "seen")]
        series = {"supervisor": workers[0], "supervisee": workers[1], "kind": "KIND_FORMAL_ONE_TO_ONE",
                  "start_date": {"year": 2030, "month": 3, "day": 1}, "end_date": {"year": 2030, "month": 6, "day": 1},
                  "frequencies": [{"start_date": {"year": 2030, "month": 3, "day": 1}, "every_days": 14}]}
        plan = {"parent": "authorities/c", "planned_series_id": "timed", "planned_series": series,
                "start_minute": 9 * 60 + 30, "planned_minutes": 90}
        timed = supervision.call(f"{SUPERVISION}/PlanSeries", plan)["sessions"]
        supervision.call(f"{SUPERVISION}/CancelSession", {"name": timed[0]["name"], "reason": "another day"})
        whole_day = supervision.call(f"{SUPERVISION}/CreateSession", {
            "parent": "authorities/c", "session_id": "whole-day", "session": {
                "supervisor": workers[0], "supervisee": workers[1], "kind": "KIND_GROUP",
                "date": {"year": 2030, "month": 3, "day": 4}}})
        calendar = icalendar.Calendar.from_ical(supervision.call(f"{SUPERVISION}/ExportCalendar", {
            "parent": "authorities/c", "worker": workers[1], "start_date": series["start_date"],
            "end_date": series["end_date"]})["content"])
        self.assertEqual((calendar["version"], calendar["method"]), ("2.0", "PUBLISH"))
        events = calendar.walk("VEVENT")
        self.assertEqual(calendar.errors + [error for event in events for error in event.errors], [])
        self.assertEqual(len(events), len(timed) + 1)
        self.assertEqual(len({str(event["uid"]) for event in events}), len(events))

        def day(session):
            return datetime.date(*(session["date"][part] for part in ("year", "month", "day")))

        by_day = {event.decoded("dtstart"): event for event in events}
        whole = by_day[day(whole_day)]
        self.assertEqual(whole.decoded("dtend") - whole.decoded("dtstart"), datetime.timedelta(days=1))
        self.assertEqual(whole["transp"], "TRANSPARENT")
        for session in timed:
            # Half past nine by the clock on the wall, before and after it changed on 31 March 2030.
            hour = 8 if day(session) >= datetime.date(2030, 3, 31) else 9
            start = datetime.datetime.combine(day(session), datetime.time(hour, 30), datetime.timezone.utc)
            event = by_day[start]
            self.assertEqual(event.decoded("dtend") - start, datetime.timedelta(minutes=90))
            cancelled = session is timed[0]
            self.assertEqual(event["status"], "CANCELLED" if cancelled else "CONFIRMED")
            self.assertEqual(event["sequence"], 1 if cancelled else 0)

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
