"""Writes kepler.txt: Kepler's equation E - e sin E = M and its derivatives, computed with 60 digits.

    python3 kepler.py > kepler.txt

A line holds e and M as they are in double precision, then E, dE/de, dE/dM, d2E/de2, d2E/dedM and d2E/dM2. E is found by
bisection; the derivatives are those of the equation, differentiated by hand. Needs mpmath.
"""

from mpmath import mp, mpf, sin, cos, nstr

mp.dps = 60


def root(e, M):
    low, high = M - 1, M + 1
    for _ in range(220):
        middle = (low + high) / 2
        if middle - e * sin(middle) > M:
            high = middle
        else:
            low = middle
    return (low + high) / 2


for e in ["0", "0.01", "0.3", "0.7", "0.9", "0.99", "0.999", "0.999999"]:
    for M in ["0", "1e-9", "0.001", "0.1", "1", "2.5", "3.141592653589793", "4", "6.2", "6.283185307179586"]:
        a, b = mpf(float(e)), mpf(float(M))
        E = root(a, b) if b else mpf(0)
        s, c = sin(E), cos(E)
        slope = 1 - a * c
        by_e, by_M = s / slope, 1 / slope
        # Of (1 - e cos E) E' = ..., once more: e sin E comes from the slope, cos E from its e.
        ee = (2 * c * by_e - a * s * by_e**2) / slope
        eM = (c * by_M - a * s * by_e * by_M) / slope
        MM = -a * s * by_M**2 / slope
        numbers = [E, by_e, by_M, ee, eM, MM]
        print(e, M, *(nstr(number, 25) for number in numbers))
