#!/usr/bin/env bash
# Builds (once, cached) what run-in-vm.sh boots:
#   vmlinuz        Debian's kernel image (the host kernel needs no Bluetooth)
#   initrd.img     busybox, the few dozen kernel modules the guest needs, /init
#   btair          the radio between virtual controllers (static, from air/)
# The guest's root is this machine's own /, read-only (run-in-vm.sh).
#
# Usage: build-image.sh [--force]
# BTVM_CACHE: output directory (default: build/btvm of the checkout).
# apt-get update must have run: the kernel and busybox-static are downloaded and
# unpacked into the cache, never installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
cache=${BTVM_CACHE:-$top/build/btvm}
force=0
[ "${1:-}" = --force ] && force=1

# Modules, in any order: `modprobe --show-depends` resolves the rest.
#   9p*, virtio_*      the host's root, shared folders, entropy
#   hci_vhci           /dev/vhci
#   algif_*, cmac, ecb AF_ALG crypto used by btvirt and by SMP pairing
#   bnep, rfcomm       silence bluetoothd's plugin warnings (small anyway)
modules="sha512_generic ctr drbg virtio_pci virtio_rng virtio_console overlay 9p 9pnet_virtio
         bluetooth hci_vhci algif_hash algif_skcipher cmac ecb ccm ctr
         uhid bnep rfcomm"

die() { echo "build-image: $*" >&2; exit 1; }
log() { echo "build-image: $*" >&2; }

PATH=$PATH:/usr/sbin:/sbin
tools="depmod modprobe cpio strip dpkg-deb apt-get g++"
for tool in $tools; do
    command -v "$tool" >/dev/null || die "missing '$tool' (packages.txt says which package has it)"
done

mkdir -p "$cache"
exec 9>"$cache/.lock"; flock 9          # two builds at once would clash

# --- which inputs make which output ----------------------------------------
kernel_package() {
    apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-[0-9]/{print $2; exit}'
}
kver_pkg=$(kernel_package)
if [ -z "$kver_pkg" ]; then # a machine that was installed from an image often has no package lists
    apt-get -q update >&2
    kver_pkg=$(kernel_package)
fi
[ -n "$kver_pkg" ] || die "no kernel package known to apt (run: apt-get update)"
kver=${kver_pkg#linux-image-}
stamp_of() { sha256sum | cut -c1-16; }
kernel_stamp=$(echo "$kver_pkg $(apt-cache policy "$kver_pkg" | grep Candidate) $modules" |
    cat - "$here/guest/initramfs-init" | stamp_of)

fresh() { [ "$force" = 0 ] && [ "$(cat "$cache/$1.stamp" 2>/dev/null)" = "$2" ]; }

tmp=$(mktemp -d "${TMPDIR:-/tmp}/btvm-build.XXXXXX")
trap 'rm -rf --one-file-system "$tmp"' EXIT
fetch_deb() { # fetch_deb PKG -> path of the .deb (kept in the cache)
    local pkg=$1
    (cd "$tmp" && apt-get -q -o APT::Sandbox::User=root download "$pkg" >/dev/null)
    find "$tmp" -maxdepth 1 -name "${pkg}_*.deb" -print -quit
}

# --- kernel + initramfs -----------------------------------------------------
if fresh kernel "$kernel_stamp"; then
    log "kernel $kver: cached"
else
    log "kernel $kver: downloading"
    deb=$(fetch_deb "$kver_pkg")
    mkdir "$tmp/k"
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tmp/k" ./boot ./lib/modules
    cp "$tmp/k/boot/vmlinuz-$kver" "$cache/vmlinuz"
    depmod -b "$tmp/k" "$kver"

    ird=$tmp/initrd
    mkdir -p "$ird"/{bin,dev,proc,sys,newroot,mods,ro,rw}
    bb=$(fetch_deb busybox-static)
    dpkg-deb --fsys-tarfile "$bb" | tar -x -C "$tmp" ./bin/busybox
    cp "$tmp/bin/busybox" "$ird/bin/busybox"
    ln -s busybox "$ird/bin/sh"
    # Flat, ordered module list; insmod then needs no depmod data in the guest.
    for m in $modules; do
        modprobe -d "$tmp/k" -S "$kver" --show-depends "$m"
    done | awk '$1=="insmod" && !seen[$2]++ {print $2}' >"$tmp/modlist"
    n=100
    while read -r ko; do
        install -m 644 "$ko" "$ird/mods/$n-$(basename "$ko")"
        n=$((n + 1))
    done <"$tmp/modlist"
    find "$ird/mods" -name '*.ko' -exec strip --strip-debug {} +
    install -m 755 "$here/guest/initramfs-init" "$ird/init"
    # Not compressed: software emulation inflates slowly, loading is cheap.
    (cd "$ird" && find . | cpio -o -H newc --quiet) >"$cache/initrd.img.new"
    mv "$cache/initrd.img.new" "$cache/initrd.img"
    echo "$kernel_stamp" >"$cache/kernel.stamp"
fi

# --- the radio between the controllers ---------------------------------------
air_stamp=$(cat "$here"/air/* | stamp_of)
if ! fresh btair "$air_stamp"; then
    log "btair: compiling"
    g++ -std=c++17 -O2 -Wall -Wextra -static -I"$top" -o "$cache/btair.new" "$here"/air/*.cpp
    mv "$cache/btair.new" "$cache/btair"
    echo "$air_stamp" >"$cache/btair.stamp"
fi
log "ready in $cache ($(du -sh "$cache" | cut -f1))"
