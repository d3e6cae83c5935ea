# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection's artifact to the same bytes from the same files.

Usage: ``tools/build_collection.py FOLDER``, with ``ansible-galaxy`` beside the Python that runs it

``ansible-galaxy collection build`` cannot do that: it writes the time of the build and the files' own times, and lists
files as the file system happens to. So its artifact is packed anew: sorted, every time the same. That time is
``SOURCE_DATE_EPOCH`` (seconds), else that of the last commit.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANIFEST, FILES = "MANIFEST.json", "FILES.json"


def pack_anew(artifact: Path, target: Path, moment: int) -> None:
    """Write an artifact with its members and its list of files sorted, and with one time for all.

    Args:
        artifact: what ``ansible-galaxy collection build`` made.
        target: where it goes.
        moment: seconds since 1970.
    """
    with tarfile.open(artifact) as old:
        members = {member.name: member for member in old.getmembers()}
        contents = {name: old.extractfile(member).read() for name, member in members.items() if member.isfile()}
    files = json.loads(contents[FILES])
    files["files"].sort(key=lambda entry: entry["name"])
    contents[FILES] = _written(files)
    manifest = json.loads(contents[MANIFEST])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents[FILES]).hexdigest()
    contents[MANIFEST] = _written(manifest)
    # These two come first, as ansible-galaxy has them: who installs need not read the rest to find them.
    names = [MANIFEST, FILES, *sorted(members.keys() - {MANIFEST, FILES})]
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for name in names:
            member, content = members[name], contents.get(name, b"")
            # Else the fractions of a second in the old time are written as well.
            member.mtime, member.size, member.pax_headers = moment, len(content), {}
            new.addfile(member, io.BytesIO(content))


def _written(document: object) -> bytes:
    return json.dumps(document, indent=1).encode()


def _moment() -> int:
    command = ["git", "log", "-1", "--format=%ct"]
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def main(folder: Path) -> None:
    """Build the artifact into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        galaxy = Path(sys.executable).parent / "ansible-galaxy"
        command = [str(galaxy), "collection", "build", "--output-path", temporary, str(ROOT)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        (artifact,) = Path(temporary).glob("*.tar.gz")
        pack_anew(artifact, folder / artifact.name, _moment())
    print(folder / artifact.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
