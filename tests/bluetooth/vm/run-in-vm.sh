#!/usr/bin/env bash
# Run a command as root in a throw-away VM that has N virtual Bluetooth
# controllers and the real bluetoothd on its system bus.
#
#   run-in-vm.sh [options] [--] CMD [ARG...]
#     -f PATH       copy PATH (file or directory) into the guest's /job (repeatable)
#     -o DIR        after the run copy the guest's /job/out and /job/log to DIR
#     -n N          number of virtual controllers        (default 2, at most 16)
#     -m MODE       air (default) | btvirt | none        (README.md)
#     -t SECONDS    give up after that long              (default 300)
#     -k            keep the job folder and print its path
# CMD runs in /job; its stdout and stderr are streamed here; its exit status is
# the exit status of this script (124 = timed out, 125 = the VM itself failed).
#
# Env (all optional): BTVM_CACHE, BTVM_MEM (MiB, 768), BTVM_CPUS (2),
#   BTVM_ACCEL=kvm (where KVM is real; software emulation otherwise),
#   BTVM_AIR_TYPE=le|bredrle  BTVM_AIR_ARGS  BTVM_BTVIRT_ARGS
#   BTVM_BLUETOOTHD_ARGS (e.g. -d)  BTVM_MAIN_CONF=FILE (bluetoothd's main.conf)
#   BTVM_BTMON=1 (HCI trace in log/)  BTVM_QEMU_ARGS
#   BTVM_PASS="VAR1 VAR2" (environment variables to hand to CMD)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${BTVM_CACHE:-$(cd "$here/../../.." && pwd)/build/btvm}
n=2 mode=${BTVM_MODE:-air} limit=${BTVM_TIMEOUT:-300} out='' keep=0 files=()

usage() { sed -n '2,/^set -euo/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit "${1:-0}"; }
die() { echo "run-in-vm: $*" >&2; exit 125; }

while getopts 'f:o:n:m:t:kh' opt; do
    case $opt in
    f) files+=("$OPTARG") ;;
    o) out=$OPTARG ;;
    n) n=$OPTARG ;;
    m) mode=$OPTARG ;;
    t) limit=$OPTARG ;;
    k) keep=1 ;;
    h) usage ;;
    *) usage 125 >&2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage 125 >&2
if [[ ! $n =~ ^[0-9]+$ || $n -gt 16 ]]; then die "-n: 0 to 16 (btvirt's limit)"; fi
command -v qemu-system-x86_64 >/dev/null || die "no qemu-system-x86_64 (packages.txt)"
for f in vmlinuz initrd.img btair; do
    [ -s "$cache/$f" ] || die "no $f in the cache: run build-image.sh first"
done

# --- the job folder: shared with the guest as /job ---------------------------
job=$(mktemp -d "${TMPDIR:-/tmp}/btvm-job.XXXXXX")
qemu_pid=''
# shellcheck disable=SC2317  # called by the trap
cleanup() {
    [ -z "$qemu_pid" ] || kill "$qemu_pid" 2>/dev/null || true
    if [ "$keep" = 1 ]; then echo "run-in-vm: job folder kept: $job" >&2
    else rm -rf --one-file-system "$job"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM
mkdir -p "$job/.btvm" "$job/log" "$job/out"
for f in ${files[@]+"${files[@]}"}; do
    [ -e "$f" ] || die "no such file: $f"
    cp -aL "$f" "$job/"
done
install -m 755 "$cache/btair" "$here/guest/guest-init.sh" "$here/guest/btvm-bluetoothd" "$job/.btvm/"
install -m 644 "${BTVM_MAIN_CONF:-$here/guest/main.conf}" "$job/.btvm/main.conf"
printf '%q ' "$@" >"$job/.btvm/cmd"
{
    printf '%s=%q\n' BTVM_CONTROLLERS "$n" BTVM_MODE "$mode" \
        BTVM_AIR_TYPE "${BTVM_AIR_TYPE:-le}" BTVM_AIR_ARGS "${BTVM_AIR_ARGS:-}" \
        BTVM_BTVIRT_ARGS "${BTVM_BTVIRT_ARGS:-}" \
        BTVM_BLUETOOTHD_ARGS "${BTVM_BLUETOOTHD_ARGS:-}" BTVM_BTMON "${BTVM_BTMON:-0}"
    for v in ${BTVM_PASS:-}; do [ -z "${!v+x}" ] || printf 'export %s=%q\n' "$v" "${!v}"; done
} >"$job/.btvm/env"

# --- accelerator --------------------------------------------------------------
# /dev/kvm alone proves nothing (nested or para-virtual KVM may open and then
# hang at boot), so software emulation unless the caller knows better.
if [ "${BTVM_ACCEL:-tcg}" = kvm ]; then accel=(-accel kvm -cpu host)
else accel=(-accel "tcg,thread=multi" -cpu "${BTVM_CPU:-max}"); fi

append="console=ttyS0 quiet panic=-1 oops=panic mitigations=off nokaslr random.trust_cpu=on cryptomgr.notests no_timer_check"
for f in /usr/libexec/bluetooth/bluetoothd /usr/bin/btvirt /usr/bin/dbus-daemon; do
    [ -x "$f" ] || die "the guest needs $f, and its root is this machine's (packages.txt)"
done
# This machine's own root, read-only over 9p; the guest puts a RAM overlay on top.
rootdev=(-fsdev "local,id=hostroot,path=/,security_model=none,readonly=on,multidevs=remap"
    -device "virtio-9p-pci,fsdev=hostroot,mount_tag=hostroot")

# shellcheck disable=SC2086  # several words wanted at the end
TMPDIR=$job/.btvm timeout --foreground -k 5 "$limit" qemu-system-x86_64 \
    -M q35 "${accel[@]}" -smp "${BTVM_CPUS:-2}" -m "${BTVM_MEM:-768}" \
    -nodefaults -display none -no-reboot -no-user-config \
    -kernel "$cache/vmlinuz" -initrd "$cache/initrd.img" -append "$append" \
    "${rootdev[@]}" \
    -fsdev "local,id=job,path=$job,security_model=none,multidevs=remap" \
    -device virtio-9p-pci,fsdev=job,mount_tag=job \
    -device virtio-rng-pci \
    -serial "file:$job/log/console.log" \
    -device virtio-serial-pci -chardev stdio,id=out,signal=off -device virtconsole,chardev=out \
    ${BTVM_QEMU_ARGS:-} </dev/null &
qemu_pid=$!
rc_qemu=0
wait "$qemu_pid" || rc_qemu=$?
qemu_pid=''

if [ -n "$out" ]; then
    mkdir -p "$out"
    cp -a "$job/out/." "$out/"
    cp -a "$job/log" "$out/"
fi
if [ -s "$job/.btvm/rc" ]; then exit "$(cat "$job/.btvm/rc")"; fi
if [ "$rc_qemu" = 124 ] || [ "$rc_qemu" = 137 ]; then
    echo "run-in-vm: no result within $limit s" >&2
    tail -5 "$job/log/guest.log" >&2 2>/dev/null || true
    exit 124
fi
echo "run-in-vm: the VM stopped without a result (qemu status $rc_qemu); console:" >&2
tail -20 "$job/log/console.log" >&2 || true
exit 125
