"""From image bytes to the square a model is shown: decoding, finding the face, cutting it out."""

from facegap.faces.choose import RULES
from facegap.faces.cropper import Crop, Cropper, face_spec, make_cropper
from facegap.faces.decode import Unreadable, decode
from facegap.faces.face import Detector, Face

__all__ = ["RULES", "Crop", "Cropper", "Detector", "Face", "Unreadable", "decode", "face_spec", "make_cropper"]
