"""From image bytes to the square a model is shown: decoding, finding the face, cutting it out."""

from facegap.faces.cropper import Box, Crop, Cropper, face_spec, make_cropper, make_croppers, make_finder
from facegap.faces.decode import Header, Unreadable, decode, grey_bits, header
from facegap.faces.face import Detector, Face, GivenFace
from facegap.faces.face_options import DEFAULT_FACES, FaceOptions
from facegap.faces.finder import Finder, GivenFinder
from facegap.faces.photo import MAX_SIDE, Photo, read_photo
from facegap.faces.registration import AskedDetector, Registration
from facegap.faces.which_face import RULES

__all__ = [
    "DEFAULT_FACES",
    "MAX_SIDE",
    "RULES",
    "AskedDetector",
    "Box",
    "Crop",
    "Cropper",
    "Detector",
    "Face",
    "FaceOptions",
    "Finder",
    "GivenFace",
    "GivenFinder",
    "Header",
    "Photo",
    "Registration",
    "Unreadable",
    "decode",
    "face_spec",
    "grey_bits",
    "header",
    "make_cropper",
    "make_croppers",
    "make_finder",
    "read_photo",
]
