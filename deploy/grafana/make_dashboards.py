#!/usr/bin/env python3
"""Writes dashboards/*.json from the short descriptions below: what a panel asks, in which unit, from where on it is bad, what
it means and where the cause is to be seen.

deploy/grafana/make_dashboards.py [DIR]
"""

import json
import os
import sys

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GOOD, FAIR, BAD = "green", "orange", "red"
STATUS_COLOURS = {"MET": "green", "PENDING": "light-green", "DUE_SOON": "yellow", "OVERDUE": "red", "LATE": "orange",
                  "BREACHED": "dark-red", "EXCUSED": "blue", "UNKNOWN": "purple"}
HIGH_IS_GOOD = ((None, BAD), (0.85, FAIR), (0.95, GOOD))
ANY_IS_BAD = ((None, GOOD), (1, BAD))
PLAIN = ((None, "blue"),)

# The figures of one authority; `max` because only one replica exports them, a moment long perhaps two.
OF = 'authority=~"$authority"'


def rows(matching):
    return (f'sum by (row, status) (max by (authority, policy, rule, row, status) '
            f'(oversight_compliance_row_findings{{{OF}, {matching}}}))')


def teams(matching=""):
    return (f'max by (authority, policy, team, status) '
            f'(oversight_compliance_team_findings{{{OF}{", " + matching if matching else ""}}})')


def link(title, dashboard):
    return {"title": title, "targetBlank": False,
            "url": f"/d/oversight-{dashboard}?${{authority:queryparam}}&${{__url_time_range}}"}


def panel(kind, title, about, unit, queries, width=6, height=6, thresholds=PLAIN, to=None, options=None, low=0, high=None,
          by_status=False, instant=False, stacked=False):
    """`queries`: (expression, legend) pairs; `to`: (words, dashboard) where the cause is seen."""
    custom = {}
    if kind == "timeseries":
        custom = {"fillOpacity": 40 if stacked else 8, "lineWidth": 1, "showPoints": "never", "spanNulls": True,
                  "stacking": {"mode": "normal" if stacked else "none"}}
    defaults = {"unit": unit, "thresholds": {"mode": "absolute", "steps": [
        {"value": value, "color": colour} for value, colour in thresholds]}, "custom": custom, "noValue": "none"}
    if low is not None:
        defaults["min"] = low
    if high is not None:
        defaults["max"] = high
    if kind != "timeseries":
        defaults["color"] = {"mode": "thresholds"}
    if to:
        defaults["links"] = [link(*to)]
    overrides = [{"matcher": {"id": "byName", "options": status},
                  "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}]}
                 for status, colour in STATUS_COLOURS.items()] if by_status else []
    asked = [{"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": expression, "legendFormat": legend,
              "instant": instant or kind in ("stat", "table", "bargauge"),
              "range": not (instant or kind in ("stat", "table", "bargauge")),
              "format": "table" if kind == "table" else "time_series"}
             for number, (expression, legend) in enumerate(queries)]
    return {"type": kind, "title": title, "description": about, "datasource": SOURCE, "targets": asked,
            "fieldConfig": {"defaults": defaults, "overrides": overrides}, "options": options or _options(kind),
            "gridPos": {"w": width, "h": height, "x": 0, "y": 0}}


def _options(kind):
    reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    return {
        "stat": {"reduceOptions": reduce, "colorMode": "background", "graphMode": "none", "textMode": "auto"},
        "bargauge": {"reduceOptions": reduce, "orientation": "horizontal", "displayMode": "basic", "showUnfilled": True},
        "timeseries": {"legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull"]},
                       "tooltip": {"mode": "multi", "sort": "desc"}},
        "table": {"showHeader": True, "sortBy": [{"displayName": "Value", "desc": True}]},
    }[kind]


def table(title, about, expression, columns, to=None, width=12, height=9, unit="short", thresholds=ANY_IS_BAD):
    """A table of one query; `columns` are labels in order, with the words that head them."""
    made = panel("table", title, about, unit, [(expression, "")], width, height, thresholds, to)
    made["fieldConfig"]["overrides"] = [
        {"matcher": {"id": "byName", "options": "Value"},
         "properties": [{"id": "custom.cellOptions", "value": {"type": "color-text"}}]}]
    made["transformations"] = [{"id": "organize", "options": {
        "excludeByName": {"Time": True}, "includeByName": {},
        "indexByName": {**{label: place for place, label in enumerate(columns)}, "Value": len(columns)},
        "renameByName": dict(columns)}}]
    return made


def laid_out(panels):
    """Places panels from left to right, and numbers them."""
    x = y = row_height = 0
    for number, each in enumerate(panels, 1):
        place = each["gridPos"]
        if x + place["w"] > 24:
            x, y, row_height = 0, y + row_height, 0
        place["x"], place["y"], each["id"] = x, y, number
        x, row_height = x + place["w"], max(row_height, place["h"])
    return panels


def variable(name, label, query, everything=True):
    return {"type": "query", "name": name, "label": label, "datasource": SOURCE, "refresh": 2, "sort": 1,
            "query": {"query": query, "refId": name}, "definition": query, "includeAll": everything, "multi": everything,
            "allValue": ".*" if everything else None, "current": {"text": ["All"], "value": ["$__all"]} if everything else {}}


def dashboard(name, title, about, panels, variables=("authority",), refresh="1m", since="now-30d"):
    known = {
        "authority": variable("authority", "Authority", "label_values(oversight_compliance_findings, authority)"),
        "team": variable("team", "Team", f"label_values(oversight_compliance_team_findings{{{OF}}}, team)"),
        "job": variable("job", "Service", "label_values(oversight_rpc_in_flight, job)"),
    }
    source = {"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus", "current": {}}
    links = [{"type": "dashboards", "title": "Oversight", "tags": ["oversight"], "asDropdown": True, "includeVars": True,
              "keepTime": True, "icon": "external link", "tooltip": "", "targetBlank": False, "url": ""}]
    return {"uid": f"oversight-{name}", "title": title, "description": about, "tags": ["oversight"], "editable": False,
            "schemaVersion": 39, "version": 1, "timezone": "Europe/London", "refresh": refresh, "graphTooltip": 1,
            "time": {"from": since, "to": "now"}, "links": links, "annotations": {"list": []},
            "templating": {"list": [source, *(known[each] for each in variables)]}, "panels": laid_out(panels)}


CASES = 'rule=~".*(case-discussion|every-case).*"'
WORKERS = 'rule=~".*supervision-frequency|.*monthly-supervision"'
NEWLY = WORKERS + ', row=~"asye.*|nqsw.*|newly-qualified.*"'
STUDENTS = WORKERS + ', row=~".*student.*"'
REDUCED = 'row=~".*reduced.*"'
OVERDUE = ', status="OVERDUE"'
LATE = 'status=~"OVERDUE|LATE|BREACHED"'
RECORD_RULES = 'rule=~".*[.](record|actions|management-oversight|informal-record|allocation-record).*"'
AGREEMENT_RULES = 'rule=~".*[.]agreement.*"'
IN_TIME = 'status=~"MET|PENDING|DUE_SOON"'


def share(numerator, denominator):
    return f"sum({numerator}) / sum({denominator})"


def of_authority(metric, matching="", by=()):
    return f'sum by ({", ".join(by)}) (max by ({", ".join(("authority", *by))}) ({metric}{{{OF}{matching}}}))'


# What was filed how soon, and in whose words.
RECORD = "oversight_supervision_case_records"
FILED = (("within_24_hours", "within 24 hours"), ("within_5_working_days", "after that, within 5 working days"),
         ("later", "later"), ("not_filed", "not on file"))
DISCUSSIONS = of_authority("oversight_supervision_case_discussions", by=("case_status",))


def filed(states):
    return of_authority(RECORD, f', filed=~"{states}"', by=("filed",))


FILED_IN_A_DAY = share(filed("within_24_hours"), filed(".*"))
FILED_IN_FIVE_DAYS = share(filed("within_24_hours|within_5_working_days"), filed(".*"))
IN_A_DAY = ("Of the discussions of cases held in the last twelve months: the share whose record was on file within 24 hours, which "
            "policies ask of significant and urgent ones only.")
IN_FIVE_DAYS = ("Of the discussions of cases held in the last twelve months: the share whose record was on file by the fifth working "
                "day. What is not on file yet counts as not, also where there is still time.")
IN_FORCE = of_authority("oversight_supervision_agreements_in_force")
WITHOUT = of_authority("oversight_supervision_workers_without_agreement")
NO_AGREEMENT = "In post and supervised, and no supervision agreement is in force, whether or not a policy in force asks for one."

AUTHORITY = dashboard(
    "authority", "The authority at a glance",
    "Is the supervision that our policies promise really happening: where not, and since when?",
    [
        panel("stat", "In time", "Of all workers and cases to which a rule applies today, the share that is in time. Those "
              "whom absence excuses are left out; what cannot be judged counts as not kept.", "percentunit",
              [(f"sum(oversight:findings:in_time{{{OF}}}) / sum(oversight:findings:judged{{{OF}}})", "in time")],
              thresholds=HIGH_IS_GOOD, high=1, to=("By team", "team")),
        panel("stat", "Overdue", "Workers and cases whose supervision or discussion is overdue today.", "short",
              [(f'sum(oversight:findings{{{OF}, status="OVERDUE"}})', "overdue")], thresholds=ANY_IS_BAD,
              to=("By team", "team")),
        panel("stat", "Longest overdue", "Days by which the longest wait exceeds its due date.", "d",
              [(f"max(oversight:oldest_overdue_days{{{OF}}})", "days")], thresholds=((None, GOOD), (1, FAIR), (28, BAD))),
        panel("stat", "Cases that nobody holds", "Open cases without keyworker, personal adviser or supervising social worker.",
              "short", [(f"sum(max by (authority) (oversight_caseload_unallocated_cases{{{OF}}}))", "cases")],
              thresholds=ANY_IS_BAD, to=("Cases by status", "cases")),
        panel("stat", "Records within 24 hours", IN_A_DAY, "percentunit", [(FILED_IN_A_DAY, "within 24 hours")], high=1,
              to=("Records and agreements", "records")),
        panel("stat", "Records within 5 working days", IN_FIVE_DAYS, "percentunit",
              [(FILED_IN_FIVE_DAYS, "within 5 working days")], thresholds=HIGH_IS_GOOD, high=1,
              to=("Records and agreements", "records")),
        panel("stat", "Agreements in force", "Supervision agreements that hold today, one for each worker and supervisor.", "short",
              [(IN_FORCE, "in force")], to=("Records and agreements", "records")),
        panel("stat", "Workers without an agreement", NO_AGREEMENT, "short", [(WITHOUT, "without")], thresholds=ANY_IS_BAD,
              to=("Records and agreements", "records")),
        panel("timeseries", "Share in time, by rule", "Since when. A step points to data or a changed policy, a slope to people.",
              "percentunit", [(f"oversight:findings:share_in_time{{{OF}}}", "{{authority}} {{rule}}")], 12, 9,
              HIGH_IS_GOOD, high=1),
        panel("timeseries", "How many, by status", "All findings of all rules.", "short",
              [(f"sum by (status) (oversight:findings{{{OF}}})", "{{status}}")], 12, 9, by_status=True, stacked=True),
        table("By rule", "Findings of today under each rule.", f"sum by (authority, rule, status) (oversight:findings{{{OF}}}) > 0",
              {"authority": "Authority", "rule": "Rule", "status": "Status"}, thresholds=PLAIN),
        panel("timeseries", "Longest overdue, by rule", "Days.", "d",
              [(f"oversight:oldest_overdue_days{{{OF}}}", "{{authority}} {{rule}}")], 12, 9),
    ])

MINE = teams('team=~"$team"')
MINE_OVERDUE = teams('team=~"$team"' + OVERDUE)
MINE_DUE_SOON = teams('team=~"$team", status="DUE_SOON"')
MINE_UNKNOWN = teams('team=~"$team", status="UNKNOWN"')
MINE_IN_TIME = teams('team=~"$team", ' + IN_TIME)
MINE_JUDGED = teams('team=~"$team", status!="EXCUSED"')
ALL_OVERDUE = teams('status="OVERDUE"')

TEAM = dashboard(
    "team", "Team manager",
    "Who of mine is due or overdue. Names are not in these figures: `oversightctl report --team` lists them.",
    [
        panel("stat", "In time", "Share of the chosen teams' workers and cases that is in time.", "percentunit",
              [(share(MINE_IN_TIME, MINE_JUDGED), "in time")],
              thresholds=HIGH_IS_GOOD, high=1),
        panel("stat", "Overdue", "Workers and cases of the chosen teams.", "short",
              [(f'sum({MINE_OVERDUE})', "overdue")],
              thresholds=ANY_IS_BAD),
        panel("stat", "Due soon", "Due within the notice period: seven days, two for what is owed weekly.", "short",
              [(f'sum({MINE_DUE_SOON})', "due soon")],
              thresholds=((None, GOOD), (1, FAIR))),
        panel("stat", "Cannot be judged", "The records lack what the rule needs.", "short",
              [(f'sum({MINE_UNKNOWN} or vector(0))', "unknown")],
              thresholds=ANY_IS_BAD, to=("Records and agreements", "records")),
        table("Overdue, by team", "The longest list first.",
              f'sum by (authority, team, policy) ({ALL_OVERDUE}) > 0',
              {"authority": "Authority", "team": "Team", "policy": "Policy"}),
        panel("bargauge", "Share in time, by team", "All rules together; the lowest are the ones to ask.", "percentunit",
              [(f'sort(sum by (team) ({MINE_IN_TIME}) / '
                f'sum by (team) ({MINE_JUDGED}))', "{{team}}")],
              12, 9, HIGH_IS_GOOD, high=1),
        panel("timeseries", "The chosen teams, by status", "Over time.", "short",
              [(f'sum by (status) ({MINE})', "{{status}}")], 24, 8, by_status=True,
              stacked=True),
    ], variables=("authority", "team"))

CASES_BOARD = dashboard(
    "cases", "Cases by status",
    "Is every child's case talked through as often as its status demands?",
    [
        panel("stat", "Cases in time", "Share of open cases discussed as often as the policy demands.", "percentunit",
              [(f"sum(oversight:findings:in_time{{{OF}, {CASES}}}) / sum(oversight:findings:judged{{{OF}, {CASES}}})",
                "in time")], thresholds=HIGH_IS_GOOD, high=1),
        panel("stat", "Open cases", "All that are open today.", "short",
              [(f"sum(max by (authority) (oversight_caseload_open_cases{{{OF}}}))", "open")]),
        panel("stat", "That nobody holds", "Open cases without a holder.", "short",
              [(f"sum(max by (authority) (oversight_caseload_unallocated_cases{{{OF}}}))", "cases")], thresholds=ANY_IS_BAD),
        panel("stat", "Longest undiscussed beyond its date", "Days.", "d",
              [(f"max(oversight:oldest_overdue_days{{{OF}, {CASES}}})", "days")],
              thresholds=((None, GOOD), (1, FAIR), (28, BAD))),
        panel("bargauge", "Overdue, by status of the child", "The row of the policy's table that governs the case today.",
              "short", [(f'sort_desc(sum by (row) ({rows(CASES + OVERDUE)}))', "{{row}}")],
              12, 10, ANY_IS_BAD),
        table("How many, by status of the child and of the finding", "All open cases to which the rule applies.",
              rows(CASES) + " > 0", {"row": "Status of the child", "status": "Finding"}, height=10, thresholds=PLAIN),
        panel("bargauge", "Discussions held, by status of the child", "In the last twelve months, by the status of the case on the day; "
              "a case with several counts in each.", "short", [(f"sort_desc({DISCUSSIONS})", "{{case_status}}")], 12, 10),
        panel("timeseries", "Discussions held, over time", "Those of the twelve months before each day. A line that falls while cases "
              "of that status do not: they come up less often.", "short", [(DISCUSSIONS, "{{case_status}}")], 12, 10),
        panel("timeseries", "Open cases, and those that nobody holds", "Over time.", "short",
              [(f"sum(max by (authority) (oversight_caseload_open_cases{{{OF}}}))", "open"),
               (f"sum(max by (authority) (oversight_caseload_unallocated_cases{{{OF}}}))", "nobody holds")], 24, 8),
    ])

NEWLY_BOARD = dashboard(
    "newly-qualified", "Newly qualified workers and students",
    "Those who are promised most: weekly and fortnightly supervision at the start. A missed session cannot be made good.",
    [
        panel("stat", "Newly qualified: overdue", "Workers in their assessed and supported year whose supervision is overdue.",
              "short", [(f'sum({rows(NEWLY + OVERDUE)} or vector(0))', "overdue")],
              thresholds=ANY_IS_BAD),
        panel("stat", "Newly qualified: in all", "To whom a row for newly qualified workers applies today.", "short",
              [(f"sum({rows(NEWLY)})", "in all")]),
        panel("stat", "Students: overdue", "Students on placement whose supervision is overdue.", "short",
              [(f'sum({rows(STUDENTS + OVERDUE)} or vector(0))', "overdue")],
              thresholds=ANY_IS_BAD),
        panel("stat", "Students: in all", "Students on placement today.", "short", [(f"sum({rows(STUDENTS)} or vector(0))", "in all")]),
        table("By stage", "Which stage, and how they stand.", rows(NEWLY) + " > 0 or " + rows(STUDENTS) + " > 0",
              {"row": "Stage", "status": "Finding"}, thresholds=PLAIN),
        panel("timeseries", "Newly qualified, by status", "Over time.", "short",
              [(f"sum by (status) ({rows(NEWLY)})", "{{status}}")], 12, 9, by_status=True, stacked=True),
        panel("timeseries", "All workers' supervision, by status", "For comparison: everybody to whom the rule applies.", "short",
              [(f"sum by (status) (oversight:findings{{{OF}, {WORKERS}}})", "{{status}}")], 24, 8, by_status=True, stacked=True),
    ])

RECORDS = dashboard(
    "records", "Records and agreements",
    "What is written down: sessions held and cancelled, how far apart they are, agreements, and what the records lack.",
    [
        panel("stat", "Formal sessions on record", "Held, since records begin.", "short",
              [(f'sum(max by (authority) (oversight_supervision_sessions{{{OF}, kind="formal_one_to_one", state="held"}}))',
                "held")]),
        panel("stat", "Cancelled", "Share of all formal sessions that did not take place.", "percentunit",
              [(f'sum(max by (authority) (oversight_supervision_sessions{{{OF}, kind="formal_one_to_one", state="cancelled"}})) '
                f'/ sum(max by (authority, state) (oversight_supervision_sessions{{{OF}, kind="formal_one_to_one", '
                'state=~"held|cancelled"}))', "cancelled")], thresholds=((None, GOOD), (0.15, FAIR), (0.25, BAD)), high=1),
        panel("stat", "Half of the gaps are shorter than", "Days between consecutive formal sessions of a worker.", "d",
              [(f"histogram_quantile(0.5, sum by (le) (max by (authority, career_stage, le) (oversight_supervision_session_gap_days_bucket{{{OF}}})))",
                "days")]),
        panel("stat", "Nine in ten are shorter than", "Days between consecutive formal sessions of a worker.", "d",
              [(f"histogram_quantile(0.9, sum by (le) (max by (authority, career_stage, le) (oversight_supervision_session_gap_days_bucket{{{OF}}})))",
                "days")]),
        panel("stat", "Records late", "Records of supervision and of decisions that are not where the policy wants them in time; none "
              "where no policy in force has such a rule.", "short",
              [(f'sum(oversight:findings{{{OF}, {LATE}, {RECORD_RULES}}}) or vector(0)', "late")], 12, 6, ANY_IS_BAD),
        panel("stat", "Without a valid agreement", "Workers whose supervision agreement is missing or outdated; none where no policy in "
              "force has such a rule.", "short",
              [(f'sum(oversight:findings{{{OF}, {LATE}, {AGREEMENT_RULES}}}) or vector(0)', "without")], 12, 6, ANY_IS_BAD),
        panel("stat", "On file within 24 hours", IN_A_DAY, "percentunit", [(FILED_IN_A_DAY, "within 24 hours")], high=1),
        panel("stat", "On file within 5 working days", IN_FIVE_DAYS, "percentunit",
              [(FILED_IN_FIVE_DAYS, "within 5 working days")], thresholds=HIGH_IS_GOOD, high=1),
        panel("stat", "Agreements in force", "Supervision agreements that hold today, one for each worker and supervisor.", "short",
              [(IN_FORCE, "in force")]),
        panel("stat", "Supervised without an agreement", NO_AGREEMENT, "short", [(WITHOUT, "without")], thresholds=ANY_IS_BAD),
        panel("bargauge", "How soon discussions were on file", "Records of the discussions of the last twelve months; those not on file "
              "may still have time.", "short", [(f"sum({filed(state)})", words) for state, words in FILED], 12, 9),
        panel("timeseries", "On file in time", "Share of the discussions of the twelve months before each day.", "percentunit",
              [(FILED_IN_A_DAY, "within 24 hours"), (FILED_IN_FIVE_DAYS, "within 5 working days")], 12, 9, high=1),
        table("Sessions, by kind and state", "All on record.",
              f"sum by (kind, state) (max by (authority, kind, state) (oversight_supervision_sessions{{{OF}}})) > 0",
              {"kind": "Kind", "state": "State"}, thresholds=PLAIN),
        panel("bargauge", "Cases under an agreement for fewer discussions",
              "The manager's agreement that a case of low risk is discussed less often, and how those cases stand.", "short",
              [(f'sum by (status) ({rows(REDUCED)})', "{{status}}")], 12, 9, by_status=True),
        panel("timeseries", "Cannot be judged, by rule", "The records lack what the rule needs; not counted as kept.", "short",
              [(f'sum by (rule) (oversight:findings{{{OF}, status="UNKNOWN"}})', "{{rule}}")], 24, 8),
    ])

JOB = 'job=~"$job"'


def quantile(q, metric, by="job", more=""):
    return f"histogram_quantile({q}, sum by ({by}, le) (rate({metric}_bucket{{{JOB}{more}}}[$__rate_interval])))"


SERVICES = dashboard(
    "services", "Services and database",
    "For those who run it: calls, queues, the database, and how far compliance is behind.",
    [
        panel("timeseries", "Calls", "A second, by service.", "reqps",
              [(f"sum by (job) (rate(oversight_rpc_requests_total{{{JOB}}}[$__rate_interval]))", "{{job}}")], 8, 8),
        panel("timeseries", "Answers by code", "OK left out. Some are the caller's own faults.", "reqps",
              [(f'sum by (job, code) (rate(oversight_rpc_requests_total{{{JOB}, code!="OK"}}[$__rate_interval])) or vector(0)',
                "{{job}} {{code}}")], 8, 8),
        panel("timeseries", "Duration, 99th percentile", "By method.", "s",
              [(quantile(0.99, "oversight_rpc_duration_seconds", "job, method"), "{{job}} {{method}}")], 8, 8),
        panel("timeseries", "In flight and open watches", "Calls being handled, those of them that wait for their tokens, and change feeds being followed.",
              "short",
              [(f"sum by (job) (oversight_rpc_in_flight{{{JOB}}})", "{{job}} in flight"),
               (f"sum by (job) (oversight_rpc_waiting_calls{{{JOB}}})", "{{job}} waiting for tokens"),
               (f"sum by (job) (oversight_rpc_open_feeds{{{JOB}}})", "{{job}} watches")], 8, 8),
        panel("timeseries", "Queue", "Calls that wait for a worker.", "short",
              [(f"sum by (job, pool) (oversight_rpc_queue_length{{{JOB}}})", "{{job}} {{pool}}")], 8, 8),
        panel("timeseries", "Wait for a worker, 99th percentile", "Seconds in the queue.", "s",
              [(quantile(0.99, "oversight_rpc_queue_wait_seconds", "job, pool"), "{{job}} {{pool}}")], 8, 8),
        panel("timeseries", "Database connections", "By what they are doing.", "short",
              [(f"sum by (job, state) (oversight_mysql_pool_connections{{{JOB}}})", "{{job}} {{state}}")], 8, 8),
        panel("timeseries", "Wait for a connection, 99th percentile", "Above half a second the pool is too small or the database slow.",
              "s", [(quantile(0.99, "oversight_mysql_pool_wait_seconds"), "{{job}}")], 8, 8),
        panel("timeseries", "Failed connections", "To the database, a minute.", "short",
              [(f"sum by (job) (rate(oversight_mysql_connect_failures_total{{{JOB}}}[$__rate_interval])) * 60", "{{job}}")], 8, 8,
              ANY_IS_BAD),
        panel("timeseries", "Compliance behind the ledgers", "From a commit until it is judged, 99th percentile.", "s",
              [("histogram_quantile(0.99, sum by (ledger, le) (rate(oversight_compliance_apply_delay_seconds_bucket[$__rate_interval])))",
                "{{ledger}}")], 8, 8),
        panel("timeseries", "Entries that wait for others", "Received, and not judged because what they depend on is not there yet.",
              "short", [("sum by (ledger) (oversight_compliance_waiting_entries)", "{{ledger}}")], 8, 8),
        panel("timeseries", "Memory", "Resident.", "bytes",
              [(f"oversight_process_resident_bytes{{{JOB}}}", "{{job}} {{instance}}")], 8, 8),
        panel("timeseries", "Processor", "Cores in use.", "short",
              [(f"rate(oversight_process_cpu_seconds_total{{{JOB}}}[$__rate_interval])", "{{job}} {{instance}}")], 8, 8),
        panel("timeseries", "File descriptors", "Share of those that the process may have. Once out, it accepts no connection again.",
              "percentunit", [(f"oversight_process_open_descriptors{{{JOB}}} / oversight_process_descriptor_limit{{{JOB}}}",
                               "{{job}} {{instance}}")], 8, 8, ((None, GOOD), (0.8, BAD)), high=1),
        panel("stat", "Up", "Replicas that Prometheus can read.", "short", [(f"sum by (job) (up{{{JOB}}})", "{{job}}")], 8, 8,
              ((None, BAD), (1, GOOD))),
    ], variables=("job",), refresh="15s", since="now-6h")

ALL = [AUTHORITY, TEAM, CASES_BOARD, NEWLY_BOARD, RECORDS, SERVICES]


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else f"{os.path.dirname(os.path.abspath(__file__))}/dashboards"
    os.makedirs(folder, exist_ok=True)
    for each in ALL:
        with open(f"{folder}/{each['uid'].removeprefix('oversight-')}.json", "w", encoding="utf-8") as file:
            json.dump(each, file, indent=1, sort_keys=True)
            file.write("\n")


if __name__ == "__main__":
    main()
