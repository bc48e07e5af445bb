"""Runs the JavaScript client's own tests in Node.js, over the local server."""

import os
import subprocess

from tests.e2e.server import ROOT, LocalServer


def test_the_javascript_client_passes_its_own_tests(server: LocalServer) -> None:
    ran = subprocess.run(
        ["node", "--test", "client-js/"],
        cwd=ROOT,
        env={**os.environ, "DICOM_API_URL": server.url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
