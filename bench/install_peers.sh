#!/bin/sh
# Installs what `make bench` measures against besides what is in .venv-peers: Orthanc and DCMTK, as Debian has them.
set -eu
apt-get update -qq
apt-get install -y -qq --no-install-recommends orthanc orthanc-gdcm dcmtk
# The bench starts one of its own.
systemctl disable --now orthanc 2>/dev/null || service orthanc stop || true
