"""What the Secondary Capture Image IOD asks of its attributes (PS3.3 A.8.1), as far as text can meet or break it."""

# Commands, file meta information, directory records and item delimiters are no part of an image (PS3.5 7.1, PS3.10).
FOREIGN_GROUPS = frozenset({0x0000, 0x0002, 0x0004, 0xFFFE})

# What follows from the picture, or from how the file is written.
DECIDED = frozenset(
    {
        # Image Pixel (C.7.6.3)
        *("BitsAllocated", "BitsStored", "Columns", "HighBit", "LargestImagePixelValue", "PhotometricInterpretation"),
        *("PixelAspectRatio", "PixelData", "PixelDataProviderURL", "PixelRepresentation", "PlanarConfiguration"),
        *("Rows", "SamplesPerPixel", "SmallestImagePixelValue"),
        *(f"{colour}PaletteColorLookupTableDescriptor" for colour in ("Red", "Green", "Blue")),
        *(f"Large{colour}PaletteColorLookupTableDescriptor" for colour in ("Red", "Green", "Blue")),
        # General Image (C.7.6.1)
        *("LossyImageCompression", "LossyImageCompressionMethod", "LossyImageCompressionRatio"),
        "LossyImageCompressionRetired",
        # Multi-frame (C.7.6.6), and the indices of Nuclear Medicine's (C.8.4.8)
        *("AngularViewVector", "DetectorVector", "EnergyWindowVector", "FrameIncrementPointer", "NumberOfFrames"),
        *("PhaseVector", "RRIntervalVector", "RotationVector", "SliceVector", "TimeSlotVector"),
        # SOP Common (C.12.1) and the encoding
        *("EncapsulatedPixelDataValueTotalLength", "LengthToEnd", "SOPClassUID", "SpecificCharacterSet"),
    }
)

# Specimen (C.7.6.22) has a sequence of Type 1, which text cannot give.
NEEDS_SEQUENCE = frozenset({"ContainerDescription", "ContainerIdentifier"})

TYPE_1 = frozenset({"ConversionType", "Modality", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"})
TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),  # Patient (C.7.1.1)
    *("StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber"),  # General Study (C.7.2.1)
    "SeriesNumber",  # General Series (C.7.3.1)
    "Manufacturer",  # General Equipment (C.7.5.1)
    *("InstanceNumber", "PatientOrientation"),  # General Image (C.7.6.1)
)

_YES_NO = ("YES NO",)
# Enumerated Values: of the first value, of the second.
ENUMERATED = {
    "AcquisitionTimeSynchronized": ("Y N",),
    "AnatomicalOrientationType": ("BIPED QUADRUPED",),
    "BurnedInAnnotation": _YES_NO,
    "ContentQualification": ("PRODUCT RESEARCH SERVICE",),
    "ConversionType": ("DV DI DF WSD SD SI DRW SYN",),
    "DigitizingDeviceTransportDirection": ("ROW COLUMN",),
    "ImageLaterality": ("R L U B",),
    "ImageType": ("ORIGINAL DERIVED", "PRIMARY SECONDARY"),
    "InstanceOriginStatus": ("LOCAL IMPORTED",),
    "Laterality": ("R L",),
    "LongitudinalTemporalInformationModified": ("UNMODIFIED MODIFIED REMOVED",),
    "MultienergyCTAcquisition": ("NO",),  # YES asks for RealWorldValueMappingSequence
    "PatientIdentityRemoved": _YES_NO,
    "PatientSex": ("M F O",),
    "PregnancyStatus": ("1 2 3 4",),
    "PresentationLUTShape": ("IDENTITY",),  # INVERSE is for MONOCHROME1
    "QualityControlImage": _YES_NO,
    "QualityControlSubject": _YES_NO,
    "QueryRetrieveView": ("CLASSIC ENHANCED",),
    "RecognizableVisualFeatures": _YES_NO,
    "SliceProgressionDirection": ("APEX_TO_BASE BASE_TO_APEX ANT_TO_INF",),
    "SmokingStatus": ("YES NO UNKNOWN",),
    "TimeDistributionProtocol": ("NTP IRIG GPS SNTP PTP",),
    "VOILUTFunction": ("LINEAR LINEAR_EXACT SIGMOID",),
}

_TRIAL = ("ClinicalTrialSponsorName", "ClinicalTrialProtocolID")
_TRIAL_SUBJECT = ("ClinicalTrialSubjectID", "ClinicalTrialSubjectReadingID")
_TRIAL_TYPE_2 = ("ClinicalTrialProtocolName", "ClinicalTrialSiteID", "ClinicalTrialSiteName")
_TRIAL_ETHICS = ("ClinicalTrialProtocolEthicsCommitteeName", "ClinicalTrialProtocolEthicsCommitteeApprovalNumber")
_SYNCHRONIZATION = ("SynchronizationFrameOfReferenceUID", "SynchronizationTrigger", "AcquisitionTimeSynchronized")
_BREED = ("PatientBreedDescription", "StrainAdditionalInformation", "StrainDescription", "StrainNomenclature")

# What an attribute must not be without; "A or B" asks for either.
NEEDS = {
    # Patient (C.7.1.1)
    "PatientAlternativeCalendar": ("PatientBirthDateInAlternativeCalendar or PatientDeathDateInAlternativeCalendar",),
    "PatientBirthDateInAlternativeCalendar": ("PatientAlternativeCalendar",),
    "PatientDeathDateInAlternativeCalendar": ("PatientAlternativeCalendar",),
    "ResponsiblePerson": ("ResponsiblePersonRole",),
    "ResponsiblePersonRole": ("ResponsiblePerson",),
    **dict.fromkeys(_BREED, ("PatientSpeciesDescription",)),
    # Clinical Trial Subject (C.7.1.3)
    **dict.fromkeys((*_TRIAL, *_TRIAL_TYPE_2), (*_TRIAL, " or ".join(_TRIAL_SUBJECT))),
    **dict.fromkeys(_TRIAL_SUBJECT, _TRIAL),
    **dict.fromkeys(_TRIAL_ETHICS, (*_TRIAL, *_TRIAL_ETHICS)),
    # Synchronization (C.7.4.2)
    **dict.fromkeys((*_SYNCHRONIZATION, "SynchronizationChannel", "TimeDistributionProtocol"), _SYNCHRONIZATION),
    **dict.fromkeys(("TimeSource", "TriggerSourceOrType"), _SYNCHRONIZATION),
    # Pixel padding (C.7.5.1.1.2) and spacing (10.7)
    "PixelPaddingRangeLimit": ("PixelPaddingValue",),
    "PixelSpacingCalibrationDescription": ("PixelSpacingCalibrationType",),
    "PixelSpacingCalibrationType": ("PixelSpacing", "PixelSpacingCalibrationDescription"),
    # Modality LUT (C.11.1) and VOI LUT (C.11.2)
    "RescaleIntercept": ("RescaleSlope",),
    "RescaleSlope": ("RescaleIntercept",),
    "RescaleType": ("RescaleIntercept", "RescaleSlope"),
    "VOILUTFunction": ("WindowCenter", "WindowWidth"),
    "WindowCenter": ("WindowWidth",),
    "WindowWidth": ("WindowCenter",),
}

# What is filled in beside an attribute: the rest of its module's Type 1 and 2.
FILLED_IN: dict[str, dict[str, str | None]] = {
    "PatientSpeciesDescription": dict.fromkeys(
        (
            *("PatientBreedDescription", "PatientBreedCodeSequence", "BreedRegistrationSequence"),
            *("ResponsiblePerson", "ResponsibleOrganization", "PatientSexNeutered"),
        )
    ),
    "ClinicalTrialProtocolID": dict.fromkeys(_TRIAL_TYPE_2),
    "ClinicalTrialTimePointDescription": {"ClinicalTrialTimePointID": None},  # C.7.2.3
    "ClinicalTrialSeriesID": {"ClinicalTrialCoordinatingCenterName": None},  # C.7.3.2
    "ClinicalTrialSeriesDescription": {"ClinicalTrialCoordinatingCenterName": None},
    "RescaleSlope": {"RescaleType": "US"},  # unspecified (C.11.1.1.2)
}

# Body parts that are not paired (PS3.16 Annex L): Laterality has no place beside them (C.7.3.1).
UNPAIRED = frozenset(
    """
    ABDOMEN ABDOMENPELVIS AORTA BRAIN CEREBELLUM CERVIX CHEST CHESTABDPELVIS CIRCLEOFWILLIS COCCYX CORONARYARTERY
    CSPINE CTSPINE DUODENUM GALLBLADDER HEAD HEADNECK HEART ILEUM ILIUM JAW JEJUNUM LARYNX LIVER LSPINE LSSPINE MAXILLA
    MEDIASTINUM MOUTH NECK NECKCHEST NECKCHESTABDOMEN NECKCHESTABDPELV NOSE PANCREAS PELVIS PENIS PHARYNX PROSTATE
    RECTUM SCALP SKULL SPLEEN SSPINE STERNUM STOMACH THYMUS THYROID TLSPINE TONGUE TRACHEA TSPINE URETER URETHRA UTERUS
    VAGINA VULVA WHOLEBODY
    """.split()  # noqa: SIM905 - a literal would be 58 lines
)
OTHER_LATERALITIES = ("ImageLaterality", "MeasurementLaterality")  # either stands in for Laterality (C.7.3.1)

# Direction cosines: unit vectors, and a row's at a right angle to a column's (C.7.6.2.1.1).
DIRECTION_COSINES = frozenset(
    {
        *("ControlPointOrientation", "ImageOrientation", "ImageOrientationPatient", "ImageOrientationSlide"),
        *("SlabOrientation", "VelocityEncodingDirection"),
    }
)
