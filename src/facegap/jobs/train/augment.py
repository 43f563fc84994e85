"""Changes that a photograph of the same face could have had: what a network must learn to see past."""

import cv2
import numpy as np

Image = np.ndarray

TURN, SCALE, SHIFT = 6.0, 0.06, 0.03
"""Standard deviations: degrees, logarithm of the factor, share of the side."""


def augment(image: Image, rng: np.random.Generator) -> Image:
    """Return a crop (size, size, 3) uint8 RGB as another photograph might have shown it.

    Mirrored, moved, turned and scaled, in another light; now and then blurred, small or badly compressed, or with
    something before the face. Everything random comes from `rng`.
    """
    image = _colour(_place(image, rng), rng)
    if rng.random() < 0.2:
        worsen = (_blur, _compress, _shrink)[rng.integers(3)]
        image = worsen(image, rng)
    return _occlude(image, rng) if rng.random() < 0.15 else image


def _place(image: Image, rng: np.random.Generator) -> Image:
    size = image.shape[0]
    middle = (size - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), rng.normal(0, TURN), float(np.exp(rng.normal(0, SCALE))))
    matrix[:, 2] += rng.normal(0, SHIFT * size, 2)
    if rng.random() < 0.5:
        image = image[:, ::-1]
    return cv2.warpAffine(np.ascontiguousarray(image), matrix, (size, size), borderMode=cv2.BORDER_REFLECT)


def _colour(image: Image, rng: np.random.Generator) -> Image:
    """Change saturation, contrast, white balance and brightness."""
    pixels = image.astype(np.float32)
    grey = pixels.mean(axis=2, keepdims=True)
    pixels = grey + (pixels - grey) * np.float32(rng.normal(1, 0.2))
    middle = np.float32(grey.mean())
    pixels = middle + (pixels - middle) * np.float32(rng.normal(1, 0.12))
    pixels = pixels * rng.normal(1, 0.04, 3).astype(np.float32) * np.float32(rng.normal(1, 0.12))
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def _blur(image: Image, rng: np.random.Generator) -> Image:
    return cv2.GaussianBlur(image, (0, 0), image.shape[0] * rng.uniform(0.004, 0.02))


def _compress(image: Image, rng: np.random.Generator) -> Image:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 70))])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded


def _shrink(image: Image, rng: np.random.Generator) -> Image:
    size = image.shape[0]
    small = max(8, round(size * rng.uniform(0.25, 0.6)))
    return cv2.resize(cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA), (size, size))


def _occlude(image: Image, rng: np.random.Generator) -> Image:
    """Put a plain rectangle somewhere (Zhong et al., "Random erasing data augmentation", AAAI 2020)."""
    size = image.shape[0]
    height, width = (rng.uniform(0.1, 0.4, 2) * size).astype(int) + 1
    top, left = rng.integers(0, size - height), rng.integers(0, size - width)
    image[top : top + height, left : left + width] = rng.integers(0, 256, 3)
    return image
