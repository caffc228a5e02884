#!/bin/bash
# PID 1 of the guest after the initramfs. Starts D-Bus, the virtual controllers
# and bluetoothd, runs the test command, stores its exit status, stops the VM.
# Settings come from run-in-vm.sh in /job/.btvm/env; logs go to /job/log.
# shellcheck disable=SC1091,SC2086  # the settings come with the job, and are several words
J=/job/.btvm
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$J
export HOME=/root TERM=dumb LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
log() { echo "[$(cut -d' ' -f1 /proc/uptime)s] $*" >>/job/log/guest.log; }

finish() { # finish RC [MESSAGE]
    [ -z "${2:-}" ] || { log "$2"; echo "btvm: $2 (see the logs)" >/dev/hvc0; }
    echo "$1" >$J/rc
    log "exit status $1, powering off"
    sync
    echo b >/proc/sysrq-trigger     # qemu runs with -no-reboot: reset = exit
    sleep 10
}
start() { # start NAME CMD...: in the background, output to /job/log/NAME.log
    local name=$1; shift
    setsid "$@" >>"/job/log/$name.log" 2>&1 </dev/null &
    echo $! >/run/btvm/$name.pid
}
wait_for() { # wait_for SECONDS CMD...: 0 as soon as CMD succeeds
    local end=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

mkdir -p /job/log /job/out
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p /dev/pts /dev/shm /run/dbus /run/btvm /var/lib/bluetooth
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=700 tmpfs /var/lib/bluetooth     # every run starts unpaired
echo btvm >/proc/sys/kernel/hostname
stty raw -echo </dev/hvc0 2>/dev/null                   # no CR/LF translation
log "root is up, kernel $(uname -r)"
. $J/env
cp $J/main.conf /etc/bluetooth/main.conf

dbus-uuidgen --ensure
rm -f /run/dbus/pid
dbus-daemon --system --fork --nopidfile >>/job/log/dbus.log 2>&1 || finish 125 "dbus-daemon failed"
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket
log "dbus-daemon is up"
[ "$BTVM_BTMON" = 0 ] || { start btmon btmon -T; start btsnoop btmon -w /job/log/btsnoop.log; }

controllers_up() {
    case $BTVM_MODE in
    air)    # btvirt plays the controllers, btair is the radio between them
        start btvirt btvirt -s
        wait_for 20 test -S "/tmp/bt-server-$BTVM_AIR_TYPE" || return 1
        start btair $J/btair -n "$BTVM_CONTROLLERS" -t "$BTVM_AIR_TYPE" $BTVM_AIR_ARGS
        wait_for 60 test -S /run/btair.sock ;;
    btvirt) # plain btvirt: Bluetooth 5.2, extended advertising, one report per change
        start btvirt btvirt -l"$BTVM_CONTROLLERS" $BTVM_BTVIRT_ARGS ;;
    none)   BTVM_CONTROLLERS=0; echo BTVM_CONTROLLERS=0 >>$J/env ;;
    *)      finish 125 "unknown mode $BTVM_MODE" ;;
    esac
}
controllers_down() {
    local p
    for p in btair btvirt; do
        [ ! -s /run/btvm/$p.pid ] || { kill -KILL "$(cat /run/btvm/$p.pid)"; rm -f /run/btvm/$p.pid; } 2>/dev/null
    done
    rm -f /run/btair.sock /tmp/bt-server-*
    sleep 1
}
# A controller whose first HCI command times out on a busy host stays dead: retry.
for try in 1 2 3 4; do
    controllers_up && BTVM_START_LIMIT=$((15 + 10 * try)) btvm-bluetoothd start && break
    log "attempt $try: controllers or bluetoothd not ready"
    hciconfig -a >>/job/log/guest.log 2>&1
    [ $try -lt 4 ] || finish 125 "no $BTVM_CONTROLLERS controllers after $try attempts"
    btvm-bluetoothd kill
    controllers_down
done
log "bluetoothd is up with $BTVM_CONTROLLERS controller(s), mode $BTVM_MODE"

cd /job || finish 125 "no /job"
setsid bash $J/cmd </dev/null >/dev/hvc0 2>&1
rc=$?
log "command ended"
awk '/MemTotal|MemAvailable/' /proc/meminfo >>/job/log/guest.log
finish $rc
