"""S3 servers for tests: versitygw and moto, each on a free port of 127.0.0.1 with a folder of its own.

    python3 tests/s3/servers.py COMMAND …    runs the command with CORESHED_TEST_S3 naming the servers that run

The bucket `coreshed-tests` is made on each. versitygw is built once, from its module at the version below.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

VERSITYGW = "v1.8.0"
KEY, SECRET, BUCKET = "tester", "tester-secret", "coreshed-tests"
VARIABLE = "CORESHED_TEST_S3"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def versitygw():
    """Path of the program, built if it is not there yet."""
    folder = ROOT / "build" / "deps" / "versitygw" / VERSITYGW
    program = folder / "versitygw"
    if not program.exists():
        print(f"building versitygw {VERSITYGW}", file=sys.stderr)
        go = shutil.which("go", path=f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="coreshed-go-") as scratch:
            places = {"GOBIN": str(folder), "GOPATH": f"{scratch}/path", "GOCACHE": f"{scratch}/cache"}
            done = subprocess.run(
                [go, "install", f"github.com/versity/versitygw/cmd/versitygw@{VERSITYGW}"],
                env=os.environ | places | {"GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw"},
                stderr=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                sys.exit(f"versitygw can't be built: {done.stderr[-2000:]}")
    return program


def wait_until_up(process, endpoint):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server of {endpoint} ended with exit code {process.returncode}")
        try:
            unchecked = ssl._create_unverified_context()  # it is only asked whether somebody answers
            urllib.request.urlopen(endpoint, timeout=1, context=unchecked).close()
            return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{endpoint} does not come up")


@contextlib.contextmanager
def running(command, endpoint, folder, environment=None):
    with open(folder / "server.log", "ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env=os.environ | (environment or {})
        )
    try:
        wait_until_up(process, endpoint)
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def versitygw_running(folder, certificate=None):
    """`certificate`: files of a certificate for 127.0.0.1 and its key; then it is https."""
    port = free_port()
    data = folder / "data"
    (data / BUCKET).mkdir(parents=True)
    tls = ["--cert", str(certificate[0]), "--key", str(certificate[1])] if certificate else []
    command = [str(versitygw()), "--port", f"127.0.0.1:{port}", *tls, "posix", str(data)]
    secrets = {"ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET}
    scheme = "https" if certificate else "http"
    with running(command, f"{scheme}://127.0.0.1:{port}", folder, secrets) as endpoint:
        yield endpoint


@contextlib.contextmanager
def moto_running(folder):
    port = free_port()
    command = [sys.executable, str(pathlib.Path(__file__).with_name("moto_server.py")), str(port)]
    with running(command, f"http://127.0.0.1:{port}", folder) as endpoint:
        request = urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT")
        urllib.request.urlopen(request).close()
        yield endpoint


@contextlib.contextmanager
def all_running():
    """Yields "versitygw=http://… moto=http://…"."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coreshed-s3-")))
        names = []
        for name, server in (("versitygw", versitygw_running), ("moto", moto_running)):
            (folder / name).mkdir()
            names.append(f"{name}={stack.enter_context(server(folder / name))}")
        yield " ".join(names)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with all_running() as servers:
        os.environ[VARIABLE] = servers
        return subprocess.run(sys.argv[1:]).returncode


if __name__ == "__main__":
    sys.exit(main())
