"""How faces are found, as a user asks for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from facegap.data.image_file import MAX_PIXELS
from facegap.data.spec import FaceSpec
from facegap.errors import InputError, ModelError
from facegap.faces.cropper import face_spec
from facegap.faces.photo import MAX_SIDE
from facegap.faces.registration import asked_detector


@dataclass(frozen=True)
class FaceOptions:
    """How faces are found.

    `detector`: as users write it, e.g. `dlib-hog` or `yunet:FILE.onnx`; None: the one that the models bring, else
    `dlib-hog`. `rule`: which of several faces counts.
    `max_side`: images with a longer side are reduced to it. `min_face`: the side in pixels of the smallest face worth
    finding, None for all. See `face_spec`. `max_pixels`: an image with more, or one that takes more memory than so many
    may, is not decoded.
    """

    detector: str | None = None
    rule: str = "main"
    max_side: int = MAX_SIDE
    min_face: int | None = None
    max_pixels: int = MAX_PIXELS

    def spec(self, crop: str) -> FaceSpec:
        """Return these options as part of the store key of a model that takes `crop`; see `face_spec`."""
        return face_spec(crop, detector=self.detector, rule=self.rule, max_side=self.max_side, min_face=self.min_face)

    def with_brought(self, detectors: Iterable[str]) -> "FaceOptions":
        """Return these options with the detector that models bring, where none was asked for; "" is none.

        Raises:
            InputError: they bring several, and one search serves all models.
        """
        brought = sorted({detector for detector in detectors if detector})
        if self.detector is not None or not brought:
            return self
        if len(brought) > 1:
            raise InputError(
                "the models bring {n_brought} detectors, {brought}, and one finds the faces for all: say which with "
                "--detector, or evaluate one model at a time",
                n_brought=len(brought),
                brought=", ".join(brought),
            )
        return replace(self, detector=brought[0])

    @property
    def given(self) -> bool:
        """Whether the faces come with the images, so that nothing is looked for."""
        return asked_detector(self.detector).registration.given

    def check(self, crop: str, wanted: FaceSpec) -> None:
        """Check that these options still are what `spec` returned: what a detector finds is kept under that key.

        Raises:
            ModelError: the detector's file is another one now.
        """
        if self.spec(crop) != wanted:
            raise ModelError(
                "the file of the detector {detector} changed while it was in use: run again", detector=self.detector
            )


DEFAULT_FACES = FaceOptions()
