"""What can be measured of an image and the face in it, apart from who it is: size, sharpness, light, pose and more."""

from facegap.measures.columns import NORM, column_measures, column_values
from facegap.measures.measure import Combine, ImageMeasure, Measure
from facegap.measures.registration import PLUGINS, image_measures, key
from facegap.measures.seen import SIDE, Seen, face_crop

__all__ = ["NORM", "PLUGINS", "SIDE", "Combine", "ImageMeasure", "Measure", "Seen"]
__all__ += ["column_measures", "column_values", "face_crop", "image_measures", "key"]
