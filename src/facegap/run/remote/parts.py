"""What a URL is made of: where a server is asked, and the path there.

In the URL of HTTP some letters of a name are written by their codes, and `?` ends the path; the keys of S3 and its like
hold `%`, `?` and `#` as they are.
"""

from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit


def of_http(url: str) -> bool:
    """Return whether a URL is one of HTTP, which has no folders."""
    return url.partition("://")[0].lower() in ("http", "https")


def split_url(url: str) -> tuple[str, str]:
    """Return a URL up to its path, and the path as it is written in it."""
    scheme, _, rest = url.partition("://")
    if of_http(url):
        parts = urlsplit(url)
        return f"{scheme}://{parts.netloc}", parts.path
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", slash + path


def path_of(url: str) -> PurePosixPath:
    """Return the path of a URL, as the server knows it."""
    path = split_url(url)[1]
    return PurePosixPath(unquote(path) if of_http(url) else path)


def url_below(url: str, name: str) -> str:
    """Return the URL of what has the path `name`, written as file names are, below a URL."""
    return f"{url}/{quote(name) if of_http(url) else name}"
