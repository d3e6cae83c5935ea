# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders of collected logs: what people send, however packed and called, and what is refused of it."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tracemalloc
import zipfile
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._logs import folder as folder_code
from ansible_collections.unblock.updates.plugins.plugin_utils._logs import unpack as unpack_code
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.folder import Log, search_folder
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context
from tests.unit.logs.material import FIXTURES, found, signatures

CLIENT = (FIXTURES / "advisory-954960-cs-client.log").read_bytes()
SERVER = (FIXTURES / "advisory-954960-cs-server.log").read_bytes()
SITE = (FIXTURES / "odd-site-new-stamps.log").read_bytes()
HEALTHY = (FIXTURES / "s1-neg-31.log").read_bytes()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def put(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def search(root: Path, level: int = 1, since: datetime | None = None) -> dict[str, Log]:
    return {log.name: log for log in search_folder(root, signatures(), Context(since=since), level)}


def seen(log: Log) -> tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the log's host, the kinds that it is, and what was found in it."""
    assert log.result is not None, log.problem
    return log.host, tuple(sorted(log.kinds)), found(log.result)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pc1/WindowsUpdate.log", CLIENT),
        ("pc1/a/b/c/d/WindowsUpdate.log.old", CLIENT),
        ("pc1/Kopie von WINDOWSUPDATE (2).LOG", CLIENT),
        ("pc1/windowsupdate.txt", CLIENT),
        ("pc1/attachment-1.dat", CLIENT),
        ("pc1/utf16.txt", CLIENT.decode().encode("utf-16")),
        ("pc1/WindowsUpdate.log.gz", gzip.compress(CLIENT)),
        ("pc1/renamed.log", gzip.compress(CLIENT)),
        ("pc1/logs.zip", zipped({"Windows/WindowsUpdate.log": CLIENT})),
        ("pc1.zip", zipped({"Windows/WindowsUpdate.log": CLIENT})),
        ("pc1.ZIP", zipped({"Windows\\WindowsUpdate.log": CLIENT}, zipfile.ZIP_STORED)),
        ("pc1.zip", zipped({"deep/inner.zip": zipped({"WindowsUpdate.log": CLIENT})})),
        ("pc1.zip", zipped({"WindowsUpdate.log.gz": gzip.compress(CLIENT)}, zipfile.ZIP_BZIP2)),
        ("pc1/twice.zip.gz", gzip.compress(zipped({"WindowsUpdate.log": CLIENT}))),
    ],
)
def test_names_and_packing(tmp_path: Path, name: str, data: bytes) -> None:
    (log,) = search(put(tmp_path, {name: data})).values()
    assert seen(log) == ("pc1", ("client",), (("client", "certain"),))
    event = log.result.events[0]  # type: ignore[union-attr]
    assert event.where == f"{log.name}:3"
    assert log.name.startswith(name.removesuffix(".gz").partition(".zip")[0])


def test_hosts_are_called_after_folders(tmp_path: Path) -> None:
    root = put(
        tmp_path / "case",
        {
            "wsus01/LogFiles/SoftwareDistribution.log": SERVER,
            "wsus01/Windows/WindowsUpdate.log": HEALTHY,
            "wsus01.zip": zipped({"SoftwareDistribution.log.old": SERVER}),
            "site a/sms01/wsyncmgr.lo_": SITE,
            "WindowsUpdate.log": CLIENT,
        },
    )
    assert {name: log.host for name, log in search(root).items()} == {
        "wsus01/LogFiles/SoftwareDistribution.log": "wsus01",
        "wsus01/Windows/WindowsUpdate.log": "wsus01",
        "wsus01.zip/SoftwareDistribution.log.old": "wsus01",
        "site a/sms01/wsyncmgr.lo_": "site a",
        "WindowsUpdate.log": "case",
    }
    assert search(root, level=2)["site a/sms01/wsyncmgr.lo_"].host == "site a/sms01"
    assert search(root, level=2)["wsus01/LogFiles/SoftwareDistribution.log"].host == "wsus01/LogFiles"


def test_one_archive_of_everything_is_a_folder(tmp_path: Path) -> None:
    data = zipped({"wsus01/SoftwareDistribution.log": SERVER, "pc1/WindowsUpdate.log": CLIENT})
    logs = search(put(tmp_path, {"all.zip": data}) / "all.zip")
    assert {name: log.host for name, log in logs.items()} == {
        "wsus01/SoftwareDistribution.log": "wsus01",
        "pc1/WindowsUpdate.log": "pc1",
    }


def test_what_is_no_log_is_none(tmp_path: Path) -> None:
    logs = search(put(tmp_path, {"pc1/photo.jpg": os.urandom(5000), "pc1/readme.txt": b"hello\n", "pc1/empty": b""}))
    assert {seen(log) for log in logs.values()} == {("pc1", (), ())}


@pytest.mark.parametrize(
    ("data", "kinds"),
    [(HEALTHY, ("client",)), ((FIXTURES / "s2-neg-11.log").read_bytes(), ("server",)), (SITE, ("site",))],
)
def test_content_tells_what_a_name_does_not(tmp_path: Path, data: bytes, kinds: tuple[str, ...]) -> None:
    (log,) = search(put(tmp_path, {"h/1.txt": data})).values()
    assert seen(log)[1] == kinds


def test_since(tmp_path: Path) -> None:
    root = put(tmp_path, {"wsus01/SoftwareDistribution.log": SERVER})
    (log,) = search(root, since=datetime(2008, 6, 20, tzinfo=timezone.utc)).values()
    assert log.result is not None and log.result.events == () and log.result.incomplete is None
    (log,) = search(root, since=datetime(2008, 6, 1, tzinfo=timezone.utc)).values()
    assert log.result is not None and "later than" in str(log.result.incomplete)


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = put(tmp_path / "elsewhere", {"WindowsUpdate.log": CLIENT})
    root = put(tmp_path / "case", {"pc1/note.txt": b"x"})
    (root / "pc1" / "WindowsUpdate.log").symlink_to(secret / "WindowsUpdate.log")
    (root / "pc1" / "folder").symlink_to(secret)
    (root / "pc1" / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(root / "pc1" / "pipe")
    problems = {name: log.problem for name, log in search(root).items()}
    assert problems == {
        "pc1/WindowsUpdate.log": "it is a link",
        "pc1/folder": "it is a link",
        "pc1/gone": "it is a link",
        "pc1/pipe": "it is no regular file",
        "pc1/note.txt": "",
    }


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/../../b", "/etc/passwd", "..\\x", "C:\\Windows\\x", "..", "a/.."]
)
def test_names_that_lead_out_of_an_archive(tmp_path: Path, name: str) -> None:
    logs = search(put(tmp_path, {"pc1.zip": zipped({name: CLIENT, "WindowsUpdate.log": CLIENT})}))
    refused = [log for log in logs.values() if log.problem]
    assert [log.problem for log in refused] == ["its name leads out of the archive"]
    assert seen(logs["pc1.zip/WindowsUpdate.log"])[2] == (("client", "certain"),)
    assert {log.host for log in logs.values()} == {"pc1"}


def test_a_link_in_an_archive(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("WindowsUpdate.log")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (log,) = search(put(tmp_path, {"pc1.zip": packed.getvalue()})).values()
    assert (log.problem, log.kinds) == ("it is a link", {"client"})


def test_an_encrypted_file(tmp_path: Path) -> None:
    data = bytearray(zipped({"WindowsUpdate.log": CLIENT}))
    # The flag stands in the file's own head and in the directory.
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    (log,) = search(put(tmp_path, {"pc1.zip": bytes(data)})).values()
    assert log.problem == "it is encrypted"


def test_an_unread_method(tmp_path: Path) -> None:
    (log,) = search(put(tmp_path, {"pc1.zip": zipped({"a": CLIENT}, zipfile.ZIP_LZMA)})).values()
    assert log.problem == "it is packed by a method that is not read (14)"


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: zipped({"WindowsUpdate.log": data}),
        gzip.compress,
        lambda data: zipped({"inner.zip": zipped({"WindowsUpdate.log": data})}),
        lambda data: zipped({f"{number}.log": data[: len(data) // 8] for number in range(8)}),
    ],
    ids=["zip", "gzip", "zip in zip", "many files"],
)
def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: object) -> None:
    monkeypatch.setattr(unpack_code, "_ALWAYS", 1 << 20)
    bomb = pack(bytes(48 << 20))  # type: ignore[operator]
    root = put(tmp_path, {"pc1/bomb": bomb, "pc2/WindowsUpdate.log": CLIENT})
    tracemalloc.start()
    try:
        logs = search(root)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert logs["pc1/bomb"].problem == "far more comes out of it than logs pack to"
    assert seen(logs["pc2/WindowsUpdate.log"])[2] == (("client", "certain"),)


def test_a_log_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    flood = SERVER * 20_000
    (log,) = search(put(tmp_path, {"wsus01.zip": zipped({"SoftwareDistribution.log": flood})})).values()
    assert log.result is not None and sum(event.count for event in log.result.events) == 20_000


def test_packed_again_and_again(tmp_path: Path) -> None:
    data = CLIENT
    for _number in range(unpack_code.MOST_DEPTH):
        data = gzip.compress(data)
    assert [log.problem for log in search(put(tmp_path, {"pc1/x": data})).values()] == [""]
    assert [log.problem for log in search(put(tmp_path, {"pc1/x": gzip.compress(data)})).values()] == [
        "it is packed more than 3 times over"
    ]


def test_archives_of_very_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack_code, "MOST_MEMBERS", 3)
    (log,) = search(put(tmp_path, {"pc1.zip": zipped({str(number): b"" for number in range(4)})})).values()
    assert log.problem == "it is an archive of more than 3 files or 4 GiB"


@pytest.mark.parametrize("kept", [3, 10, 100, -30, -10])
def test_damaged_archives(tmp_path: Path, kept: int) -> None:
    whole = {"a.zip": zipped({"WindowsUpdate.log": CLIENT * 50}), "b.gz": gzip.compress(CLIENT * 50)}
    root = put(tmp_path, {f"pc1/{name}": data[:kept] for name, data in whole.items()})
    logs = search(root)
    assert all(log.problem.startswith("it cannot be read: ") or log.kinds == set() for log in logs.values())
    if kept in (100, -30, -10):
        assert all(log.problem for log in logs.values()), logs


@pytest.mark.parametrize("byte", [0x00, 0xFF])
def test_whatever_is_damaged_in_an_archive_hides_no_other_log(tmp_path: Path, byte: int) -> None:
    whole = zipped({"\xe9/WindowsUpdate.log": b"", "other.log": b"other"})
    (tmp_path / "pc2.log").write_bytes(CLIENT)
    for position in range(len(whole)):
        (tmp_path / "pc1.zip").write_bytes(whole[:position] + bytes([byte]) + whole[position + 1 :])
        assert seen(search(tmp_path)["pc2.log"])[2] == (("client", "certain"),)


def test_a_damaged_file_in_an_archive(tmp_path: Path) -> None:
    data = bytearray(zipped({"WindowsUpdate.log": CLIENT, "good.log": CLIENT}, zipfile.ZIP_STORED))
    data[60] ^= 1
    logs = search(put(tmp_path, {"pc1.zip": bytes(data)}))
    assert "Bad CRC-32" in logs["pc1.zip/WindowsUpdate.log"].problem
    assert seen(logs["pc1.zip/good.log"])[2] == (("client", "certain"),)


def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        search(tmp_path / "nothing")


def test_a_folder_of_very_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_code, "MOST_FILES", 2)
    with pytest.raises(OSError, match="more than 2 files"):
        search(put(tmp_path, {"1": b"", "2": b"", "3": b""}))


def test_names_that_are_no_text(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/pc\xff"
    os.mkdir(folder)
    Path(os.fsdecode(folder), "WindowsUpdate.log").write_bytes(CLIENT)
    (log,) = search(tmp_path).values()
    assert (log.host, log.name) == ("pc\ufffd", "pc\ufffd/WindowsUpdate.log")
