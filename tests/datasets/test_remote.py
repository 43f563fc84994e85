"""What stands at a URL is read as what lies on this machine, with the same numbers; a server may fail and stall."""

import itertools
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import fsspec
import numpy as np
import polars as pl
import pytest

import facegap
from data.containers.made import picture, write_tar, write_zip
from facegap.data.comparator import Comparator
from facegap.data.image_file import read_image_file
from facegap.errors import InputError
from facegap.report.page.faces import shown_faces, thumbnails_of
from facegap.report.text.findings import finding_text
from facegap.run import remote
from facegap.run.progress import silent
from facegap.run.remote import asking
from s3_server import S3, s3_server

PEOPLE = {f"{who}/{i}.png": picture(10 * k + i) for k, who in enumerate(["Aoi", "Emi", "Kim", "Lee"]) for i in range(3)}
SIZE = 8
S3_PEOPLE = "s3://faces/people"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server("faces") as server:
        system = fsspec.filesystem("s3")
        for name, data in PEOPLE.items():
            system.pipe_file(f"faces/people/{name}", data)
        yield server
        server.failing, server.stalling = 0, ""


@pytest.fixture
def put(s3: S3):
    """Return a function that writes an object and returns its URL."""

    def put(name: str, data: bytes) -> str:
        fsspec.filesystem("s3").pipe_file(f"faces/{name}", data)
        return f"s3://faces/{name}"

    return put


@pytest.fixture(scope="module")
def rows() -> facegap.Model:
    """Return a model whose embeddings are the mean colours of the whole image's rows."""
    spec = facegap.ModelSpec(
        name="rows", runtime="python", weights="rows", crop="whole", size=SIZE, dimension=SIZE * 3,
        comparator=Comparator.COSINE,
    )  # fmt: skip
    return facegap.Model(embed=lambda crops: crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32), spec=spec)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name, data in PEOPLE.items():
        (tmp_path / "people" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "people" / name).write_bytes(data)
    return tmp_path / "people"


def evaluated(rows: facegap.Model, *inputs: str | Path, **options) -> facegap.Evaluation:
    return facegap.evaluate(facegap.Study(inputs=[f"people={one}" for one in inputs], models=[rows], **options))


def test_a_folder_at_a_url_has_the_numbers_and_faces_of_the_folder(s3, rows, photos) -> None:
    found = evaluated(rows, S3_PEOPLE)
    assert found.metrics.equals(evaluated(rows, photos).metrics)
    assert not found.failures.height
    shown = shown_faces(found)
    assert all(path.startswith("s3://faces/people/") for path in shown.paths)
    assert all(thumbnails_of(shown, silent).values())


def test_a_folder_is_listed_once_and_no_image_is_asked_about(s3) -> None:
    fsspec.filesystem("s3").invalidate_cache()
    s3.asked.clear()
    facegap.read([S3_PEOPLE])
    assert len([path for path in s3.asked if path.endswith(".png")]) == 0
    assert len(s3.asked) <= 3  # what it is, and its listing


def test_tables_pairs_embeddings_and_archives_are_read_from_urls(s3, put, rows, photos, tmp_path) -> None:
    here = evaluated(rows, photos).metrics
    table = "path,subject\n" + "".join(f"people/{name},{name.split('/')[0]}\n" for name in PEOPLE)
    assert evaluated(rows, put("people.csv", table.encode())).metrics.equals(here)
    whole = "path,subject\n" + "".join(f"{S3_PEOPLE}/{name},{name.split('/')[0]}\n" for name in PEOPLE)
    (tmp_path / "local.csv").write_text(whole)
    found = evaluated(rows, tmp_path / "local.csv")
    assert found.metrics.equals(here)
    (said,) = [finding_text(one) for one in facegap.read([tmp_path / "local.csv"]).findings]
    assert said == f"{tmp_path / 'local.csv'}: 12 images are read from s3://faces, as the list says"
    (tmp_path / "t.csv").write_text(table)
    assert evaluated(rows, tmp_path / "t.csv", images=remote.place("s3://faces")).metrics.equals(here)
    frame = pl.DataFrame({"path": [f"people/{n}" for n in PEOPLE], "subject": [n.split("/")[0] for n in PEOPLE]})
    frame.write_parquet(tmp_path / "x.parquet")
    assert evaluated(rows, put("x.parquet", (tmp_path / "x.parquet").read_bytes())).metrics.equals(here)
    for path in (write_zip(tmp_path / "p.zip", PEOPLE), write_tar(tmp_path / "p.tar", PEOPLE)):
        assert evaluated(rows, put(path.name, path.read_bytes())).metrics.equals(here)
    pairs = "path_a,path_b,same\npeople/Aoi/0.png,people/Aoi/1.png,1\npeople/Aoi/0.png,people/Kim/1.png,0\n"
    assert len(facegap.read_source([put("pairs.csv", pairs.encode())]).manifest) == 3
    vectors = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
    np.savez(tmp_path / "v.npz", embedding=vectors, subject=np.array(["a", "a", "b", "b"]))
    assert len(facegap.read([put("v.npz", (tmp_path / "v.npz").read_bytes())])) == 4


def test_shards_below_a_url_are_one_data_set(s3, put, tmp_path) -> None:
    for shard, start in (("0", 0), ("1", 6)):
        files = {}
        for name, data in list(PEOPLE.items())[start : start + 6]:
            key = name.removesuffix(".png").replace("/", "")
            files |= {f"{key}.png": data, f"{key}.cls": name.split("/")[0].encode()}
        put(f"shards/{shard}.tar", write_tar(tmp_path / f"{shard}.tar", files).read_bytes())
    manifest = facegap.read(["s3://faces/shards"])
    assert sorted(set(manifest.subjects)) == ["Aoi", "Emi", "Kim", "Lee"]
    assert manifest.paths[0] == "s3://faces/shards/0.tar::Aoi0.png"


def test_a_server_that_fails_now_and_then_changes_nothing(s3, rows, photos) -> None:
    s3.failing = 5
    try:
        found = evaluated(rows, S3_PEOPLE)
    finally:
        s3.failing = 0
    assert not found.failures.height
    assert found.metrics.equals(evaluated(rows, photos).metrics)


def test_an_image_that_never_comes_is_counted_with_its_reason(s3, rows, monkeypatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    s3.stalling = "Kim/1.png"
    try:
        found = evaluated(rows, S3_PEOPLE, workers=1)
    finally:
        s3.stalling = ""
    (failure,) = found.failures.to_dicts()
    assert failure["path"] == f"{S3_PEOPLE}/Kim/1.png"
    assert failure["outcome"] == "unreadable"
    assert (failure["detail"], failure["detail_values"]) == ("no-answer", '{"seconds":0.3}')


def test_an_image_that_is_not_there_is_counted(s3, put, rows) -> None:
    rows_ = "".join(f"people/{name},{name.split('/')[0]}\n" for name in PEOPLE)
    found = evaluated(rows, put("more.csv", f"path,subject\n{rows_}people/none.png,Aoi\n".encode()))
    (failure,) = found.failures.to_dicts()
    assert failure["detail"] == "no-such-remote-file"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("s3://faces/none", "there is nothing at s3://faces/none"),
        ("name=s3://nowhere/x.csv", "there is nothing at s3://nowhere/x.csv"),
        ("gs://faces/x.csv", "pip install gcsfs"),
        ("nonsense://x/y", "no protocol that fsspec knows"),
    ],
)
def test_a_url_that_cannot_be_read_is_one_line(s3, given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        facegap.read([given])


class Refusing(BaseHTTPRequestHandler):
    """Answers with the status that the path begins with; 0 never answers."""

    def do_GET(self) -> None:
        status = int(self.path.split("/")[1])
        if status:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            threading.Event().wait(5)

    do_HEAD = do_GET

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(asking, "WAIT", 0.01)
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        server.daemon_threads, server.block_on_close = True, False
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "cannot be read: HTTP 401, the server asks for credentials: give them in the environment, see"),
        (403, "cannot be read: HTTP 403, the server refuses access: check the credentials"),
        (404, "there is nothing at"),
        (405, "cannot be read: HTTP 405, the server does not take this request: check the address"),
        (429, "cannot be read: HTTP 429, the server cannot answer now: try again later"),
        (500, "cannot be read: HTTP 500, the server cannot answer now: try again later"),
        (0, "cannot be read: no answer within 0.3 seconds: try again later, or check the address"),
    ],
)
def test_what_a_server_answers_is_said_with_what_to_do(refusing: str, status: int, said: str) -> None:
    with pytest.raises(InputError) as refused:
        facegap.read([f"{refusing}/{status}/people.csv"])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    if status not in (0, 404):
        with pytest.raises(OSError, match=f"HTTP {status}"):
            remote.read_url(f"{refusing}/{status}/a.png", most=10)


def test_where_nobody_answers_it_is_said() -> None:
    with pytest.raises(InputError, match="cannot be read: no connection to the server") as refused:
        facegap.read(["http://127.0.0.1:9/people.csv"])
    assert str(refused.value).endswith(": check the address and the network")


def test_credentials_of_a_web_server_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    class Known(Refusing):
        def do_GET(self) -> None:
            self.path = "/200/" if self.headers["Authorization"] == "Bearer T" else "/401/"
            super().do_GET()

    with ThreadingHTTPServer(("127.0.0.1", 0), Known) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/a.png"
        with pytest.raises(OSError, match="HTTP 401"):
            remote.read_url(url, most=10)
        asked = {"client_kwargs": {"headers": {"Authorization": "Bearer T"}}}
        monkeypatch.setitem(fsspec.config.conf, "http", asked)  # as FSSPEC_HTTP is read when fsspec is imported
        assert remote.read_url(url, most=10) == b""
        server.shutdown()


def test_file_urls_are_paths(photos: Path) -> None:
    assert facegap.read([photos.as_uri()]).paths == facegap.read([photos]).paths
    assert remote.place("file:///a%20b/c.jpg") == Path("/a b/c.jpg")
    assert remote.place(r"C:\photos") == Path(r"C:\photos")
    for name in ("a%20b.csv", "a b#1?.csv", "日本.csv"):
        assert remote.place(Path("/data", name).as_uri()) == Path("/data", name)
    assert remote.place("file:///data/a#1.csv") == Path("/data/a#1.csv")
    assert remote.place("file://localhost/data/x.csv") == Path("/data/x.csv")


ODD = ["a#1.png", "what?.png", "a%20b.png", "100%.png", "a b+c&d.png", "山田 太郎.png"]


def test_names_with_letters_that_urls_use_are_those_of_files(s3, put) -> None:
    for number, name in enumerate(ODD):
        put(f"odd #1/50%25/{name}", picture(number))
    table = put("odd #1/50%25/t?.csv", "\n".join(["path,subject", *(f"{name},{name}" for name in ODD)]).encode())
    for given in (table, remote.place(table).parent):
        found = {path.rpartition("/")[2]: read_image_file(path) for path in facegap.read([given]).paths}
        assert found == {name: picture(number) for number, name in enumerate(ODD)}


def test_a_table_and_its_images_are_read_over_http(tmp_path: Path) -> None:
    for number, name in enumerate(ODD):
        (tmp_path / name).write_bytes(picture(number))
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["path,subject", *(f"{name},{name}" for name in ODD)]))
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        for paths in (facegap.read([f"{url}/t.csv"]).paths, facegap.read([table], images=remote.place(url)).paths):
            assert sorted(map(read_image_file, paths)) == sorted(map(picture, range(len(ODD))))
        server.shutdown()


def test_the_image_root_of_a_command_can_be_at_a_url_and_its_study_is_run_again(s3, run, tmp_path: Path) -> None:
    people, scores = tmp_path / "people.csv", tmp_path / "scores.csv"
    people.write_text("path,subject\n" + "".join(f"people/{name},{name.split('/')[0]}\n" for name in PEOPLE))
    pairs = [(a, b, int(a.split("/")[0] == b.split("/")[0])) for a, b in itertools.combinations(PEOPLE, 2)]
    lines = [f"people/{a},people/{b},{same / 2},{same}\n" for a, b, same in pairs]
    scores.write_text("path_a,path_b,score,same\n" + "".join(lines))
    asked = ("--model", f"vendor={scores},scores=similarity", "--no-images", "--charts", "none")
    code, _, err = run("evaluate", people, "--image-root", "s3://faces", *asked, "--out", tmp_path / "first")
    assert code == 0, err
    study = tmp_path / "first/study.toml"
    assert 'image-root = "s3://faces"' in study.read_text()
    code, _, err = run("evaluate", "--config", study, "--out", tmp_path / "again")
    assert code == 0, err
    assert (tmp_path / "again/study.toml").read_text() == study.read_text()


def test_images_of_a_table_can_start_at_a_web_server(rows, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("path,subject\n" + "".join(f"{name},{name.split('/')[0]}\n" for name in PEOPLE))
    here = evaluated(rows, tmp_path / "t.csv", images=photos).metrics
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(photos))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        root = remote.place(f"http://127.0.0.1:{server.server_port}/")
        found = evaluated(rows, tmp_path / "t.csv", images=root)
        server.shutdown()
    assert found.metrics.equals(here)
    assert not found.failures.height


def test_an_equals_sign_in_a_url_is_no_name() -> None:
    assert remote.split_named("https://h.org/x.csv?key=1") == ("", "https://h.org/x.csv?key=1")
    assert remote.split_named("young=https://h.org/x.csv?key=1") == ("young", "https://h.org/x.csv?key=1")
    assert remote.split_named("young=photos") is None
    path = remote.RemotePath("https://h.org/d/x.csv?key=1")
    assert (path.name, path.suffix, str(path.parent / "a.jpg")) == ("x.csv", ".csv", "https://h.org/d/a.jpg")


def test_a_file_too_large_is_not_read(s3, put) -> None:
    with pytest.raises(OSError, match="more than 10 bytes"):
        remote.read_url(put("large.bin", b"x" * 11), most=10)
    assert remote.read_url(put("empty.bin", b""), most=10) == b""


def test_copies_go_with_the_process(s3, put) -> None:
    copy = Path(remote.fetched(put("copy.csv", b"a,b\n")))
    assert copy.read_bytes() == b"a,b\n"
    assert copy.parent.parent.stat().st_mode & 0o077 == 0
