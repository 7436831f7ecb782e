"""The synthetic authority under all five policies: every rule has somebody who keeps it and somebody who does not."""

import datetime
import re
import unittest
from pathlib import Path

from suite import Suite, make_sample, source_directory

END_DAY = datetime.date(2026, 10, 30)
MONTHS = 26  # training is refreshed every two years: less history than that can break no such rule
IN_TIME = {"MET", "PENDING", "DUE_SOON"}
NOT_IN_TIME = {"OVERDUE", "LATE", "BREACHED", "UNKNOWN"}


def rules_of_the_packs():
    """The ids of all rules of the five packs."""
    rules = set()
    for pack in Path(source_directory(), "services/compliance/policies").glob("*/*.txtpb"):
        rules |= set(re.findall(r'^  id: "(\w+\.[\w-]+)"$', pack.read_text(encoding="utf-8"), re.MULTILINE))
    return rules


# One row of each kind that the sample does without.
OTHER_KINDS = {
    "roles": "role_id,display_name,career_stage,position\nR1,Senior practitioner,experienced_social_worker,practitioner\n",
    "probations": "probation_id,worker_id,start_date,planned_end_date,end_date,outcome\n"
                  "PR1,SW-0020,2026-01-05,2026-07-05,2026-07-06,passed\n",
    "induction_programmes": "induction_programme_id,worker_id,protected_development_time,start_date,end_date\n"
                            "IP1,SW-0020,Y,2026-01-05,2027-01-05\n",
    "capacity_reductions": "capacity_reduction_id,worker_id,reason,percent,agreed_by_id,start_date,end_date\n"
                           "CR1,SW-0020,agreed,25,SW-0002,2026-03-01,2026-06-01\n",
    "risk_assessments": "risk_assessment_id,person_id,level,carer_deficits,assessed_by_id,start_date\n"
                        "RA1,C-000100,low,none,SW-0002,2026-03-01\n",
    "workload_schemes": "workload_scheme_id,full_time_capacity,default_points,status_weights.status,"
                        "status_weights.points,role_factors.role,role_factors.factor,start_date\n"
                        "WS1,40,1,child_protection;looked_after,2.5;2,coworker,0.5,2024-01-01\n",
    "survey_results": "survey_result_id,closed_date,invited,respondents,answers.question,answers.agree,answers.neutral,"
                      "answers.disagree,groups.label,groups.respondents,groups.answers.question,groups.answers.agree\n"
                      "SR1,2026-03-01,80,60,Q1;Q2,40;30,10;20,10;10,team: one;team: two,30;30,Q1|Q2;Q1|Q2,20|15;20|15\n",
    "waivers": "waiver_id,rules,subject,reason,agreed_by_id,agreed_date,start_date,end_date\n"
               "WV1,national.safeguarding-line;knowsley.safeguarding,authorities/a/workers/SW-0020,"
               "supervised by the professional lead,SW-0002,2026-03-01,2026-03-01,2026-12-01\n",
}


class FivePoliciesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        cls.files = make_sample(f"{cls.suite.directory}/sample", workers=90, cases=300, months=MONTHS,
                                end_day=END_DAY.isoformat())
        cls.imported = cls.suite.ctl_json("import", cls.files, "--authority", "a", "--wait")

    def statuses_on(self, day):
        """For each rule, which statuses there are and how often."""
        summary = self.suite.call("compliance.SummarizeFindings", {
            "parent": "authorities/a", "asOfDate": {"year": day.year, "month": day.month, "day": day.day}})
        found = {}
        for rule in summary["rules"]:
            found[rule["rule"]] = {
                re.sub("([A-Z])", r"_\1", name).upper(): count
                for name, count in rule["counts"].items() if name != "shareInTime" and count > 0}
        return found

    def test_nothing_is_refused_and_every_kind_is_there(self):
        self.assertEqual(self.imported["refused"], [])
        self.assertGreaterEqual(len(self.imported["kinds"]), 45, [kind["kind"] for kind in self.imported["kinds"]])

    def test_the_kinds_that_the_sample_does_without_come_by_file_too(self):
        directory = Path(self.suite.directory, "others")
        directory.mkdir()
        for file, text in OTHER_KINDS.items():
            (directory / f"{file}.csv").write_text(text, encoding="utf-8")
        kinds = lambda summary: {kind["kind"] for kind in summary["kinds"]}
        # All but the extract's, and what adds to its placements.
        files = {file["file"] for file in self.suite.ctl_json("import", "--columns")
                 if not file["file"].startswith("ssd_") and file["file"] != "placement_details"}
        dry = self.suite.ctl_json("import", str(directory), "--authority", "a", "--dry-run")
        self.assertEqual((dry["refused"], len(dry["kinds"])), ([], len(OTHER_KINDS)))
        first = self.suite.ctl_json("import", str(directory), "--authority", "a")
        self.assertEqual(first["refused"], [])
        self.assertTrue(all(kind["created"] == 1 for kind in first["kinds"]), first["kinds"])
        again = self.suite.ctl_json("import", str(directory), "--authority", "a")
        self.assertTrue(all(kind["unchanged"] == 1 for kind in again["kinds"]), again["kinds"])
        self.assertEqual(len(kinds(first) | kinds(self.imported)), len(files), "every file that there can be was imported")

    def test_importing_again_changes_nothing(self):
        heads = lambda: {name: head["revision"] for name, head in self.suite.ctl_json("head", "--authority", "a").items()}
        before = heads()
        again = self.suite.ctl_json("import", self.files, "--authority", "a")
        for kind in again["kinds"]:
            self.assertEqual(kind["unchanged"], sum(v for k, v in kind.items() if k not in ("kind", "seconds")), kind)
        self.assertEqual(heads(), before)

    def test_every_rule_is_kept_by_some_and_broken_by_some(self):
        rules = rules_of_the_packs()
        self.assertGreaterEqual(len(rules), 70)
        found = self.statuses_on(END_DAY)
        # Of the one authority a rule says one thing a day: what was not kept once was so on a day of the past.
        day = END_DAY
        lacking = lambda: {rule for rule in rules
                           if not IN_TIME & set(found.get(rule, {})) or not NOT_IN_TIME & set(found.get(rule, {}))}
        while lacking() and day > END_DAY - datetime.timedelta(days=30 * (MONTHS - 2)):
            day -= datetime.timedelta(days=20)
            for rule, statuses in self.statuses_on(day).items():
                for status, count in statuses.items():
                    found.setdefault(rule, {}).setdefault(status, count)
        self.assertEqual({rule: found.get(rule) for rule in lacking()}, {}, "kept or broken by nobody")

    def test_most_of_what_was_promised_is_kept(self):
        """A decent authority: under each policy most is in time."""
        summary = self.suite.call("compliance.SummarizeFindings", {
            "parent": "authorities/a",
            "asOfDate": {"year": END_DAY.year, "month": END_DAY.month, "day": END_DAY.day}})
        shares = {policy["policy"]: policy["counts"]["shareInTime"] for policy in summary["policies"]}
        self.assertEqual(len(shares), 5)
        for policy, share in shares.items():
            self.assertGreater(share, 0.75, shares)
            self.assertLess(share, 0.995, shares)


if __name__ == "__main__":
    unittest.main()
