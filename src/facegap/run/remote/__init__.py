"""Files that are not on this machine: what stands at a URL.

Credentials are the environment's, as each protocol's own tools take them. A `RemotePath` is used in place of a `Path`:
as text it is its URL, and whoever opens it opens a copy that is fetched once and goes when the process ends.
"""

from facegap.run.remote.asking import fetched, names_below, put_url, read_url, refusal_of, remove_url
from facegap.run.remote.faults import RemoteError, RemoteFault
from facegap.run.remote.parts import of_http
from facegap.run.remote.path import RemotePath, is_url, place, split_named

__all__ = [
    "RemoteError",
    "RemoteFault",
    "RemotePath",
    "fetched",
    "is_url",
    "names_below",
    "of_http",
    "place",
    "put_url",
    "read_url",
    "refusal_of",
    "remove_url",
    "split_named",
]
