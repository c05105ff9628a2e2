"""What the product writes is right by somebody who knows the rules and the log alone."""

from app.audit.stream import audit_records


def test_the_logs_of_real_markets_break_no_rule(logs):
    for name, leaves in logs.items():
        report = audit_records(leaves)
        assert report.clean, (name, [finding.line() for finding in report.kept[:5]])
        assert report.records == len(leaves)
