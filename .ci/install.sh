# Sourced by run: the programs of the tests, from Debian.

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi; }

as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  ca-certificates maven openjdk-17-jdk-headless prometheus $(command -v npm >/dev/null || echo nodejs npm) >/dev/null

# The folders of the JDKs to test on: the oldest that is supported and, where it is, the image's.
jdks() {
  local jdk
  ls -d /usr/lib/jvm/java-17-openjdk-* || return 1
  for jdk in /usr/lib/jvm/temurin-25-jdk-* "${JAVA_HOME_25_X64:-}"; do
    if [[ -x $jdk/bin/javac ]]; then
      echo "$jdk"
      return
    fi
  done
  echo "There is no JDK 25: tested on 17 alone." >&2
}

# Prints the folder of a Prometheus 3, as the stack runs, and of its Alertmanager's tool. Debian 12
# and 13 have none, so the packages of a newer suite are unpacked, beside the system and not into it
# (but for some templates).
newer_prometheus() {
  if dpkg --compare-versions "$(dpkg-query -W -f '${Version}' prometheus)" ge 3; then
    # Of its own accord it brings neither the other program nor that one's tool.
    as_root apt-get install -y -qq --no-install-recommends prometheus-alertmanager >/dev/null
    dirname "$(command -v prometheus)"
    return
  fi
  local work mirror suite
  work=$(mktemp -d)
  chmod 755 "$work"   # apt drops its rights for a download
  mirror=$(sed -nE 's/^URIs: *//p; s/^deb (\[[^]]*\] )?([^ ]+) .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | grep -m1 '/debian/*$')
  for suite in sid testing; do
    mkdir -p "$work/$suite/lists/partial"
    echo "deb $mirror $suite main" >"$work/$suite/sources.list"
    local apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/$suite/sources.list" -o Dir::Etc::sourceparts=-
      -o Dir::State::Lists="$work/$suite/lists" -o Dir::Cache::archives="$work/$suite"
      -o APT::Sandbox::User=root)
    (cd "$work/$suite" && as_root "${apt[@]}" update &&
      as_root "${apt[@]}" download prometheus prometheus-alertmanager && { as_root "${apt[@]}" download promtool 2>/dev/null || true; }) >&2 || continue
    for package in "$work/$suite"/*.deb; do dpkg -x "$package" "$work/$suite/root"; done
    if "$work/$suite/root/usr/bin/promtool" --version >/dev/null 2>&1 &&
      "$work/$suite/root/usr/bin/prometheus" --version >/dev/null 2>&1; then
      # Debian's Alertmanager looks for its templates in the system, wherever it is.
      [[ -e /usr/share/prometheus/alertmanager ]] || { as_root mkdir -p /usr/share/prometheus &&
        as_root cp -r "$work/$suite/root/usr/share/prometheus/alertmanager" /usr/share/prometheus/; }
      echo "$work/$suite/root/usr/bin"
      return
    fi
  done
  echo "No Prometheus 3 in $mirror" >&2
  return 1
}
