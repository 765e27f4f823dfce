#!/bin/sh
# Installs the Debian packages of tests/debian-packages.txt where that is possible; says so where it is not.
set -eu
list=$(sed 's/#.*//' "$(dirname "$0")/debian-packages.txt" | tr -s ' \t\n' ' ')
if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian-like system: tests that need real servers are skipped, each with what it misses."
    exit 0
fi
missing=
for package in $list; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "Not root: tests that need these packages are skipped:$missing"
    exit 0
fi
# The rigs start servers of their own: the packages' own services must not begin to run on this machine.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
echo "Installing for the rigs:$missing"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
