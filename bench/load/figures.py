"""Arithmetic on what bench/load/run has measured."""

import math
import statistics

DROPPED_FIRST_S, DROPPED_LAST_S = 2, 1


def dispersion(arrivals_ns):
    """Of arrivals at the receiver: variance / mean of their number in each millisecond, and arrivals a second.

    0 is as even as can be, 1 a Poisson process. The first 2 s and the last 1 s are left out.
    """
    begin = arrivals_ns[0] + DROPPED_FIRST_S * 1_000_000_000 if arrivals_ns else 0
    bins = (arrivals_ns[-1] - DROPPED_LAST_S * 1_000_000_000 - begin) // 1_000_000 if arrivals_ns else 0
    if bins < 500:
        raise RuntimeError(f"arrivals of {max(bins, 0)} ms are left to look at, expected 500 at least")
    counts = [0] * bins
    for at in arrivals_ns:
        place = (at - begin) // 1_000_000
        if 0 <= place < bins:
            counts[place] += 1
    mean = statistics.fmean(counts)
    return statistics.pvariance(counts, mean) / mean, mean * 1000


def slope(points):
    """Least squares through (x, y): the slope and its standard error."""
    if len(points) < 10:
        raise RuntimeError(f"{len(points)} samples give no slope, expected 10 at least")
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - rise * (x - mean_x)) ** 2 for x, y in points)
    return rise, math.sqrt(rest / (len(points) - 2) / spread)
