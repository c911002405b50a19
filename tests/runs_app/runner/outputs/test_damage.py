"""What a file is worth whose writer was killed, or whose name promises something else."""

from __future__ import annotations

import io

import pytest

from runs_app.runner.outputs.damage import Damage, DamagedAs, damage_of

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 2000 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 2000 + b"\xff\xd9"
UTF_16 = "epoch,정확도\n1,0.5\n".encode("utf-16")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("results.csv", b"epoch,mAP\n1,0.5\n2,0."),
        ("results.csv", b""),
        ("from_excel.csv", UTF_16),
        ("metrics.json", b'{"mAP": NaN}'),
        ("metrics.json", b'\xef\xbb\xbf{"mAP": 1}'),
        ("윈도우.json", '{"이름": "용접"}'.encode("cp949")),
        ("20261128.log.json", b'{"epoch": 1}\n{"epoch": 2}\n\n'),
        ("huge.json", b"[" * (2**20 + 1)),
        ("curve.png", PNG),
        ("curve.PNG", PNG + b"what a program appended"),
        ("batch.jpg", JPEG),
        ("best.pt", b"\0\0"),
        ("notes.txt", b"\0\0"),
    ],
)
def test_what_can_be_read_or_is_nobodys_business_is_not_damaged(name: str, data: bytes) -> None:
    assert damage_of(io.BytesIO(data), name) is None


@pytest.mark.parametrize(
    ("name", "data", "kind", "line"),
    [
        ("metrics.json", b'{"mAP": 0.5,\n "rec', DamagedAs.JSON, 2),
        ("metrics.json", b"", DamagedAs.JSON, 1),
        ("metrics.json", b"\x81\xff\xff", DamagedAs.JSON, None),
        ("log.json", b'{"epoch": 1}\r\n{"epoch": 2}\r\n{"epo', DamagedAs.JSON, 3),
        ("twice.json", b'{"mAP": 1}{"mAP": 1}', DamagedAs.JSON, 1),
        ("deep.json", b"[" * 100_000, DamagedAs.JSON, None),
        ("results.csv", b"epoch,mAP\n1,0.5\n\0\0\0\0", DamagedAs.TABLE, 3),
        ("results.tsv", b"epoch\n" + b"9" * 140_000, DamagedAs.TABLE, 2),
        ("curve.png", PNG[:-400], DamagedAs.IMAGE, None),
        ("curve.png", b"", DamagedAs.IMAGE, None),
        ("curve.png", JPEG, DamagedAs.IMAGE, None),
        ("batch.jpeg", JPEG[:-2], DamagedAs.IMAGE, None),
    ],
)
def test_a_damaged_file_is_known_with_its_line(
    name: str, data: bytes, kind: DamagedAs, line: int | None
) -> None:
    file = io.BytesIO(data)
    assert damage_of(file, name) == Damage(kind=kind, line=line)
    assert file.tell() == 0
