"""The findings of an authority, and the history of them that compliance has stored."""

import json

AS_OF = {"year": 2026, "month": 3, "day": 20}  # within the sample, so that midnight makes no difference


def neutral(value, authority):
    """The same with the authority's name left out."""
    return json.loads(json.dumps(value).replace(f"authorities/{authority}/", "")
                      .replace(f'"authorities/{authority}"', '"authority"'))


def findings(suite, authority):
    """All findings but those about single writes."""
    found = suite.list_all("compliance.ListFindings", {"parent": f"authorities/{authority}", "asOfDate": AS_OF}, "findings")
    return sorted(({k: v for k, v in neutral(finding, authority).items() if k != "name"} for finding in found
                   if "/workers/written-" not in finding["subject"]), key=lambda f: (f["rule"], f["subject"]))


def listed(suite, authority):
    """(rule, subject, instance) of the findings of today."""
    return {(f["rule"], f["subject"].removeprefix(f"authorities/{authority}").removeprefix("/"), f["instance"])
            for f in suite.list_all("compliance.ListFindings", {"parent": f"authorities/{authority}"}, "findings")}


def stored(suite, authority):
    """The findings as they are stored: (status, instance, due) by rule and subject."""
    return {(rule, subject): (status, instance, due) for rule, subject, status, instance, due in suite.database.query(
        f"SELECT rule, subject, status, instance, due FROM finding WHERE authority = '{authority}'",
        "oversight_compliance")}


def is_stored(suite, authority):
    """Whether what is listed today has been stored."""
    return {(*key, value[1]) for key, value in stored(suite, authority).items()} == listed(suite, authority)


def check(test, suite, authority):
    """The stored changes, replayed, give the stored findings: each change goes on from where the last one left."""
    query = lambda sql: suite.database.query(sql, "oversight_compliance")
    standing = {}
    for batch, rule, subject, before, after, instance, due in query(
            f"SELECT batch, rule, subject, from_status, to_status, instance, due FROM finding_change "
            f"WHERE authority = '{authority}' ORDER BY batch, number"):
        known = standing.get((rule, subject))
        test.assertEqual(before, known[1] if known else "0", f"batch {batch} of {rule} {subject}")
        test.assertFalse(known and known[0] == batch, f"two changes in batch {batch} of {rule} {subject}")
        if after == "0":
            del standing[rule, subject]
        else:
            standing[rule, subject] = (batch, after, instance, due)
    # One batch after the other, none under an older lease than the one before.
    epoch = 0
    for number, (batch, of_batch) in enumerate(query(
            f"SELECT batch, lease_epoch FROM judgement_batch WHERE authority = '{authority}' ORDER BY batch"), 1):
        test.assertEqual(int(batch), number)
        test.assertGreaterEqual(int(of_batch), epoch, f"batch {batch}")
        epoch = int(of_batch)
    test.assertEqual({key: value[1:] for key, value in standing.items()}, stored(suite, authority))
    test.assertTrue(is_stored(suite, authority))
