"""Prints the tables of a run."""

import argparse
import datetime
import json
import os
import platform
import re
import statistics
import subprocess

# For each target its name, and where its version is.
TARGETS = {
    "service": ("this service, as the image runs it", None),
    "bare": ("its server without telemetry", None),
    "express": ("Express {} + prom-client + response-time + winston-loki", ("express/package.json", r'"express": "(.+)"')),
    "spring-boot": ("Spring Boot {} + Actuator + Micrometer + loki4j", ("spring-boot/pom.xml", "parent</artifactId>\\s*<version>(.+)<")),
    "quarkus": ("Quarkus {} + Micrometer + JSON log, no push", ("quarkus/pom.xml", "<quarkus.version>(.+)<")),
    "go": ("Go net/http + client_golang {} + slog, no push", ("go/go.mod", r"require \S+client_golang v(\S+)")),
}

# Column, heading, decimal places.
COLUMNS = [
    ("per_second", "Requests/s", 0),
    ("cpu_us", "CPU us/request", 1),
    ("idle_mb", "Idle MB", 0),
    ("loaded_mb", "After load MB", 0),
    ("start_2_ms", "Start ms, 2 cores", 0),
    ("start_1_ms", "Start ms, 1 core", 0),
    ("metrics_ms", "`/metrics` ms", 1),
]

# Goal, column, the target that the service is compared with, whether the bound is a minimum, the bound.
# The columns within_* and home_* are those of the target in-flight.
GOALS = [
    ("CPU per request, us", "cpu_us", None, False, 28),
    ("CPU per request / Quarkus", "cpu_us", "quarkus", False, 0.75),
    ("CPU per request / Express", "cpu_us", "express", False, 1 / 7.5),
    ("Requests per second / Quarkus", "per_second", "quarkus", True, 1.3),
    ("Requests per second / Express", "per_second", "express", True, 7.5),
    ("Memory idle, MB", "idle_mb", None, False, 110),
    ("Memory after the load, MB", "loaded_mb", None, False, 200),
    ("First response on 2 cores, ms", "start_2_ms", None, False, 600),
    ("First response on 1 core, ms", "start_1_ms", None, False, 1200),
    ("`/metrics`, ms", "metrics_ms", None, False, 3),
    ("`/metrics` / Express", "metrics_ms", "express", False, 1.5),
    ("1,000 calls in flight: within 15 %, in percent", "within_1000", None, True, 99.9),
    ("5,000 calls in flight: within 15 %, in percent", "within_5000", None, True, 99),
    ("`/` with 1,000 calls in flight, median ms", "home_1000_ms", None, False, 50),
    ("`/` with 5,000 calls in flight, median ms", "home_5000_ms", None, False, 50),
    ("Lines missing on stdout", "missing", None, False, 0),
]


def spread(values, places):
    """Median, minimum and maximum."""
    return f"{statistics.median(values):,.{places}f} ({min(values):,.{places}f} to {max(values):,.{places}f})"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def label(target):
    name, version = TARGETS[target]
    if version is None:
        return name
    with open(os.path.join("src/bench", version[0])) as source:
        return name.format(re.search(version[1], source.read())[1])


def values(results, target, column):
    return [r[column] for r in results if r["target"] == target and r.get(column) is not None]


def comparison(results):
    rows = []
    for target in TARGETS:
        if not values(results, target, "per_second"):
            continue
        row = [label(target)]
        for column, _, places in COLUMNS:
            measured = values(results, target, column)
            row.append(spread(measured, places) if measured else "")
        missing = values(results, target, "missing")
        rows.append(row + [f"{sum(missing):,}" if missing else ""])
    return table(["", *(heading for _, heading, _ in COLUMNS), "Lines missing"], rows)


def goals(results):
    rows = []
    for goal, column, peer, minimum, bound in GOALS:
        own = "in-flight" if column.startswith(("within", "home")) else "service"
        measured = values(results, own, column)
        if peer:
            # Round by round, because both ran next to each other.
            measured = [value / other for value, other in zip(measured, values(results, peer, column))]
        places = 3 if peer or column.startswith("within") else 1 if 0 < bound < 100 else 0
        row = [goal, f"{'at least' if minimum else 'at most'} {bound:,.{places}f}"]
        if not measured:
            rows.append(row + ["", "not measured"])
            continue
        value = sum(measured) if column == "missing" else statistics.median(measured)
        if value >= bound if minimum else value <= bound:
            verdict = "met"
        elif bound == 0:
            verdict = "**missed**"
        else:
            verdict = f"**missed** by {100 * abs(value / bound - 1):.1f} %"
        rows.append(row + [f"{value:,}" if column == "missing" else spread(measured, places), verdict])
    return table(["Goal", "Target", "Measured", ""], rows)


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except OSError:
        return None


def machine(java):
    with open("/proc/cpuinfo") as cpus:
        model = re.search(r"model name\s*: (.+)", cpus.read())[1]
    with open("/proc/meminfo") as memory:
        gigabytes = int(re.search(r"MemTotal: +(\d+)", memory.read())[1]) / 2**20
    node, go = first_line("node", "--version"), first_line("go", "env", "GOVERSION")
    parts = [
        f"{os.cpu_count()} cores ({model}), {gigabytes:.0f} GB, Linux {platform.release()}",
        java,
        node and f"Node {node}",
        go and f"Go {go.removeprefix('go')}",
    ]
    return ", ".join(filter(None, parts))


def report(arguments):
    with open(arguments.results) as lines:
        results = [json.loads(line) for line in lines]
    others = spread([100 * r["others"] for r in results if "others" in r], 0)
    return (
        f"`{arguments.command}` on {datetime.date.today()}: {machine(arguments.java)}. {arguments.seconds} s per target in each"
        f" round, number of rounds: {arguments.rounds}; each after {arguments.warm_up} CPU seconds of warm-up: median, minimum and maximum"
        f" in brackets. Share of the target's core that other programs used, in percent: {others}.\n\n"
        f"{comparison(results)}\n{goals(results)}"
    )


parser = argparse.ArgumentParser()
for name in ("results", "command", "java", "rounds", "seconds", "warm_up"):
    parser.add_argument(name)
print(report(parser.parse_args()))
