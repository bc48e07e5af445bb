"""Whether a picture may show who its patient is: by text in its pixels, or by a face (PS3.15 E.3.1, E.3.2)."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.dataset.attributes import several, value
from imaging.dataset.dicom_file import DicomFile

# Modalities whose pictures are taken of a screen, or by a camera, often with text in them (PS3.3 C.7.3.1.1.1).
MODALITIES = {"AS", "BI", "DG", "DOC", "ECG", "EPS", "ES", "GM", "HC", "IVUS", "LS", "OP", "OT", "SC", "TG", "US", "XC"}
# The same by SOP class, each with those below it: ultrasound, secondary capture, endoscopes and cameras (PS3.4 B.5).
SOP_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("3", "6", "7", "77.1.1", "77.1.2", "77.1.4"))
GRAY = {"CR", "CT", "DX", "MG", "MR", "NM", "PT", "XA"}  # modalities whose own pictures have no colours
LABELS = {"LABEL", "OVERVIEW"}  # pictures of slides with what is written on them (PS3.3 C.8.12.4.1.1)
HEAD = ("BRAIN", "FACE", "HEAD", "JAW", "NECK", "ORBIT", "SINUS", "SKULL")
AUDIO = ("1.2.840.10008.5.1.4.1.1.9.4.1", "1.2.840.10008.5.1.4.1.1.9.4.2")  # voice, and other sounds


def burned_in(file: DicomFile) -> str:
    """Why the picture may have text burned into it, as part of a sentence; "" if nothing says so.

    A file that says that it has none is believed, as the standard means it to be (PS3.3 C.7.6.1).
    """
    said = value(file.dataset, "BurnedInAnnotation")
    if file.pixels is None or said == "NO":
        return ""
    return "BurnedInAnnotation is YES" if said == "YES" else next(_signs(file.dataset), "")


def _signs(dataset: Dataset) -> Iterator[str]:
    sop_class, modality = str(value(dataset, "SOPClassUID") or ""), str(value(dataset, "Modality") or "")
    unsaid = "and BurnedInAnnotation does not say NO"
    if any(sop_class == known or sop_class.startswith(f"{known}.") for known in SOP_CLASSES):
        yield f"its SOP class is one of screens, ultrasound or cameras, {unsaid}"
    if modality in MODALITIES:
        yield f"its modality is one of screens, ultrasound or cameras, {unsaid}"
    if value(dataset, "ConversionType") not in (None, "SYN"):
        yield f"it was scanned or captured, {unsaid}"
    if modality in GRAY and value(dataset, "SamplesPerPixel") == 3:
        yield "it has colours, which its modality has not"
    if any(word.startswith("SCREEN") for word in _image_type(dataset)):
        yield "its image type is one of screens"
    if value(dataset, "SpecimenLabelInImage") == "YES" or not LABELS.isdisjoint(_image_type(dataset)):
        yield "it shows the label of a slide"


def embedded_overlays(file: DicomFile) -> bool:
    """Whether bits of the pixels that belong to no sample hold an overlay (PS3.3 C.9.2)."""
    tags = file.dataset.keys()
    planes = {tag.group for tag in tags if tag.group >> 8 == 0x60 and tag.element == 0x0100}  # OverlayBitsAllocated
    return file.pixels is not None and any(BaseTag(group << 16 | 0x3000) not in tags for group in planes)


def says_recognizable(dataset: Dataset) -> bool:
    """Whether the file says that its patient can be recognized in it (PS3.3 C.7.6.1)."""
    return bool(value(dataset, "RecognizableVisualFeatures") == "YES")


def may_show_face(file: DicomFile) -> bool:
    """Whether the surface of a head may be in it, from which a face can be made."""
    if file.pixels is None or value(file.dataset, "RecognizableVisualFeatures") == "NO":
        return False
    part = str(value(file.dataset, "BodyPartExamined") or "").upper()
    return str(value(file.dataset, "Modality")) in {"CT", "MR", "PT"} and any(name in part for name in HEAD)


def is_audio(dataset: Dataset) -> bool:
    """Whether it is a recording, in which a voice may say anything."""
    return value(dataset, "SOPClassUID") in AUDIO


def _image_type(dataset: Dataset) -> list[str]:
    return [str(word) for word in several(value(dataset, "ImageType"))]
