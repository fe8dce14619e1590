"""How many figures of other packages were compared: printed when all tests are done."""

from collections import Counter, defaultdict


def pytest_terminal_summary(terminalreporter):
    """Print how many figures of other packages were compared, how many agree, and why the others do not."""
    counts = defaultdict(Counter)
    for report in terminalreporter.getreports("passed"):
        for package, reasons in (found for name, found in report.user_properties if name == "figures"):
            counts[package].update(reasons)
    if not counts:
        return
    terminalreporter.section("figures of other packages")
    for package, reasons in counts.items():
        agreed = reasons.pop("", 0)
        terminalreporter.line(f"{package}: {agreed + reasons.total():,} compared, {agreed:,} within a millionth, "
                              f"{reasons.total():,} explained")
        for why, many in reasons.most_common():
            terminalreporter.line(f"    {many:,} {why}")
