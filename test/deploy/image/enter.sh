#!/bin/sh
# Runs a command in the root of an image: below a mount namespace of its own (unshare --mount), as root. Its base is the Debian of
# this machine, read-only, with the Node and npm of the checkout where the base image has them. In the mode `run` the root is
# read-only except for the volume and /tmp, as with `docker run --read-only --tmpfs /tmp`, and the command has no rights but its own.
#   enter.sh build|run ROOT LOCAL NODE NPM EXTRA USER WORKDIR NAME=VALUE… -- COMMAND…
# EXTRA is the folder of npm's cache (build), or the volume (run).
set -eu
mode=$1 root=$2 local=$3 node=$4 npm=$5 extra=$6 user=$7 workdir=$8
shift 8
mount --bind "$root" "$root"
mount --rbind /usr "$root/usr"
mount -o remount,ro,bind "$root/usr"
mount --bind "$local" "$root/usr/local"
mount --bind "$node" "$root/usr/local/bin/node"
mount --bind "$npm" "$root/usr/local/lib/node_modules/npm"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
if [ "$mode" = build ]; then
  mount --bind "$extra" "$root/root/.npm"
else
  mount -t tmpfs -o size=64m,noexec,nosuid,mode=1777 tmpfs "$root/tmp"
  mount --bind "$extra" "$root/app/data"
  mount -o remount,ro,bind "$root/usr/local"
  mount -o remount,ro,bind "$root"
fi
settings=''
while [ "$1" != -- ]; do
  settings="$settings $1"
  shift
done
shift
# No value has a space.
# shellcheck disable=SC2086
if [ "$mode" = build ] && [ "$user" = 0:0 ]; then exec chroot "$root" /usr/bin/env -i -C "$workdir" $settings "$@"; fi
# shellcheck disable=SC2086
exec chroot "$root" /usr/bin/env -i -C "$workdir" $settings /usr/bin/setpriv --reuid="${user%%:*}" --regid="${user##*:}" \
  --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
