"""An authority's files go in, and every view of the result says the same."""

import csv
import datetime
import os
import re
import shutil
import tempfile
import unittest
from zoneinfo import ZoneInfo

from suite import SERVICES, Suite, make_sample

STATUSES = ("met", "pending", "due_soon", "overdue", "late", "breached", "excused", "unknown")
_SERIES = re.compile(r'^(\w+)\{(.*)\} ([-+.\deE]+)$')


def today():
    return datetime.datetime.now(ZoneInfo("Europe/London")).date()


def as_date(day):
    return {"year": day.year, "month": day.month, "day": day.day}


def gauges(text, name, authority):
    """Values of one gauge for one authority, as (labels without the authority, value)."""
    for line in text.splitlines():
        matched = _SERIES.match(line)
        if matched and matched[1] == name:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', matched[2]))
            if labels.pop("authority", None) == authority:
                yield labels, float(matched[3])


def count_by_rule_and_status(findings):
    counts = {}
    for finding in findings:
        key = finding["rule"], finding["status"].removeprefix("STATUS_").lower()
        counts[key] = counts.get(key, 0) + 1
    return counts


class ReportAgreesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        cls.day = today()
        cls.files = make_sample(f"{cls.suite.directory}/sample", end_day=cls.day.isoformat())
        cls.first = cls.suite.ctl_json("import", cls.files, "--authority", "a", "--wait")
        cls.parent = {"parent": "authorities/a"}
        cls.findings = cls.suite.list_all("compliance.ListFindings", {**cls.parent, "asOfDate": as_date(cls.day)},
                                          "findings")

    def heads(self, authority="a"):
        return {name: head["revision"]
                for name, head in self.suite.ctl_json("head", "--authority", authority).items()}

    def copy_of_files(self):
        copy = tempfile.mkdtemp(dir=self.suite.directory)
        shutil.copytree(self.files, copy, dirs_exist_ok=True)
        return copy

    # ---- every view says the same

    def test_lists_summary_and_metrics_agree(self):
        listed = count_by_rule_and_status(self.findings)
        self.assertGreater(len({status for _, status in listed}), 2, f"a sample that shows little: {listed}")
        summary = self.suite.call("compliance.SummarizeFindings", {**self.parent, "asOfDate": as_date(self.day)})
        summed = {}
        for rule in summary["rules"]:
            for status in STATUSES:
                field = re.sub("_(.)", lambda matched: matched[1].upper(), status)
                if rule["counts"][field]:
                    summed[rule["rule"], status] = rule["counts"][field]
        self.assertEqual(summed, listed)

        scraped = {(labels["rule"], labels["status"].lower()): value
                   for labels, value in gauges(self.suite.compliance.metrics(), "oversight_compliance_findings", "a")
                   if value}
        self.assertEqual(today(), self.day, "the day changed while this test ran")
        self.assertEqual(scraped, listed)

    def test_teams_add_up_to_their_rule(self):
        summary = self.suite.call("compliance.SummarizeFindings", self.parent)
        for rule in summary["rules"]:
            teams = [team["counts"] for team in summary["teams"] if team["rule"] == rule["rule"]]
            for count in ("met", "overdue", "unknown"):
                self.assertEqual(sum(team[count] for team in teams), rule["counts"][count], (rule["rule"], count))

    def test_the_other_gauges_agree_with_the_summary(self):
        summary = self.suite.call("compliance.SummarizeFindings", self.parent)
        metrics = self.suite.compliance.metrics()
        for gauge, field in (("oversight_caseload_open_cases", "openCases"),
                             ("oversight_caseload_unallocated_cases", "unallocatedCases")):
            self.assertEqual(list(gauges(metrics, gauge, "a")), [({}, summary[field])], gauge)
        oldest = {labels["rule"]: value
                  for labels, value in gauges(metrics, "oversight_compliance_oldest_overdue_days", "a")}
        self.assertEqual(oldest, {rule["rule"]: rule["longestDaysOverdue"] for rule in summary["rules"]})

    def test_filters_split_the_list_without_loss(self):
        by_status = []
        for status in STATUSES:
            by_status += self.suite.list_all(
                "compliance.ListFindings",
                {**self.parent, "asOfDate": as_date(self.day), "statuses": [f"STATUS_{status.upper()}"]}, "findings")
        key = lambda finding: finding["name"]
        self.assertEqual(sorted(by_status, key=key), sorted(self.findings, key=key))
        self.assertEqual(len({finding["name"] for finding in self.findings}), len(self.findings), "names are unique")

    def test_small_pages_give_the_same_list(self):
        found, token = [], ""
        for _ in range(5):
            page = self.suite.call("compliance.ListFindings", {**self.parent, "asOfDate": as_date(self.day),
                                                               "pageSize": 7, "pageToken": token})
            found += page["findings"]
            token = page["nextPageToken"]
        self.assertEqual(found, self.findings[:35])
        self.assertEqual(page["totalSize"], len(self.findings))

    # ---- asking further

    def test_the_worst_finding_is_explained(self):
        report = self.suite.ctl_json("report", "--authority", "a", "--explain-worst")
        worst = max(self.findings, key=lambda finding: finding["daysOverdue"])
        explanation = report["explanation"]
        self.assertEqual(explanation["finding"]["daysOverdue"], worst["daysOverdue"])
        self.assertTrue(explanation["clause"]["document"] and explanation["clause"]["section"])
        self.assertTrue(explanation["reasoning"])
        self.assertEqual(len(explanation["tokens"]), len(SERVICES))

    def test_a_past_day_is_judged_by_what_held_then(self):
        past = self.day - datetime.timedelta(days=30)
        summary = self.suite.call("compliance.SummarizeFindings", {**self.parent, "asOfDate": as_date(past)})
        then = self.suite.list_all("compliance.ListFindings", {**self.parent, "asOfDate": as_date(past)}, "findings")
        self.assertEqual(summary["asOfDate"], as_date(past))
        self.assertEqual(sum(count for rule in summary["rules"] for name, count in rule["counts"].items()
                             if name != "shareInTime"), len(then))
        self.assertNotEqual(count_by_rule_and_status(then), count_by_rule_and_status(self.findings))
        for finding in then:
            self.assertEqual(finding["asOfDate"], as_date(past))

    def test_history_ends_with_the_finding_of_today(self):
        finding = next(f for f in self.findings if f["rule"] == "knowsley.supervision-frequency"
                       and f["status"] in ("STATUS_MET", "STATUS_DUE_SOON", "STATUS_PENDING"))
        history = self.suite.ctl_json("history", finding["rule"], finding["subject"], "--authority", "a")["findings"]
        self.assertGreater(len(history), 1, "a worker in supervision for months has several gaps")
        self.assertEqual({key: history[-1][key] for key in ("instance", "status", "dueDate")},
                         {key: finding[key] for key in ("instance", "status", "dueDate")})
        instances = [gap["instance"] for gap in history]
        self.assertEqual(instances, sorted(set(instances)), "oldest first, none twice")

    def test_upcoming_is_what_falls_due_from_today_until_then(self):
        days = 14
        upcoming = self.suite.list_all("compliance.ListUpcoming", {**self.parent, "asOfDate": as_date(self.day),
                                                                   "days": days}, "findings")
        last = self.day + datetime.timedelta(days=days)
        expected = {f["name"] for f in self.findings
                    if f.get("dueDate") and self.day <= datetime.date(**f["dueDate"]) <= last}
        self.assertEqual({finding["name"] for finding in upcoming}, expected)
        self.assertTrue(upcoming)
        due = [datetime.date(**finding["dueDate"]) for finding in upcoming]
        self.assertEqual(due, sorted(due))

    # ---- importing again, and otherwise

    def test_importing_again_changes_nothing(self):
        before = self.heads()
        again = self.suite.ctl_json("import", self.files, "--authority", "a", "--wait")
        for kind in again["kinds"]:
            self.assertEqual(kind["unchanged"], sum(v for k, v in kind.items() if k not in ("kind", "seconds")), kind)
        self.assertEqual(self.heads(), before)
        self.assertEqual(self.suite.list_all("compliance.ListFindings",
                                             {**self.parent, "asOfDate": as_date(self.day)}, "findings"),
                         self.findings)

    def test_what_vanished_from_the_files_is_retired_and_nothing_else(self):
        self.suite.ctl_json("import", self.files, "--authority", "b", "--wait")
        smaller = self.copy_of_files()
        gone = {}
        for file, identifier, share in (("case_discussions.csv", "case_discussion_id", 5),
                                        ("absences.csv", "absence_id", 3)):
            gone[file] = keep_rows(f"{smaller}/{file}", identifier, lambda number, share=share: number % share != 0)
        code, _, _ = self.suite.ctl("import", smaller, "--authority", "b")
        self.assertEqual(code, 0)
        before = self.heads("b")
        summary = self.suite.ctl_json("import", smaller, "--authority", "b", "--retire-vanished", "--wait")
        vanished = {kind["kind"]: {name.rsplit("/", 1)[1] for name in kind["names"]} for kind in summary["vanished"]}
        self.assertEqual(vanished, {"CaseDiscussion": gone["case_discussions.csv"], "Absence": gone["absences.csv"]})
        self.assertEqual(summary["retired"], sum(map(len, gone.values())))
        after = self.heads("b")
        self.assertEqual(int(after["supervision"]) - int(before["supervision"]), len(gone["case_discussions.csv"]))
        self.assertEqual(int(after["workforce"]) - int(before["workforce"]), len(gone["absences.csv"]))
        self.assertEqual(after["caseload"], before["caseload"])
        self.assertEqual(self.suite.ctl_json("import", self.files, "--authority", "b")["refused"], [])

    def test_broken_rows_are_named_and_the_rest_is_in(self):
        broken = self.copy_of_files()
        rows = {}

        def spoil(file, column, value, row=1):
            rows[file] = row + 1  # the header is line 1
            edit_rows(f"{broken}/{file}", lambda records: records[row - 1].__setitem__(column, value))

        # A short one, to which no note of a gap refers.
        spoil("absences.csv", "first_date", "2026-02-30", row=row_of_short_absence(f"{broken}/absences.csv"))
        spoil("posts.csv", "career_stage", "grandmaster", row=3)
        spoil("supervisor_links.csv", "end_date", "1999-01-01", row=4)
        with open(f"{broken}/case_discussions.csv", "rb+") as file:  # cut off in the middle of a quoted field
            kept = file.read()[:os.path.getsize(file.name) // 2].rsplit(b"\n", 1)[0] + b'\n"D-half'
            file.seek(0)
            file.truncate()
            file.write(kept)
        rows["case_discussions.csv"] = kept.count(b"\n") + 1

        code, out, err = self.suite.ctl("import", broken, "--authority", "c")
        self.assertEqual(code, 1, out + err)
        for file, reason in (("absences.csv", "first_date"), ("posts.csv", "career_stage"),
                             ("supervisor_links.csv", "end_date"), ("case_discussions.csv", "")):
            self.assertRegex(err, rf"(?m)^(.*/)?{file}:{rows[file]}: \w+: .*{reason}", file)
        stored = {kind["kind"]: kind for kind in
                  self.suite.ctl_json("import", broken, "--authority", "c", exit_code=1)["kinds"]}
        complete = {kind["kind"]: kind for kind in self.first["kinds"]}
        self.assertEqual(stored["Absence"]["unchanged"], complete["Absence"]["created"] - 1)
        self.assertEqual(stored["Session"]["unchanged"], complete["Session"]["created"])
        self.assertEqual(stored["CaseDiscussion"]["unchanged"], kept.count(b"\n") - 1)


def row_of_short_absence(path):
    with open(path, newline="", encoding="utf-8") as file:
        for row, record in enumerate(csv.DictReader(file), start=1):
            first, last = record["first_date"], record["last_date"]
            if last and (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days < 10:
                return row
    raise AssertionError("no short absence")


def edit_rows(path, edit):
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        records = list(reader)
    edit(records)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(records)


def keep_rows(path, identifier, keep):
    """Drops rows by their number; returns the ids of those dropped."""
    gone = set()

    def drop(records):
        gone.update(record[identifier] for number, record in enumerate(records) if not keep(number))
        records[:] = [record for number, record in enumerate(records) if keep(number)]

    edit_rows(path, drop)
    return gone


if __name__ == "__main__":
    unittest.main()
