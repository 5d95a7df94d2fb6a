"""Moto on a port, one request at a time: by itself it lets two writers meet between a condition and its write.

    python3 tests/s3/moto_server.py PORT
"""

import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

turn = threading.Lock()
moto = DomainDispatcherApplication(create_backend_app)


def in_turn(environ, start_response):
    with turn:
        return list(moto(environ, start_response))


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), in_turn, threaded=True)
