#!/usr/bin/env bash
# Installs the programs of others that tests of the slow stage run, where they are missing: as root, on Debian with apt. Services
# of the packages are not started. Anywhere else it changes nothing, and says what to install.
set -euo pipefail

# Each program and its package.
# The documentation has programs in Go, Java and Ruby.
# mvn brings java with it: the S3 server of the tests is a program for it, from Maven Central.
# The servers of postgresql are in no path; pg_ctlcluster comes with them.
programs=(pg_ctlcluster:postgresql promtool:prometheus prometheus:prometheus nginx:nginx-light caddy:caddy systemd-analyze:systemd chromium:chromium mvn:maven python3:python3-venv pgbouncer:pgbouncer
  go:golang-go javac:default-jdk-headless ruby:ruby curl:curl)
missing=()
for pair in "${programs[@]}"; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Tests need these packages: ${missing[*]}. Those that are missing are skipped." >&2
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
apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
