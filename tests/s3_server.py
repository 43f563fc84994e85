"""An S3 server on this machine whose requests can be made to fail or to stall."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from s3fs import S3FileSystem
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

    @property
    def environment(self) -> dict[str, str]:
        """What lets this server be found in place of the real one."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "me",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

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
def s3_server(bucket: str) -> Iterator[S3]:
    """Serve an empty bucket until the block ends, to this process and those that it starts."""
    application = S3()
    server = make_server("127.0.0.1", 0, application, threaded=True)
    server.daemon_threads = True
    application.url = f"http://127.0.0.1:{server.server_port}"
    S3FileSystem.clear_instance_cache()  # one that is kept asks the server of another test
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in application.environment.items():
                patch.setenv(name, value)
            S3FileSystem().mkdir(bucket)
            yield application
    finally:
        application.release()
        server.shutdown()
