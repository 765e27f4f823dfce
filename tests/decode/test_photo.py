"""Photos that say where they were taken, and all that only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decode.photos import NOWHERE, heic, jpeg, tiff
from wifiguard.decode.photo import ends_with_metadata, has_position, is_photo


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_geotagged_photo(order: str) -> None:
    for photo in (jpeg(tiff(order)), heic(tiff(order)), heic(tiff(order), b"mif1")):
        assert is_photo(photo)
        assert has_position(photo)


@pytest.mark.parametrize(
    "photo",
    [
        jpeg(None),
        jpeg(tiff(gps=False)),
        jpeg(tiff(latitude=NOWHERE)),
        jpeg(tiff(longitude=(13, 0, 24, 0, 0, 0))),
        jpeg(tiff(status=b"V")),
    ],
    ids=["no metadata", "no position", "zeros", "no denominators", "no fix"],
)
def test_a_photo_without_a_place(photo: bytes) -> None:
    assert is_photo(photo)
    assert not has_position(photo)


def test_a_position_in_xmp() -> None:
    packet = b'<rdf:Description exif:GPSLatitude="52,31.2N" exif:GPSLongitude="13,24.3E"/>'
    assert has_position(jpeg(None) + packet)
    assert not has_position(jpeg(None) + b'<rdf:Description exif:GPSLatitude=""/>')


def test_only_heic_may_say_it_at_its_end() -> None:
    assert ends_with_metadata(heic(tiff()))
    assert ends_with_metadata(b"--x\r\n\r\n" + heic(tiff()))
    assert not ends_with_metadata(jpeg(tiff()))


def test_no_photo_at_all() -> None:
    for data in (b"", b"\xff\xd8", b"GIF89a" + tiff(), b"%PDF-1.7", tiff(), bytes(8) + b"ftypheic"):
        assert not is_photo(data)


PHOTOS = st.sampled_from([jpeg(tiff()), jpeg(tiff(">")), heic(tiff())])


@given(PHOTOS, st.data())
def test_cut_anywhere_with_any_byte_changed_it_only_answers(photo: bytes, data: st.DataObject) -> None:
    cut = bytearray(photo[: data.draw(st.integers(0, len(photo)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if cut:
            cut[data.draw(st.integers(0, len(cut) - 1))] = data.draw(st.integers(0, 255))
    assert has_position(bytes(cut)) in (True, False)


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_mark(data: bytes) -> None:
    assert has_position(b"\xff\xd8\xffExif\0\0II*\0" + data) in (True, False)
