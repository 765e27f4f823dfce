#!/bin/sh
# Makes one .deb: make-deb.sh WIFIGUARD FOLDER. The libraries come inside it, so that nothing but Python is asked of the system;
# those that are compiled tie it to this Python's version and this machine's architecture.
set -eu
wifiguard=$1 out=$2
here=$(dirname "$0")
command -v dpkg-deb >/dev/null || { echo "dpkg-deb is missing: a .deb is made on a Debian-like system" >&2; exit 1; }

version=$("$wifiguard" --version | cut -d' ' -f2)
python=$(head -n1 "$wifiguard" | cut -c3-)
minor=$("$python" -c 'import sys; print(sys.version_info.minor)')
arch=$(dpkg --print-architecture)
tree=$out/deb
rm -rf "$tree"
mkdir -p "$tree/DEBIAN"
"$wifiguard" service install --root "$tree" --package >/dev/null
gzip -9n "$tree/usr/share/man/man1/wifiguard.1"
mkdir -p "$tree/usr/share/doc/wifiguard"
cat > "$tree/usr/share/doc/wifiguard/copyright" <<COPYRIGHT
WiFiGuard is free software under the GNU General Public License, version 2 or later:
/usr/share/common-licenses/GPL-2. The libraries beside it under /usr/lib/wifiguard
carry their own licences in their .dist-info folders.
COPYRIGHT
install -m 755 "$here/preinst" "$here/postinst" "$here/prerm" "$here/postrm" "$tree/DEBIAN/"
echo /etc/wifiguard/wifiguard.toml > "$tree/DEBIAN/conffiles"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: wifiguard
Version: $version
Architecture: $arch
Maintainer: WiFiGuard developers <noreply@wifiguard.invalid>
Installed-Size: $(du -sk "$tree/usr" | cut -f1)
Depends: systemd, libc6, python3 (>= 3.$minor), python3 (<< 3.$((minor + 1)))
Recommends: network-manager, dbus
Section: net
Priority: optional
Description: says when it is not safe to bank on this network
 A background service that watches the active network interfaces of a laptop,
 flags open and unknown Wi-Fi, detects unencrypted traffic to banks and payment
 services, and says so in a desktop notification that a layman can act on.
CONTROL
deb=$out/wifiguard_${version}_$arch.deb
dpkg-deb --root-owner-group --build "$tree" "$deb" >/dev/null
rm -rf "$tree"
echo "$deb is made. Install it: sudo apt install ./$deb"
