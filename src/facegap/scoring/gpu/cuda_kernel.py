"""The kernels that count scores where a GPU computed them: each is read once, and counted in shared memory.

Counters in the GPU's main memory are many times slower than the product that makes the scores; those in shared memory
keep up with it. All work on pairs of blocks, which a block of threads takes one after the other, each of its warps some
rows; by subject on some columns at a time. Indices are unsigned: one that might be negative costs three instructions.
"""

import math

from numba import cuda, float32, int32, int64, uint32

from facegap.scoring.cpu.kernel import NEAR
from facegap.scoring.layout import BLOCK

WARP, THREADS = 32, 256

WORDS = 12288
"""Words of 32 bits of shared memory that every GPU gives to a block of threads."""

AHEAD = 4
"""Scores that a thread asks for at once, so that it seldom waits."""

SLACK = AHEAD * WARP
"""Floats behind the last panel that may be read, though not used."""

TRIANGLE, MIXED = 1, 2
"""Flags of a pair of blocks: only pairs of rising rows count; comparisons of one subject are among them."""


@cuda.jit(device=True)
def _bucket_of(score, scale, offset, buckets):
    """See `slots_kernel.bucket_of`."""
    bucket = int32(int32(math.floor(score * scale)) - offset)
    return uint32(min(max(bucket, int32(0)), int32(buckets - 1)))


@cuda.jit(device=True)
def _slot_of(score, bucket, first, padded):
    """See `slots_kernel.slot_of`."""
    low, high = uint32(first[bucket]), uint32(first[uint32(bucket + uint32(1))])
    while low < high:
        middle = uint32(low + high) >> uint32(1)
        if padded[uint32(middle + uint32(1))] <= score:
            low = uint32(middle + uint32(1))
        else:
            high = uint32(middle)
    return uint32(uint32(2) * low - uint32(padded[low] == score))


@cuda.jit(device=True)
def _bin_of(score, bucket, edges, of_bucket):
    """See `histogram_kernel.bin_of`."""
    place = uint32(of_bucket[bucket])
    if place > uint32(len(edges)):
        place, high = uint32(0), uint32(len(edges))
        while place < high:
            middle = uint32(place + high) >> uint32(1)
            if edges[middle] <= score:
                place = uint32(middle + uint32(1))
            else:
                high = uint32(middle)
    return place


@cuda.jit(device=True)
def _list(score, a, b, which, scores, rows, found):
    """Write a score and its rows to a list, if there is room; `found[which]` says how many asked for it."""
    at = uint32(cuda.atomic.add(found, which, 1))
    if at < uint32(len(scores)):
        scores[at] = score
        rows[at, 0] = a
        rows[at, 1] = b


@cuda.jit(device=True)
def _impostor(score, a, b, flags, subject, first, bits, padded, scale, offset, buckets, start, bar, plain, slots, high,
              high_rows, genuine, genuine_rows, found, window):  # fmt: skip
    """Count a score, or list it as genuine, and return whether it is an impostor's."""
    if flags:
        if flags & TRIANGLE and b <= a:
            return False
        if flags & MIXED and subject[a] == subject[b]:
            _list(score, a, b, 1, genuine, genuine_rows, found)
            return False
    bucket = _bucket_of(score, scale, offset, buckets)
    at = uint32(int32(bucket) - start)
    if at < uint32(WORDS):
        cuda.atomic.add(window, at, int32(1))
    else:
        cuda.atomic.add(plain, bucket, 1)
    if (bits[bucket >> uint32(5)] >> int32(bucket & uint32(31))) & int32(1):
        cuda.atomic.add(slots, _slot_of(score, bucket, first, padded), 1)
    if score >= bar:
        _list(score, a, b, 0, high, high_rows, found)
    return True


@cuda.jit
def count(scores, unit, width, work, subject, first, bits, padded, scale, offset, buckets, start, bar, plain, slots,
          sums, high, high_rows, genuine, genuine_rows, found):  # fmt: skip
    """Count impostor scores and list genuine ones.

    `scores`: flat float32, panels of BLOCK x `width` one after the other, and `SLACK` more; similarity times 1 /
    `unit`, a power of two. `work` (n, 7) int32, a pair of blocks in each row: panel, column in it, first rows in the
    layout, how many of them, flags. `subject` (M,) int32 of each row of the layout. `first`, `padded`, `scale`,
    `offset`: see `CutIndex`; `bits` (buckets / 32,) int32: which of the `buckets` are searched. From bucket `start` on
    `WORDS` are counted in shared memory. Impostor scores are listed from `bar` on.

    What is added to: `plain` (buckets,) int64, impostor scores by bucket; `slots` (2K + 1,) int64, those of searched
    buckets once more, by slot; `sums` (threads, 2) float64, their sum and sum of squares. What is written: `high` and
    `genuine` scores with their rows of the layout, as many as fit, and in `found` (2,) int32 how many there were.
    """
    window = cuda.shared.array(WORDS, int32)
    thread, threads = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x)
    lane, warp, warps = thread % uint32(WARP), thread // uint32(WARP), threads // uint32(WARP)
    offset, start = int32(offset), int32(start)
    for k in range(thread, WORDS, threads):
        window[k] = 0
    cuda.syncthreads()
    total, squares = 0.0, 0.0
    ahead = cuda.local.array(AHEAD, float32)
    for item in range(cuda.blockIdx.x, len(work), cuda.gridDim.x):
        row_a, row_b = uint32(work[item, 2]), uint32(work[item, 3])
        n, m, flags = uint32(work[item, 4]), uint32(work[item, 5]), int32(work[item, 6])
        base = int64(work[item, 0]) * BLOCK * width + work[item, 1]
        for i in range(warp, n, warps):
            line = scores[base + i * width :]
            for j in range(lane, m, uint32(SLACK)):
                for k in range(AHEAD):
                    ahead[k] = line[uint32(uint32(j) + uint32(k * WARP))] * unit
                for k in range(AHEAD):
                    column = uint32(uint32(j) + uint32(k * WARP))
                    if column < m and _impostor(
                        ahead[k], uint32(row_a + i), uint32(row_b + column), flags, subject, first, bits, padded,
                        scale, offset, buckets, start, bar, plain, slots, high, high_rows, genuine, genuine_rows,
                        found, window,
                    ):  # fmt: skip
                        wide = float(ahead[k])
                        total += wide
                        squares += wide * wide
    cuda.syncthreads()
    for k in range(thread, WORDS, threads):
        if window[k]:
            cuda.atomic.add(plain, start + k, window[k])
    me = cuda.blockIdx.x * threads + thread
    sums[me, 0] += total
    sums[me, 1] += squares


def columns_at_once(bins: int) -> int:
    """Return how many columns a piece has for `count_by_subject`, a divisor of BLOCK; 0 if there is no room for any."""
    room = WORDS - THREADS // WARP * bins
    fits = [wide for wide in (BLOCK, 256, 128, 64, 32) if wide * _stride(bins) <= room]
    return fits[0] if fits else 0


def _stride(bins: int) -> int:
    """Return the words of a column's bins, an odd number, so that neighbours lie in different banks."""
    return (bins + 1) // 2 | 1


@cuda.jit
def count_by_subject(scores, unit, width, work, subject, group, scale, offset, buckets, edges, of_bucket, wide, counts):
    """Count impostor scores for both their subjects.

    `scores`, `unit`, `width`, `work`, `subject`, `scale`, `offset`, `buckets`: see `count`. `group` (M,) int32: of each
    row of the layout. `edges`, `of_bucket`: see `Bins`. `wide`: columns of a piece. What is added to: `counts` (groups,
    bins) int64. The shared memory holds the bins of a row for each warp, then those of every column, two 16-bit
    counters to a word.
    """
    shared = cuda.shared.array(WORDS, int32)
    thread, threads = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x)
    lane, warp, warps = thread % uint32(WARP), thread // uint32(WARP), threads // uint32(WARP)
    bins = uint32(counts.shape[1])
    stride = uint32((bins + uint32(1)) // uint32(2)) | uint32(1)
    in_row, columns = uint32(warp * bins), uint32(warps * bins)
    for k in range(thread, WORDS, threads):
        shared[k] = 0
    cuda.syncthreads()
    pieces = BLOCK // wide
    for piece in range(cuda.blockIdx.x, len(work) * pieces, cuda.gridDim.x):
        item, begin = piece // pieces, piece % pieces * wide
        if begin >= work[item, 5]:
            continue
        row_a, row_b = uint32(work[item, 2]), uint32(work[item, 3] + begin)
        n, m, flags = uint32(work[item, 4]), uint32(min(work[item, 5] - begin, wide)), int32(work[item, 6])
        base = int64(work[item, 0]) * BLOCK * width + work[item, 1] + begin
        each = uint32((n + warps - uint32(1)) // warps)
        for step in range(each):
            i = uint32(warp * each + uint32(step))
            a = uint32(row_a + i)
            if i < n:
                line = scores[base + i * width :]
                for j in range(lane, m, uint32(WARP)):
                    b = uint32(row_b + uint32(j))
                    if (flags & TRIANGLE and b <= a) or (flags & MIXED and subject[a] == subject[b]):
                        continue
                    score = line[j] * unit
                    place = _bin_of(score, _bucket_of(score, scale, int32(offset), buckets), edges, of_bucket)
                    cuda.atomic.add(shared, uint32(in_row + place), int32(1))
                    more = int32(65536) if place & uint32(1) else int32(1)
                    cuda.atomic.add(shared, uint32(columns + j * stride + (place >> uint32(1))), more)
            cuda.syncthreads()
            if i < n and (step + 1 == each or i + 1 == n or group[a] != group[uint32(a + uint32(1))]):
                for k in range(lane, bins, uint32(WARP)):
                    if shared[uint32(in_row + k)]:
                        cuda.atomic.add(counts, (group[a], k), shared[uint32(in_row + k)])
                        shared[uint32(in_row + k)] = 0
            cuda.syncthreads()
        # A thread follows one bin along some of the columns, and adds once for each subject.
        spans = max(threads // bins, 1)
        span = (m + spans - 1) // spans
        for task in range(thread, bins * spans, threads):
            k, first = task % bins, task // bins * span
            end, so_far = min(first + span, m), int32(0)
            for j in range(first, end):
                word = shared[uint32(columns + j * stride + (k >> 1))]
                so_far += (word >> (16 * (k & 1))) & 0xFFFF
                if so_far and (j + 1 == end or group[row_b + j] != group[row_b + j + 1]):
                    cuda.atomic.add(counts, (group[row_b + j], k), so_far)
                    so_far = int32(0)
        cuda.syncthreads()
        for k in range(thread, m * stride, threads):
            shared[uint32(columns + k)] = 0
        cuda.syncthreads()


@cuda.jit
def to_distances(scores, unit, panels, squares, vectors):
    """Turn products into negative Euclidean distances in place, see `kernel.to_distances`.

    `scores` (rows, m): panels of BLOCK rows, one below the other, products times 1 / `unit`. `panels` (n, 2) int32: the
    first rows a and b of each in the layout. `squares` (M,), `vectors` (M, D) float32. One line of blocks of threads
    for each row.
    """
    line = cuda.blockIdx.y
    panel = line // BLOCK
    a = panels[panel, 0] + line - panel * BLOCK
    first, step = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x, cuda.gridDim.x * cuda.blockDim.x
    for j in range(first, scores.shape[1], step):
        b = panels[panel, 1] + j
        both = squares[a] + squares[b]
        distance2 = both - float32(2) * (scores[line, j] * unit)
        if distance2 < NEAR * both:
            exact = 0.0
            for k in range(vectors.shape[1]):
                difference = float(vectors[a, k]) - float(vectors[b, k])
                exact += difference * difference
            scores[line, j] = -math.sqrt(exact)
        else:
            scores[line, j] = -math.sqrt(max(distance2, float32(0)))
