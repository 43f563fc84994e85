"""Cutting a face, or the whole image, to the square a network takes."""

import numpy as np
from PIL import Image

from facegap.faces.sampling import sampled

ARCFACE_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""(5, 2) where ArcFace wants the landmarks in a crop of 112 pixels, in the order of `Face.landmarks`."""

TEMPLATE_SIZE = 112


def umeyama(points: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Return the similarity transform that brings `points` nearest to `template` in the least-squares sense.

    With centred points p, template t, their covariance U S V' = mean(t p') and D = diag(1, det(U) det(V)), which
    rules out a reflection: rotation R = U D V', scale c = trace(S D) / var(p), shift = mean(t) - c R mean(p).
    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991.

    Args:
        points: (n, 2), not all the same.
        template: (n, 2).

    Returns:
        (2, 3) float64: `template ~ transform[:, :2] @ point + transform[:, 2]`.
    """
    points, template = np.asarray(points, dtype=np.float64), np.asarray(template, dtype=np.float64)
    points_mean, template_mean = points.mean(axis=0), template.mean(axis=0)
    centred, wanted = points - points_mean, template - template_mean
    left, scales, right = np.linalg.svd(wanted.T @ centred / len(points))
    no_reflection = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    scale = (scales * no_reflection).sum() / centred.var(axis=0).sum()
    linear = scale * (left * no_reflection) @ right
    return np.column_stack([linear, template_mean - linear @ points_mean])


def arcface_crop(image: np.ndarray, landmarks: np.ndarray, size: int = TEMPLATE_SIZE) -> np.ndarray:
    """Return the aligned face (size, size, 3) uint8 that ArcFace models take, black beyond the image.

    It is all black where the landmarks are one point, or no numbers.

    Args:
        image: (height, width, 3) uint8.
        landmarks: (5, 2) in the order of `Face.landmarks`.
        size: side of the crop in pixels.
    """
    if not 0 < np.std(landmarks, axis=0).sum() < np.inf:
        return np.zeros((size, size, 3), np.uint8)
    transform = umeyama(landmarks, ARCFACE_TEMPLATE * (size / TEMPLATE_SIZE))
    back = np.linalg.inv(np.vstack([transform, [0, 0, 1]]))[:2]
    around, corner = _surroundings(image, back, size)
    back[:, 2] -= corner
    return sampled(around, back, (size, size))


def _surroundings(image: np.ndarray, back: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of an image that a crop shows, and (2,) where its first pixel is in the image.

    Where the crop reaches beyond the image, the part has one black pixel more, so that the last one fades to black.
    """
    ends = np.array([[0, 0, 1], [size, 0, 1], [0, size, 1], [size, size, 1]]) @ back.T
    most = np.array([image.shape[1], image.shape[0]])
    low = np.clip(np.floor(ends.min(axis=0)) - 1, -1, most).astype(int)
    high = np.clip(np.ceil(ends.max(axis=0)) + 1, low + 1, most + 1).astype(int)
    part = image[max(low[1], 0) : high[1], max(low[0], 0) : high[0]]
    before, after = np.maximum(-low, 0), np.maximum(high - most, 0)
    return np.pad(part, ((before[1], after[1]), (before[0], after[0]), (0, 0))), low


def boxed(image: np.ndarray, box: tuple[float, float, float, float], size: int) -> np.ndarray:
    """Return the part of an image (height, width, 3) uint8 in a box, squeezed to (size, size, 3) uint8.

    It is what facenet-pytorch's `extract_face` cuts without a margin. What lies beyond the image is left out.

    Args:
        image: the image.
        box: left, top, right, bottom in its pixels.
        size: side of the crop in pixels.
    """
    height, width = image.shape[:2]
    left, top = int(np.clip(box[0], 0, width - 1)), int(np.clip(box[1], 0, height - 1))
    right, bottom = max(int(min(box[2], width)), left + 1), max(int(min(box[3], height)), top + 1)
    return whole(image[top:bottom, left:right], size)


def whole(image: np.ndarray, size: int) -> np.ndarray:
    """Return the whole image (height, width, 3) uint8 squeezed to (size, size, 3), as torchvision's `Resize` does."""
    return np.array(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))
