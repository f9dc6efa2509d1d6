"""Linear classes by least squares: one solver for thirty lessons and for 200,000. Pure.

Each class has a target of +1 on its lessons and −1 on the others; the weights minimise the
weighted squared error plus ``penalty`` times their squared length (regularised least squares
classification: Rifkin, Yeo and Poggio 2003). All classes are solved at once by conjugate gradients
on the normal equations, which need nothing but products with the sparse matrix; a few rounds are
enough, and stopping early regularises as well. Measured on a street's year: as good as a linear
SVM, in a third of the time at 20,000 lessons, and the same whatever the order of the lessons.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Matrix: TypeAlias = sparse.csr_matrix

_TINY = np.float32(1e-20)


def ridge(
    matrix: Matrix,
    labels: NDArray[np.int64],
    classes: int,
    weights: Floats,
    *,
    penalty: float,
    rounds: int,
    start: Floats | None = None,
) -> Floats:
    """Weights (columns of ``matrix`` × ``classes``).

    ``labels``: the class of each row, from 0; ``weights``: how much each row counts. ``start``:
    where to begin, such as the weights of a part of the lessons.
    """
    # Weights go into the matrix once: rows times the root of their weight.
    root = np.sqrt(weights)
    scaled = sparse.csr_matrix(sparse.diags_array(root) @ matrix)
    turned = sparse.csr_matrix(scaled.T)
    target = np.repeat(-root[:, None], classes, axis=1)
    target[np.arange(len(labels)), labels] = root
    found = np.zeros((matrix.shape[1], classes), dtype=np.float32)
    if start is not None:
        found += start
        target -= scaled @ found
    residual = turned @ target
    residual -= np.float32(penalty) * found
    direction = residual.copy()
    size = np.einsum("ij,ij->j", residual, residual)
    for _ in range(rounds):
        moved = turned @ (scaled @ direction)
        moved += np.float32(penalty) * direction
        step = size / np.maximum(np.einsum("ij,ij->j", direction, moved), _TINY)
        found += step * direction
        residual -= step * moved
        after = np.einsum("ij,ij->j", residual, residual)
        direction *= after / np.maximum(size, _TINY)
        direction += residual
        size = after
    return found
