"""Replaces the text between two markers of a page by standard input. Arguments: the page, the name in the marker."""

import sys

path, name = sys.argv[1:]
begin, end = f"<!-- Written by {name}. -->\n", "<!-- End of the run. -->\n"
with open(path) as page:
    before, _, rest = page.read().partition(begin)
_, found, after = rest.partition(end)
if not found:
    sys.exit(f"{path}: the markers of {name} are missing")
with open(path, "w") as page:
    page.write(f"{before}{begin}\n{sys.stdin.read()}\n{end}{after}")
