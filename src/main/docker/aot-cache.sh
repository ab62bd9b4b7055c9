#!/bin/bash
# Creates an AOT cache with a run of the service: aot-cache.sh CACHE JAVA OPTION... -jar JAR
# The cache has the loaded and linked classes, and the profiles that the JIT compiler needs: the service
# starts faster, and compiles its routes with fewer requests.
set -euo pipefail
cache=$1 java=$2
shift 2

# It listens on the first free port from 3000 on: with `--network host` another program may have 3000.
export PORT=3000
while (exec 3<>"/dev/tcp/localhost/$PORT") 2>/dev/null; do PORT=$((PORT + 1)); done
# The service pushes to itself, and rejects it: so the cache also has the classes of the push.
export LOKI_HOST=http://localhost:$PORT LOG_FORMAT=json
"$java" -XX:AOTCacheOutput="$cache" "$@" >/dev/null &
service=$!

until (exec 3<>"/dev/tcp/localhost/$PORT") 2>/dev/null; do
  kill -0 $service
  ((SECONDS < 60))
  sleep 0.2
done

# get COUNT ROUTE [HEADER]: on one connection, without waiting for each response.
get() {
  local request="GET $2 HTTP/1.1\r\nHost: localhost\r\n${3:-}"
  exec 3<>"/dev/tcp/localhost/$PORT"
  cat <&3 >/dev/null &
  for ((i = 1; i < $1; i++)); do printf "$request\r\n"; done >&3
  printf '%bConnection: close\r\n\r\n' "$request" >&3
  wait $!
}
get 20000 /
get 4 /heavy-computation
get 300 /metrics 'Accept: application/openmetrics-text;version=1.0.0\r\nAccept-Encoding: gzip\r\n'
get 20 /metrics
get 20 /health/readiness

kill -TERM $service
wait $service || [[ $? -eq 143 ]]
[[ -s $cache ]]
