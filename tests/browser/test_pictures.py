"""The pictures of the README: taken of a run, small, and there."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

import analyzer as ac
from docs.take_pictures import LARGEST, PICTURES, WHERE, take


@pytest.mark.browser
def test_pictures_are_taken_of_a_finished_run(browser: Browser, tmp_path: Path) -> None:
    run = ac.compare(ac.load("tutorial")).save(tmp_path / "run")
    taken = take(run, tmp_path / "pictures", browser=browser)
    assert [path.name for path in taken] == [picture.name for picture in PICTURES]
    for path, picture in zip(taken, PICTURES, strict=True):
        with Image.open(path) as shown:
            assert shown.size == (picture.width * 1.5, picture.height * 1.5)
            assert len(shown.convert("RGB").getcolors(maxcolors=256) or ()) > 10


def test_the_pictures_that_are_shown_are_there_and_small() -> None:
    for picture in PICTURES:
        assert 10_000 < (WHERE / picture.name).stat().st_size <= LARGEST
