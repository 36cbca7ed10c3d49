#!/bin/bash
# Shows that the commands that README.md begins with work on a fresh Debian machine that
# has Go and nothing else, and prints how long they take.
#
# usage: bazel/fresh/fresh.sh [SUITE]     (as root; needs debootstrap; 3 GB of disk)
#
# Makes a minimal Debian in a temporary folder, copies this machine's Go and a
# clone of the last commit into it, and runs the commands there, in mount and
# process namespaces of their own. Where packages and modules come from is copied
# from this machine. Nothing is left behind.
set -euo pipefail

# step NAME COMMAND...: runs a command and prints what it took.
step() {
    local name=$1 start=$SECONDS status=0
    shift
    "$@" || status=$?
    echo "fresh: $((SECONDS - start)) s, exit $status: $name"
    return "$status"
}

# In the namespaces: inside ROOT
inside() {
    local root=$1
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/tmp"
    local keep=(HOME=/root PATH=/usr/local/go/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb)
    local name
    for name in GOPROXY GOSUMDB GONOSUMDB GOPRIVATE GOINSECURE; do
        keep+=("$name=$(go env "$name")")
    done
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [ -z "${!name:-}" ] || keep+=("$name=${!name}")
    done
    local command failed=0
    for command in "./bazelw test //..." "go run ./scenarios/cmd/inkan" "./bazelw run //:inkan" "./bazelw test //..."; do
        step "$command" chroot "$root" env -i "${keep[@]}" sh -c "cd /inkan && $command" || failed=1
    done
    return "$failed"
}

if [ "${1:-}" = --inside ]; then
    inside "$2"
    exit
fi

suite=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
source=$(cd "$(dirname "$0")/../.." && pwd)
mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
    sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p' | head -n 1)
[ "$(id -u)" = 0 ] || { echo "fresh: must be root" >&2 && exit 1; }
command -v debootstrap >/dev/null || { echo "fresh: install debootstrap" >&2 && exit 1; }

root=$(mktemp -d /var/tmp/fresh.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
chmod 755 "$root"
step "minimal Debian $suite" debootstrap --variant=minbase "$suite" "$root" "$mirror" 2>&1 |
    sed -n '/^[EW]:/p; /^fresh:/p'

# Where this machine gets packages and whom it trusts.
rm -rf "$root/etc/apt"
cp -a /etc/apt "$root/etc/apt"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/usr/local/share/ca-certificates" "$root/usr/share/keyrings"
cp -an /usr/share/keyrings/. "$root/usr/share/keyrings/"
cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true

cp -a "$(go env GOROOT)" "$root/usr/local/go"
git clone -q --no-hardlinks "$source" "$root/inkan"
rm -rf "$root/inkan/.git"
unshare --mount --pid --fork "$0" --inside "$root"
