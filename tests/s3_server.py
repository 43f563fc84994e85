"""An S3 server on this machine whose requests can be made to fail or to stall."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class S3:
    """Its URL, and what it does to requests for objects.

    `failing`: every so manieth is answered with an error of the server, 0 for none. `stalling`: a request whose path
    holds this text is not answered before `release`. `asked`: the paths of all requests.
    """

    def __init__(self) -> None:
        self.url = ""
        self.failing = 0
        self.stalling = ""
        self.asked: list[str] = []
        self._served = DomainDispatcherApplication(create_backend_app)
        self._released = threading.Event()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.asked.append(path)
        if self.stalling and self.stalling in path:
            self._released.wait(60)
        if self.failing and len(self.asked) % self.failing == 0:
            start_response("503 Slow Down", [("Content-Type", "text/plain")])
            return [b"slow down"]
        return self._served(environ, start_response)

    def release(self) -> None:
        """Answer what waits."""
        self._released.set()


@contextmanager
def s3_server() -> Iterator[S3]:
    """Serve until the block ends."""
    application = S3()
    server = make_server("127.0.0.1", 0, application, threaded=True)
    server.daemon_threads = True
    application.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield application
    finally:
        application.release()
        server.shutdown()
        time.sleep(0)
