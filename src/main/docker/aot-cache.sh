#!/bin/bash
# Creates an AOT cache with a run of the service: aot-cache.sh CACHE JAVA OPTION... -jar JAR
# The cache has the loaded and linked classes, so that the service starts faster.
set -euo pipefail
cache=$1 java=$2
shift 2

# It listens on the first free port from 3000 on: with `--network host` another program may have 3000.
export PORT=3000
while (exec 3<>"/dev/tcp/localhost/$PORT") 2>/dev/null; do PORT=$((PORT + 1)); done
# The service pushes to itself, and rejects it: so the cache also has the classes of the push.
export LOKI_HOST=http://localhost:$PORT LOG_FORMAT=json
# Calls that fail, and calls that do not take long.
export HEAVY_ERROR_RATE=0.5 HEAVY_LATENCIES_MS=100
"$java" -XX:AOTCacheOutput="$cache" "$@" >/dev/null &
service=$!

until (exec 3<>"/dev/tcp/localhost/$PORT") 2>/dev/null; do
  kill -0 $service
  ((SECONDS < 60))
  sleep 0.2
done

get() {
  exec 3<>"/dev/tcp/localhost/$PORT"
  printf "GET $1 HTTP/1.1\r\nHost: localhost\r\n${2:-}Connection: close\r\n\r\n" >&3
  cat <&3 >/dev/null
}
for _ in {1..10}; do
  get /
  get /heavy-computation
  get /metrics
  get /metrics 'Accept: application/openmetrics-text;version=1.0.0\r\nAccept-Encoding: gzip\r\n'
  get /health/readiness
done

kill -TERM $service
wait $service || [[ $? -eq 143 ]]
[[ -s $cache ]]
