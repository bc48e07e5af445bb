"""What people do in the portal, tried in Chromium."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from playwright.sync_api import Download, Locator, Page, expect
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit

from tests.e2e.server import ROOT, LocalServer

Go = Callable[..., Page]

SAMPLES = Path(pydicom.__file__).parent / "data/test_files"
SCAN = SAMPLES / "examples_overlay.dcm"
PHONE = {"viewport": {"width": 390, "height": 844}}


def choose(page: Page, *files: object) -> None:
    page.locator("#file").set_input_files(list(files))  # type: ignore[arg-type]


def picture(page: Page) -> Locator:
    return page.locator(".stage img")


def read(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def many_frames(count: int) -> bytes:
    """A file of `count` 8-bit frames of 128x128. Each is as bright as its number, modulo 256."""
    dataset = pydicom.dcmread(SCAN)
    for group in (0x6000, 0x6002):
        for element in [element for element in dataset if element.tag.group == group]:
            del dataset[element.tag]
    dataset.NumberOfFrames = str(count)
    dataset.Rows = dataset.Columns = 128
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    frames = np.repeat(np.arange(count) % 256, 128 * 128).astype(np.uint8)
    dataset.PixelData = frames.tobytes()
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    with io.BytesIO() as file:
        dataset.save_as(file)
        return file.getvalue()


def noise(count: int) -> bytes:
    """A file of `count` JPEGs with noise, which makes much larger PNGs."""
    dataset = pydicom.dcmread(io.BytesIO(many_frames(count)))
    dataset.Rows = dataset.Columns = 512
    pixels = np.random.default_rng(1).integers(0, 256, (512, 512), dtype=np.uint8)
    with io.BytesIO() as jpeg:
        Image.fromarray(pixels).save(jpeg, "JPEG", quality=20)
        dataset.PixelData = encapsulate([jpeg.getvalue()] * count)
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    with io.BytesIO() as file:
        dataset.save_as(file)
        return file.getvalue()


def run_code(page: Page, language: str, folder: Path, after: str = "") -> bytes:
    """What the request that the page shows prints, with the page's own key; `after` is added to its code."""
    modules = folder / "node_modules"
    modules.mkdir(exist_ok=True)
    if not (modules / "dicom-api").exists():
        (modules / "dicom-api").symlink_to(ROOT / "client-js")
    program = {
        "curl": ["bash", "-c"],
        "Python": [sys.executable, "-c"],
        "JavaScript": ["node", "--input-type=module", "-e"],
    }[language]
    code = page.locator("pre").inner_text()
    key = json.loads(page.evaluate("() => sessionStorage.getItem('dicom-api')"))["key"]["key"]
    environment = {**os.environ, "DICOM_API_KEY": key}
    command = [*program, f"{code}\n{after}"]
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True).stdout


def test_the_sample_needs_no_account(server: LocalServer, new_page: Go) -> None:
    page = new_page(server)
    expect(picture(page)).to_have_attribute("src", re.compile("^data:image/jpeg"))
    page.get_by_label("Search metadata").fill("RescaleIntercept")
    expect(page.get_by_text("-1024")).to_be_visible()
    page.get_by_role("button", name="Bone").click()
    expect(page.get_by_text("C 300 W 1500")).to_be_visible()


def test_metadata_is_readable_and_the_value_of_the_api_is_kept(server: LocalServer, new_page: Go) -> None:
    page = new_page(server)
    for keyword, value, raw in [
        ("ImageType", "DERIVED, PRIMARY, VOLUME, NONE", "['DERIVED', 'PRIMARY', 'VOLUME', 'NONE']"),
        ("StudyDate", "2026-03-01", "20260301"),
        ("StudyTime", "10:15:00", "101500"),
    ]:
        element = page.locator(".element").filter(has=page.get_by_text(keyword, exact=True))
        expect(element.locator(".value")).to_have_text(value)
        expect(element.locator(".value")).to_have_attribute("title", raw)
    page.get_by_label("Search metadata").fill("20260301")
    expect(page.get_by_text("StudyDate", exact=True)).to_be_visible()
    expect(page.get_by_text("StudyTime", exact=True)).to_be_hidden()


@pytest.mark.parametrize(
    ("keyword", "value", "siblings", "shown"),
    [
        ("ExposureTime", "101500", {"ExposureTime": "101500"}, "101500"),  # milliseconds: no time of day
        ("AcquisitionTime", "101500.25", {"AcquisitionDate": ""}, "10:15:00.25"),
        ("StudyTime", "256100", {"StudyDate": ""}, "256100"),
        ("StudyDate", "20261301", {}, "20261301"),
        ("AcquisitionDateTime", "20260301101500.5+0100", {}, "2026-03-01 10:15:00.5 +0100"),
        ("AcquisitionDateTime", "99999999120000", {}, "99999999120000"),
        ("PixelSpacing", "[0.5, 0.25]", {}, "[0.5, 0.25]"),
        ("PatientID", "[20, 53]", {}, "[20, 53]"),
        ("SeriesDescription", "[HEAD]", {}, "[HEAD]"),
        ("OtherPatientNames", """["O'Hara^Scarlett", 'Doe^Jane']""", {}, "O'Hara^Scarlett, Doe^Jane"),
        ("ImageType", "['DERIVED', '', 'MPR']", {}, "DERIVED, —, MPR"),
        ("ImageComments", "[see 'note']", {}, "[see 'note']"),
        ("ImageComments", "", {}, ""),
        ("Rows", "512", {}, "512"),
    ],
)
def test_values_are_shown_as_people_read_them(
    server: LocalServer, new_page: Go, keyword: str, value: str, siblings: dict[str, str], shown: str
) -> None:
    page = new_page(server)
    said = page.evaluate(
        "async (given) => (await import('/assets/values.js')).readable(...given)", [keyword, value, siblings]
    )
    assert said == shown


def test_the_reference_shows_the_operations(server: LocalServer, new_page: Go) -> None:
    page = new_page(server)
    page.get_by_role("link", name="Reference").first.click()
    expect(page.get_by_text("Read a DICOM file").first).to_be_visible()
    page.get_by_text("Ask whether the API answers").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.get_by_text('"status": "ok"').first).to_be_visible()


def test_a_newcomer_gets_from_nothing_to_a_picture(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, SCAN)
    expect(picture(page)).to_have_attribute("src", re.compile("^data:image/png"))
    expect(page.get_by_text("Sssssss^Jsssss")).to_be_visible()


def test_a_file_is_taken_wherever_it_is_dropped(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    dropped = page.evaluate_handle(
        """async () => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([await (await fetch("assets/sample.dcm")).blob()], "dropped.dcm"));
            return transfer;
        }"""
    )
    page.dispatch_event("footer", "dragover", {"dataTransfer": dropped})
    expect(page.locator(".drop.over")).to_be_visible()
    page.dispatch_event("footer", "drop", {"dataTransfer": dropped})
    expect(page.locator(".drop.over")).to_have_count(0)
    expect(page.get_by_text("dropped.dcm", exact=True)).to_be_visible()


def test_frames_change_by_keys_and_by_playing(server: LocalServer, open_sample: Go) -> None:
    page = open_sample(server)
    counter = page.locator(".counter")
    expect(counter).to_have_text("1 / 16")
    page.locator(".stage").press("ArrowRight")
    expect(counter).to_have_text("2 / 16")
    page.locator(".stage").press("Home")
    page.locator(".stage").press("ArrowLeft")
    expect(counter).to_have_text("16 / 16")
    page.get_by_role("button", name="Play").click()
    expect(counter).to_have_text("5 / 16")
    page.get_by_role("button", name="Pause").click()


def test_windows_come_from_the_api(server: LocalServer, open_sample: Go) -> None:
    page = open_sample(server)
    before = picture(page).get_attribute("src")
    with page.expect_request("**/api/dicom/read/file/"):
        page.get_by_role("button", name="Bone").click()
    expect(picture(page)).not_to_have_attribute("src", str(before))
    expect(page.locator("pre")).to_contain_text("window=300,1500")

    stage = page.locator(".stage").bounding_box()
    assert stage
    x, y = stage["x"] + 200, stage["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 20, steps=4)
    with page.expect_request("**/api/dicom/read/file/"):
        page.mouse.up()
    expect(page.get_by_text("C 200 W 1800")).to_be_visible()
    expect(page.locator("pre")).to_contain_text("window=200,1800")


def test_a_picture_and_json_are_saved(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, SCAN)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save picture").click()
    assert saved.value.suggested_filename == "examples_overlay-0001.png"
    assert read(saved.value).startswith(b"\x89PNG")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save JSON").click()
    assert json.loads(read(saved.value))["Modality"] == "MR"


def test_two_fingers_zoom_and_leave_the_window_alone(server: LocalServer, open_sample: Go) -> None:
    page = open_sample(server, has_touch=True, **PHONE)
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = page.context.new_cdp_session(page)
    for kind, apart in [("touchStart", 40), ("touchMove", 60), ("touchMove", 80), ("touchEnd", None)]:
        points = [{"x": x + side * apart, "y": y, "id": side + 1} for side in (-1, 1)] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(picture(page)).to_have_attribute("style", re.compile(r"scale\(2\)"))
    expect(page.get_by_text("C 40 W 80")).to_be_visible()


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_the_request_that_is_shown_gives_the_same(
    server: LocalServer, sign_up: Go, tmp_path: Path, language: str
) -> None:
    page = sign_up(server)
    scan = shutil.copy(SCAN, tmp_path / "a head, 'axial'; 7 mm.dcm")
    choose(page, scan)
    page.get_by_role("button", name="Bone").click()
    expect(page.locator("pre")).to_contain_text("300,1500")
    page.get_by_role("button", name=language).click()
    after = {"curl": "", "Python": "print(answer.text)", "JavaScript": "console.log(JSON.stringify(scan));"}[language]
    ran = run_code(page, language, tmp_path, after)
    (shown,) = json.loads(ran)["Images"]
    expect(picture(page)).to_have_attribute("src", f"data:image/png;base64,{shown}")


def test_all_pictures_are_saved_as_a_zip(server: LocalServer, open_sample: Go) -> None:
    page = open_sample(server)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save all").click()
    with zipfile.ZipFile(io.BytesIO(read(saved.value))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{n:04}.png" for n in range(1, 17)]
        assert all(archive.read(name).startswith(b"\x89PNG") for name in archive.namelist())


def test_warnings_are_shown_where_they_belong(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, SAMPLES / "badVR.dcm")
    element = page.locator(".element").filter(has=page.get_by_text("NumberOfFrames", exact=True))
    expect(element.locator(".warning")).to_contain_text("is not valid for its VR")
    expect(page.locator(".warnings")).to_contain_text("The data set says 1 frame")
    choose(page, SAMPLES / "MR_truncated.dcm")
    expect(page.locator(".viewer .warning")).to_contain_text("a part of the picture is missing")


def test_frames_with_warnings_are_a_click_away(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, {"name": "cut.dcm", "mimeType": "", "buffer": many_frames(8)[:-10_000]})
    expect(page.locator(".counter")).to_have_text("1 / 8")
    page.get_by_role("button", name="Frame 8").click()
    expect(page.locator(".counter")).to_have_text("8 / 8")
    expect(page.locator(".viewer .warning")).to_contain_text("Frame 8")


def test_a_file_without_a_window_shows_none(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, SAMPLES / "CT_small.dcm")
    expect(picture(page)).to_be_visible()
    expect(page.locator(".corner")).to_be_empty()
    page.get_by_role("button", name="Bone").click()
    expect(page.locator(".corner")).to_have_text("C 300 W 1500")


def test_fingers_find_what_they_press_on_a_phone(server: LocalServer, open_sample: Go) -> None:
    page = open_sample(server, has_touch=True, **PHONE)
    presets = page.get_by_role("group", name="Window", exact=True)
    box = presets.bounding_box()
    assert box
    assert box["height"] < 60  # they are in one line
    pressed = "button, a, select, summary, .check, :not(.check) > input:not(.hidden-input)"
    small = (
        f"() => [...document.querySelectorAll('{pressed}')]"
        + """
        .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
        .map((element) => element.outerHTML)"""
    )
    for hash_ in ("#/workbench", "#/account", "#/"):
        page.evaluate("hash => { location.hash = hash; }", hash_)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(small) == [], hash_
    page.evaluate("() => { location.hash = '#/workbench'; }")
    for mode in ("De-identify", "Convert"):
        rewrite(page, mode, SCAN)
        for folded in page.locator("summary").all():
            folded.click()
        assert page.evaluate(small) == [], mode


def test_a_zip_of_several_files_lets_one_choose(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.write(SCAN, "a.dcm")
            archive.write(SAMPLES / "CT_small.dcm", "b.dcm")
            archive.writestr("c.dcm", "no DICOM file")
        choose(page, {"name": "study.zip", "mimeType": "", "buffer": file.getvalue()})
    expect(page.get_by_text("Sssssss^Jsssss")).to_be_visible()
    page.get_by_label("File in the zip").select_option("b.dcm")
    expect(page.get_by_text("CompressedSamples^CT1")).to_be_visible()


def test_an_upload_can_be_stopped(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, {"name": "large.dcm", "mimeType": "", "buffer": many_frames(500)})
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("alert").filter(has_text="You stopped it.")).to_be_visible()


def test_pictures_become_a_dicom_file(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, ROOT / "docs/tour.png")
    page.get_by_label("Patient’s name").fill("Doe^Jane")
    page.get_by_label("Birth date").fill("1980-02-29")
    page.get_by_label("Modality").select_option("XC")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Make the DICOM file").click()
    made = pydicom.dcmread(io.BytesIO(read(saved.value)))
    assert (made.PatientName, made.PatientBirthDate, made.Modality) == ("Doe^Jane", "19800229", "XC")
    page.get_by_role("button", name="Open it here").click()
    expect(picture(page)).to_be_visible()
    expect(page.get_by_text("Doe^Jane")).to_be_visible()


def test_any_attribute_goes_into_the_file_and_into_the_request(
    server: LocalServer, sign_up: Go, tmp_path: Path
) -> None:
    page = sign_up(server)
    choose(page, ROOT / "docs/tour.png")
    page.get_by_label("Patient’s name").fill("O'Hara^Scarlett")
    page.get_by_role("button", name="Add an attribute").click()
    expect(page.locator("datalist option[value=BodyPartExamined]")).to_have_count(1)
    page.get_by_label("Keyword").fill("BodyPartExamined")
    page.get_by_label("Value").fill("ARM")
    page.get_by_role("button", name="Add an attribute").click()
    page.get_by_label("Keyword").last.fill("PatientComments")
    page.get_by_label("Value").last.fill("a mistake")
    page.get_by_role("button", name="Remove this attribute").last.click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Make the DICOM file").click()
    made = pydicom.dcmread(io.BytesIO(read(saved.value)))
    assert (made.PatientName, made.BodyPartExamined) == ("O'Hara^Scarlett", "ARM")
    assert "PatientComments" not in made

    shutil.copy(ROOT / "docs/tour.png", tmp_path)
    for language in ("curl", "Python", "JavaScript"):
        page.get_by_role("button", name=language).click()
        run_code(page, language, tmp_path)
        again = pydicom.dcmread(tmp_path / "tour.dcm")
        (tmp_path / "tour.dcm").unlink()
        assert (again.PatientName, again.BodyPartExamined) == ("O'Hara^Scarlett", "ARM")
        assert again.PixelData == made.PixelData


def rewrite(page: Page, mode: str, *files: object) -> None:
    """Chooses files to de-identify or to convert."""
    page.get_by_role("group", name="What to do with a file").get_by_role("button", name=mode).click()
    choose(page, *files)
    expect(page.locator("form")).to_be_visible()


def press(page: Page, button: str) -> None:
    """Presses a form's button, and waits until the answer is shown."""
    pressed = page.locator("form").get_by_role("button", name=button)
    pressed.click()
    expect(pressed).to_be_enabled()


def add(page: Page, keyword: str, value: str) -> None:
    page.get_by_role("button", name="Add an attribute").click()
    page.get_by_label("Keyword", exact=True).last.fill(keyword)
    page.get_by_label("Value", exact=True).last.fill(value)


def saved_file(page: Page) -> bytes:
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save (").click()
    return read(saved.value)


def test_what_was_done_is_seen_before_a_deidentified_file_is_saved(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    rewrite(page, "De-identify", SAMPLES / "examples_rgb_color.dcm")
    press(page, "De-identify")
    expect(page.get_by_role("heading", name="The file is de-identified")).to_be_visible()
    expect(page.locator(".findings .warning").first).to_contain_text("may have text burned into it")
    page.get_by_label("Clean Pixel Data").check()
    page.get_by_label("Regions to blank").fill("0,0,9,9; 20,20,5,5")
    page.get_by_label("Retain UIDs").check()
    page.get_by_text("Single attributes, and dates").click()
    add(page, "PatientID", "S-1")
    add(page, "StudyID", "7")
    expect(page.get_by_text("The options have changed")).to_be_visible()
    press(page, "De-identify")
    expect(page.get_by_text("The options have changed")).to_be_hidden()
    expect(page.get_by_text("may have text burned into it")).to_have_count(0)
    page.locator("summary", has_text="Cleaned").click()
    expect(page.get_by_role("group", name="Cleaned")).to_contain_text("PixelData")
    page.locator("summary", has_text="Replaced").click()
    expect(page.get_by_role("group", name="Replaced")).to_contain_text("PatientID")
    before, made = pydicom.dcmread(SAMPLES / "examples_rgb_color.dcm"), pydicom.dcmread(io.BytesIO(saved_file(page)))
    assert (made.PatientID, made.StudyID, made.SOPInstanceUID) == ("S-1", "7", before.SOPInstanceUID)
    assert made.PatientName != before.PatientName
    page.get_by_role("button", name="Open it here").click()
    expect(picture(page)).to_be_visible()
    expect(page.get_by_text("deidentified.dcm", exact=True)).to_be_visible()


def test_one_key_makes_one_result(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    rewrite(page, "De-identify", SCAN)
    page.get_by_role("button", name="Make one").click()
    assert len(page.get_by_label("Key", exact=True).input_value()) == 32
    made = []
    for _ in range(2):
        press(page, "De-identify")
        expect(page.get_by_role("heading", name="The file is de-identified")).to_be_visible()
        made.append(saved_file(page))
    assert made[0] == made[1]
    page.get_by_role("button", name="Make one").click()
    press(page, "De-identify")
    expect(page.get_by_text("The options have changed")).to_be_hidden()
    assert saved_file(page) != made[0]


def test_what_the_api_refuses_is_told_by_field(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    rewrite(page, "De-identify", SCAN)
    page.get_by_text("Single attributes, and dates").click()
    page.get_by_role("textbox", name="Keep").fill("PatientNme")
    press(page, "De-identify")
    expect(page.get_by_role("alert").filter(has_text="keep: ")).to_contain_text("PatientName")


def test_a_zip_is_deidentified_and_each_file_told(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.write(SCAN, "Doe Jane.dcm")
            archive.writestr("b.dcm", "no DICOM file")
        rewrite(page, "De-identify", {"name": "study.zip", "mimeType": "", "buffer": file.getvalue()})
    press(page, "De-identify")
    expect(page.get_by_role("heading", name="1 of 2 files are de-identified")).to_be_visible()
    page.get_by_label("File in the zip").select_option("File 2: none was made")
    expect(page.locator(".outcome .alert")).to_contain_text("not a DICOM file")
    with zipfile.ZipFile(io.BytesIO(saved_file(page))) as archive:
        assert archive.namelist() == ["0001.dcm", "report.json"]


def test_a_file_that_is_open_can_be_deidentified_and_is_not_read_again(server: LocalServer, open_sample: Go) -> None:
    page = open_sample(server)
    modes = page.get_by_role("group", name="What to do with a file")
    modes.get_by_role("button", name="De-identify").click()
    press(page, "De-identify")
    expect(page.get_by_role("heading", name="The file is de-identified")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    modes.get_by_role("button", name="Read").click()
    expect(page.get_by_text("C 40 W 80")).to_be_visible()
    modes.get_by_role("button", name="De-identify").click()
    expect(page.get_by_role("heading", name="The file is de-identified")).to_be_visible()
    assert [url for url in asked if "/api/" in url] == []


@pytest.mark.parametrize("frames", [1, 500], ids=["direct", "staged"])
def test_the_request_that_deidentifies_is_shown_without_its_key(
    server: LocalServer, sign_up: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: int
) -> None:
    page = sign_up(server)
    scan = tmp_path / "a head, 'axial'.dcm"
    scan.write_bytes(many_frames(frames))
    rewrite(page, "De-identify", scan)
    page.get_by_label("Clean Descriptors").check()
    page.get_by_label("Key", exact=True).fill("""a key's "secret" $text""")
    page.get_by_text("Single attributes, and dates").click()
    add(page, "PatientID", "a 'b'")
    page.get_by_label("Move dates by days").fill("-9")
    press(page, "De-identify")
    expect(page.get_by_role("heading", name="The file is de-identified")).to_be_visible()
    made = saved_file(page)
    monkeypatch.setenv("DEIDENTIFY_KEY", """a key's "secret" $text""")
    for language in ("curl", "Python", "JavaScript"):
        page.get_by_role("group", name="Language").get_by_role("button", name=language).click()
        expect(page.locator("pre")).to_contain_text("DEIDENTIFY_KEY")
        expect(page.locator("pre")).not_to_contain_text("secret")
        if language == "curl" and frames > 1:
            continue  # it only begins the upload
        run_code(page, language, tmp_path)
        assert (tmp_path / "deidentified.dcm").read_bytes() == made
        (tmp_path / "deidentified.dcm").unlink()


def test_a_file_is_converted(server: LocalServer, sign_up: Go, tmp_path: Path) -> None:
    page = sign_up(server)
    rewrite(page, "Convert", shutil.copy(SCAN, tmp_path / "scan.dcm"))
    page.get_by_label("Transfer syntax").select_option("j2k")
    add(page, "PatientID", "O'Hara")
    page.get_by_role("textbox", name="Remove").fill("StudyID")
    press(page, "Convert")
    expect(page.get_by_role("heading", name="The file is converted")).to_be_visible()
    expect(page.locator(".outcome dl")).to_contain_text("JPEG 2000 Lossless")
    expect(page.locator(".outcome dl")).to_contain_text("The same, to the bit")
    page.locator("summary", has_text="Changed").click()
    expect(page.get_by_role("group", name="Changed")).to_contain_text("PatientID")
    content = saved_file(page)
    made = pydicom.dcmread(io.BytesIO(content))
    assert (made.PatientID, made.file_meta.TransferSyntaxUID) == ("O'Hara", JPEG2000Lossless)
    assert "StudyID" not in made
    for language in ("curl", "Python", "JavaScript"):
        page.get_by_role("group", name="Language").get_by_role("button", name=language).click()
        run_code(page, language, tmp_path)
        assert (tmp_path / "scan-converted.dcm").read_bytes() == content
        (tmp_path / "scan-converted.dcm").unlink()


def test_loss_is_allowed_by_hand(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    rewrite(page, "Convert", SCAN)
    expect(page.get_by_label("Values may change")).to_be_hidden()
    page.get_by_label("Transfer syntax").select_option("j2k-lossy")
    press(page, "Convert")
    expect(page.get_by_role("alert").filter(has_text="lossy")).to_be_visible()
    page.get_by_label("Values may change").check()
    page.get_by_label("Quality").fill("70")
    press(page, "Convert")
    expect(page.locator(".outcome dl")).to_contain_text("times smaller than uncompressed")
    assert pydicom.dcmread(io.BytesIO(saved_file(page))).LossyImageCompression == "01"


def test_a_deleted_key_is_refused_and_another_one_is_a_click_away(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Delete Portal").click()
    expect(page.get_by_role("dialog")).to_contain_text("The workbench uses it in this tab")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Delete Portal")).to_be_visible()
    page.get_by_role("button", name="Delete Portal").click()
    page.get_by_role("button", name="Delete the key").click()
    expect(page.get_by_text("You have no keys yet.")).to_be_visible()
    page.get_by_role("link", name="Workbench").click()
    page.get_by_role("button", name="Create an API key").click()
    choose(page, SCAN)
    expect(picture(page)).to_be_visible()


def test_a_key_that_was_deleted_elsewhere_can_be_replaced(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    kept = json.loads(page.evaluate("() => sessionStorage.getItem('dicom-api')"))
    page.request.delete(
        f"{server.url}/api-keys/delete/{kept['key']['id']}/",
        headers={"Authorization": f"Bearer {kept['tokens']['access']}"},
    )
    choose(page, SCAN)
    page.get_by_role("button", name="Use another key").click()
    page.get_by_role("button", name="Create an API key").click()
    choose(page, SCAN)
    expect(picture(page)).to_be_visible()


def test_a_new_key_is_shown_once(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    page.get_by_role("link", name="Account").click()
    page.get_by_label("Name of a new key").fill("Archive")
    page.get_by_role("button", name="Create a key").click()
    expect(page.locator(".secret code")).to_have_text(re.compile(r"^\w{8}\.\w{32}$"))
    page.reload()
    expect(page.get_by_role("button", name="Delete Archive")).to_be_visible()
    expect(page.locator(".secret")).to_have_count(0)


def test_the_quota_is_shown_and_what_happens_beyond_it(start_server: Callable[..., LocalServer], sign_up: Go) -> None:
    page = sign_up(start_server(MonthlyQuota=1))
    choose(page, SCAN)
    expect(picture(page)).to_be_visible()
    choose(page, SCAN)
    expect(page.get_by_role("alert").filter(has_text="limit exceeded")).to_be_visible()
    page.get_by_role("link", name="your usage").click()
    expect(page.locator(".usage figcaption")).to_contain_text("None left")


@pytest.mark.parametrize(
    "content", [b"", b"no DICOM file at all", SCAN.read_bytes()[:400]], ids=["empty", "text", "cut"]
)
def test_a_broken_file_is_told_as_one(server: LocalServer, sign_up: Go, content: bytes) -> None:
    page = sign_up(server)
    choose(page, {"name": "broken.dcm", "mimeType": "", "buffer": content})
    said = page.locator("[role=alert]:visible, .warning:visible, .nothing:visible")
    expect(said.first).to_have_text(re.compile(r"\w+ \w+"))
    choose(page, SCAN)
    expect(picture(page)).to_be_visible()


def test_a_large_file_of_500_frames_is_staged(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    choose(page, {"name": "IM000001", "mimeType": "", "buffer": many_frames(500)})
    expect(page.locator(".counter")).to_have_text("1 / 500")
    expect(page.get_by_text("staged", exact=False).first).to_be_visible()
    page.locator(".stage").press("End")
    expect(page.locator(".counter")).to_have_text("500 / 500")
    expect(picture(page)).to_be_visible()


def test_an_answer_that_leaves_through_s3_is_followed(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    with page.expect_response(lambda answer: answer.status == 303):
        choose(page, {"name": "noise.dcm", "mimeType": "", "buffer": noise(40)})
    expect(page.locator(".counter")).to_have_text("1 / 40")


def test_a_password_is_changed(server: LocalServer, sign_up: Go) -> None:
    page = sign_up(server)
    page.get_by_role("link", name="Account").click()
    page.get_by_label("Present password").fill("correct-horse-42")
    page.get_by_label("New password").fill("correct-horse-43")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert page.evaluate("() => sessionStorage.getItem('dicom-api')") == "{}"


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing(
    server: LocalServer, sign_up: Go, new_page: Go, axe: str, context: dict[str, object]
) -> None:
    # axe is not one of the page's scripts, so the page's policy would block it.
    without_account = new_page(server, bypass_csp=True, **context)
    for hash_ in ("#/", "#/signup", "#/login", "#/workbench"):
        check(without_account, hash_, axe)

    page = sign_up(server, bypass_csp=True, **context)
    check(page, "#/account", axe)
    check(page, "#/workbench", axe)
    page.get_by_role("button", name="Open the sample").click()
    expect(picture(page)).to_be_visible()
    assert violations(page, axe) == []
    for mode in ("Read", "De-identify", "Convert"):
        page.get_by_role("group", name="What to do with a file").get_by_role("button", name=mode).click()
        for button in page.locator("form").get_by_role("button", name=mode).all():
            page.get_by_label("Retain UIDs").or_(page.get_by_label("New UIDs")).check()
            button.click()
            expect(page.locator(".outcome h2")).to_be_visible()
            for folded in page.locator("summary").all():
                folded.click()
        assert violations(page, axe) == [], mode
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), mode


def check(page: Page, hash_: str, axe: str) -> None:
    page.evaluate("hash => { location.hash = hash; }", hash_)
    page.wait_for_load_state("networkidle")
    assert violations(page, axe) == [], hash_


def violations(page: Page, axe: str) -> list[object]:
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
