#!/usr/bin/env bash
# Builds for arm64 and runs tests/build under an emulated processor, on a Debian that is not arm64 itself.
#
#   tests/build/arm64.sh
#
# It needs root, for debootstrap, and 261 MB in /tmp, where it keeps a Debian of arm64 for the next time. The Python is
# the one of that Debian, which has to be of the runtime's version. An emulator tells nothing of speed.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=/tmp/debian-arm64
if ! [ -x $root/usr/bin/python3.13 ]; then
  apt-get install -y -qq debootstrap qemu-user-static >/dev/null
  mirror=$(grep -hs '^URIs:' /etc/apt/sources.list.d/debian.sources | awk 'NR == 1 { print $2 }')
  # The second stage, which sets up what was unpacked, would need the emulator in the kernel; files are enough here.
  debootstrap --foreign --arch=arm64 --variant=minbase --include=python3,libstdc++6,libgomp1 \
    trixie $root $mirror >/dev/null
  for package in $root/var/cache/apt/archives/*.deb; do dpkg -x "$package" $root; done
  qemu-aarch64-static -L $root $root/usr/bin/python3.13 -m compileall -q $root/usr/lib/python3.13
fi

make setup
SAM_CLI_TELEMETRY=0 .venv/bin/sam build --parameter-overrides Architecture=arm64
.venv/bin/python layers/sizes.py
RUNTIME_PYTHON="qemu-aarch64-static -L $root $root/usr/bin/python3.13" .venv/bin/python -m pytest tests/build "$@"
