#!/usr/bin/env bash
# Builds the machine (cached in build/btvm), boots it once and runs vm/suite.py in it against the
# programs of a build.
#
#   run.sh [BIN [NAME...]]     BIN: build/dev/bin; NAMEs: only tests whose name contains one
#
# What the guest said beside the results is left in build/btvm/out. The machine's own failure (exit
# 124 or 125) is tried once more; a test that fails is not.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
bin=${1:-$top/build/dev/bin}
shift || true

for program in vitrine-agent vitrinectl bluetooth_shop; do
    [ -x "$bin/$program" ] || { echo "run.sh: no $bin/$program: build it first" >&2; exit 2; }
done
"$here/vm/build-image.sh" >&2 || exit 1

# A controller that drops duplicates would tell the phone of one of the three adverts of a kiosk only.
export BTVM_AIR_ARGS="-f off"
out=${BTVM_CACHE:-$top/build/btvm}/out
for attempt in 1 2; do
    rm -rf "$out"
    "$here/vm/run-in-vm.sh" -t 540 -o "$out" \
        -f "$bin/vitrine-agent" -f "$bin/vitrinectl" -f "$bin/bluetooth_shop" \
        -f "$here/vm/suite.py" -- /usr/bin/python3 suite.py "$@"
    status=$?
    if [ $status != 124 ] && [ $status != 125 ]; then exit "$status"; fi
    echo "run.sh: the machine failed ($status), attempt $attempt of 2; see $out/log" >&2
done
exit "$status"
