"""Measures one target once and prints the result as one line of JSON."""

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time

TARGET_CORE, LOAD_CORE, BOTH_CORES = "0", "1", "0,1"
PUSHING = ("service", "express", "spring-boot")
CONNECTIONS = 32
IDLE_SECONDS = 3
# The JIT compiler needs this many; until then it takes most of the core.
WARM_UP_SCRAPES, SCRAPES = 1000, 51
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

# What Prometheus 3 sends.
SCRAPE_HEADERS = {
    "Accept": "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "Accept-Encoding": "gzip",
}


def send(port, path):
    """Sends a request and returns the open connection."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
    return connection


def start(command, cores, arguments):
    """Starts a process; returns it with the milliseconds to its first response with status 200."""
    environment = {
        **os.environ,
        "PORT": str(arguments.port),
        "LOKI_HOST": f"http://127.0.0.1:{arguments.sink}",
        "LOG_FORMAT": "json",
        "NODE_ENV": "production",
    }
    began = time.perf_counter()
    with open(log_of(arguments), "wb") as log, open(f"{log_of(arguments)}.err", "wb") as errors:
        process = subprocess.Popen(
            ["taskset", "-c", cores, *command.split()], env=environment, stdout=log, stderr=errors)
    while time.perf_counter() - began < 60 and process.poll() is None:
        try:
            with send(arguments.port, "/") as connection:
                if connection.recv(12).endswith(b" 200"):
                    return process, 1000 * (time.perf_counter() - began)
        except OSError:
            pass
        time.sleep(0.002)
    process.kill()
    sys.exit(f"No response: {command}: see {log_of(arguments)} and {log_of(arguments)}.err")


def log_of(arguments):
    return os.path.join(arguments.work, f"{arguments.target}.log")


def load(port, seconds):
    """Starts wrk on the route "/"."""
    return subprocess.Popen(
        ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://127.0.0.1:{port}/"],
        stdout=subprocess.PIPE, text=True)


def result(wrk):
    """Waits for wrk; returns the number of responses and the responses per second."""
    output = wrk.communicate()[0]
    if "Non-2xx" in output:
        sys.exit(output)
    return (int(re.search(r"(\d+) requests in", output)[1]), float(re.search(r"Requests/sec: *([\d.]+)", output)[1]))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def core_seconds():
    """CPU seconds of all processes on the core of the target."""
    with open("/proc/stat") as stat:
        fields = re.search(rf"^cpu{TARGET_CORE} (.*)", stat.read(), re.M)[1].split()
    return sum(map(int, fields[:3])) / TICKS_PER_SECOND


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) / 1024


def get(connection, path):
    connection.request("GET", path, headers=SCRAPE_HEADERS)
    response = connection.getresponse()
    return response.status, response.read()


def scrape_ms(port):
    """The median duration of a warm scrape; None for a target without metrics."""
    # One series for each status that the service responds with.
    calls = [send(port, path) for path in ["/heavy-computation"] * 32 + ["/unknown"]]
    for call in calls:
        call.recv(1)
        call.close()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    if get(connection, "/metrics")[0] != 200:
        return None
    durations = []
    for _ in range(WARM_UP_SCRAPES + SCRAPES):
        began = time.perf_counter()
        get(connection, "/metrics")
        durations.append(1000 * (time.perf_counter() - began))
    return statistics.median(durations[WARM_UP_SCRAPES:])


def pushed(port):
    return int(get(http.client.HTTPConnection("127.0.0.1", port), "/")[1])


def heat(process, arguments):
    """Loads the target until it has used the CPU seconds of the warm-up; returns the number of responses."""
    # CPU time, because other programs may take a part of the core. The limit is for a target that needs
    # less than wrk.
    responses, until, limit = 0, cpu_seconds(process.pid) + arguments.warm_up, time.monotonic() + 60
    while cpu_seconds(process.pid) < until and time.monotonic() < limit:
        responses += result(load(arguments.port, 2))[0]
    return responses


def measure(arguments):
    pushed_before = pushed(arguments.sink)
    process, start_2 = start(arguments.command, BOTH_CORES, arguments)
    process.kill()
    process.wait()
    process, start_1 = start(arguments.command, TARGET_CORE, arguments)
    try:
        time.sleep(IDLE_SECONDS)
        idle = resident_mb(process.pid)
        warm_up = heat(process, arguments)
        own, core = cpu_seconds(process.pid), core_seconds()
        responses, per_second = result(load(arguments.port, arguments.seconds))
        own, core = cpu_seconds(process.pid) - own, core_seconds() - core
        loaded = resident_mb(process.pid)
        scrape = scrape_ms(arguments.port)
        # Killed under load: a line that is still in a buffer is lost.
        wrk = load(arguments.port, 2)
        time.sleep(1)
    finally:
        process.kill()
        process.wait()
    last, _ = result(wrk)
    with open(log_of(arguments), "rb") as log:
        lines = sum(b"Request received on / route" in line for line in log)
    if arguments.target in PUSHING and pushed(arguments.sink) == pushed_before:
        sys.exit(f"{arguments.target} pushed nothing.")
    return {
        "round": arguments.round,
        "target": arguments.target,
        "per_second": per_second,
        "cpu_us": 1e6 * own / responses,
        "idle_mb": idle,
        "loaded_mb": loaded,
        "start_2_ms": start_2,
        "start_1_ms": start_1,
        "metrics_ms": scrape,
        # The response to the start counts, too.
        "missing": max(0, 1 + warm_up + responses + last - lines) if arguments.target != "bare" else None,
        "others": max(0, core - own) / arguments.seconds,
    }


parser = argparse.ArgumentParser()
for name in ("port", "sink", "round", "seconds", "warm-up"):
    parser.add_argument(f"--{name}", type=int)
for name in ("work", "target"):
    parser.add_argument(f"--{name}")
parser.add_argument("command")
print(json.dumps(measure(parser.parse_args())))
