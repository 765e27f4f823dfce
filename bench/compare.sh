#!/bin/sh
# Replay beside its peers on one capture: sh bench/compare.sh FILE [RUNS]. Needs hyperfine, suricata, ndpiReader (libndpi-bin),
# tcpdump and tshark, all from Debian (suricata from its backports); set WIFIGUARD where the program is not on the path.
set -eu
file=$1
runs=${2:-5}
here=$(dirname "$0")
wifiguard=${WIFIGUARD:-wifiguard}
python=$(head -n 1 "$(command -v "$wifiguard")" | cut -c 3-)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
filter=$("$python" -c 'from wifiguard.sources.bpf import filter_text; print(filter_text(1))')
suricata="suricata -r $file -S $here/suricata.rules -l $out -k none"
hyperfine --ignore-failure --warmup 1 --runs "$runs" --export-json "$out/runs.json" \
  -n "wifiguard replay" "$wifiguard replay --json $file" \
  -n "wifiguard replay of an empty file" "head -c 24 $file | $wifiguard replay --json -" \
  -n "suricata" "$suricata" \
  -n "suricata, one thread" "$suricata --runmode single" \
  -n "suricata with our filter" "$suricata '$filter'" \
  -n "ndpiReader" "ndpiReader -q -i $file" \
  -n "tcpdump, nothing matches" "tcpdump -nn -r $file -w /dev/null udp port 1" >/dev/null 2>&1
# Processor time is what a machine that does other things does not distort much.
"$python" - "$out/runs.json" <<'TABLE'
import json, sys
print("| command | processor, s | wall, s | least and most |\n|---|---|---|---|")
for run in json.load(open(sys.argv[1]))["results"]:
    busy = run["user"] + run["system"]
    print(f"| {run['command']} | {busy:.2f} | {run['median']:.2f} | {run['min']:.2f} - {run['max']:.2f} |")
TABLE
# Once: it takes minutes where the others take seconds.
began=$(date +%s)
tshark -n -r "$file" -Y http.request -T fields -e frame.number >/dev/null 2>&1
echo "tshark: $(($(date +%s) - began)) s"
