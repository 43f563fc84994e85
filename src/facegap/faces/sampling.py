"""What an image shows between its pixels."""

import numpy as np
from PIL import Image


def sampled(image: np.ndarray, back: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture (height, width, 3) uint8 whose pixel (x, y) is what an image shows at `back @ (x, y, 1)`.

    The four pixels around that place count by their distance (bilinear), nothing is smoothed, and beyond the image
    all is black. The centre of a pixel has whole numbers. OpenCV 5 samples so too, to one level of 255.

    Args:
        image: (height, width, 3) uint8.
        back: (2, 3), from the picture to the image.
        size: width and height of the picture.
    """
    corners = np.array(back, dtype=np.float64)
    corners[:, 2] += 0.5 - 0.5 * corners[:, :2].sum(axis=1)  # Pillow counts from the corner of a pixel
    planes = [
        Image.fromarray(image[..., channel].astype(np.float32)).transform(  # Pillow rounds bytes down
            size, Image.Transform.AFFINE, tuple(corners.ravel()), Image.Resampling.BILINEAR
        )
        for channel in range(3)
    ]
    return np.rint(np.dstack([np.asarray(plane) for plane in planes])).astype(np.uint8)
