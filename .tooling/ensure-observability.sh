#!/usr/bin/env bash
# Installs Prometheus and promtool, which tests of the slow stage run, where they are missing: as root, on Debian with apt.
# The package's own service is not started. Anywhere else it changes nothing, and says what to install.
set -euo pipefail

if command -v promtool >/dev/null && command -v prometheus >/dev/null; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo 'Prometheus is missing. Install the package "prometheus" for the tests of metrics and alerts.' >&2
  exit 0
fi

# Debian asks this file whether a package may start its service; 101 forbids it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o Acquire::Retries=3 update
apt-get -qq -y --no-install-recommends install prometheus >/dev/null
command -v promtool prometheus
