#!/bin/sh
# make-venv.sh PYTHON VENV AS_OWNER WHAT: a virtual environment inside the checkout with WHAT (editable) in it.
set -eu
python=$1 venv=$2 as_owner=$3 what=$4
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "WiFiGuard needs Python 3.11 or newer; '$python' is not. Try: make PYTHON=python3.12 ..." >&2
    exit 2
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "Python's venv module is missing. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
        exit 2
    fi
}
[ -x "$venv/bin/python" ] || $as_owner "$python" -m venv "$venv"
echo "Setting up the environment in $venv (once) ..."
$as_owner "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -e "$what"
# Now and for every start: not every environment lets Python keep what it compiles.
$as_owner "$venv/bin/python" -m compileall -q wifiguard
