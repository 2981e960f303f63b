"""Derives every polynomial and every split constant that the kernels use, and prints them.

Run:  pip install mpmath && python3 coefficients.py

A polynomial interpolates its function at the Chebyshev nodes of its interval, in 60 digits. That
is within a small factor of the best possible polynomial and needs no iteration. The last column
of each heading is the largest error that the polynomial causes in the whole function, relative to
that function, with the coefficients rounded to doubles: it should lie well below 2^-54 = 5.6e-17.
"""

from mpmath import mp, mpf, cos, exp, expm1, log, log1p, pi, sin, sqrt, atan, tan, taylor, quad

mp.dps = 60


def interpolate(function, low, high, count):
    """Coefficients, constant first, of the polynomial through `count` Chebyshev nodes."""
    middle, half = (mpf(high) + low) / 2, (mpf(high) - low) / 2
    nodes = [middle + half * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    divided = [function(node) for node in nodes]
    for order in range(1, count):
        for i in range(count - 1, order - 1, -1):
            divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - order])
    coefficients = [divided[-1]]
    for i in range(count - 2, -1, -1):  # Newton's form to powers: p ← p·(t - node) + divided
        shifted = [mpf(0)] + coefficients
        for j, c in enumerate(coefficients):
            shifted[j] -= nodes[i] * c
        shifted[0] += divided[i]
        coefficients = shifted
    return coefficients


def evaluate(coefficients, t):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * t + c
    return total


def report(name, function, low, high, count, effect):
    """Prints the polynomial; `effect(t, error)` is what an error of it at `t` does, relatively."""
    coefficients = [mpf(float(c)) for c in interpolate(function, low, high, count)]
    worst = mpf(0)
    for i in range(1, 400):
        t = low + (mpf(high) - low) * i / 400
        worst = max(worst, abs(effect(t, evaluate(coefficients, t) - function(t))))
    print(f"// {name}: {count} terms, error {mp.nstr(worst, 3)}")
    for c in coefficients:
        print(f"    {float(c)!r},")


def near(function, series):
    """`function`, or near 0, where it cancels, its power series."""
    return lambda t: evaluate(series, t) if abs(t) < mpf("0.01") else function(t)


def factorial_series(first, step, sign, count=24):
    """1/first!, sign/(first+step)!, …"""
    return [mpf(sign) ** i / mp.factorial(first + step * i) for i in range(count)]


def split(name, value, bits):
    """value ≈ high + low, high with at most `bits` bits."""
    scale = mpf(2) ** (bits - 1 - mp.floor(log(value, 2)))
    high = mp.floor(value * scale) / scale
    print(f"// {name}: {float(high)!r} + {float(value - high)!r}")


# e^r = 1 + r + r²·P(r)
report(
    "EXP", near(lambda r: (expm1(r) - r) / r**2, factorial_series(2, 1, 1)),
    mpf("-0.3468"), mpf("0.3468"), 10, lambda r, e: e * r**2 / min(abs(expm1(r)), exp(r)),
)

# ln((1+s)/(1-s)) = 2s + s·z·P(z), z = s²
reach = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2
report(
    "LN", near(lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z) - 2) / z,
               [mpf(2) / (2 * i + 3) for i in range(24)]),
    mpf(0), reach * mpf("1.0001"), 7, lambda z, e: e * z / (2 + z / 3),
)

# sin r = r + r·z·P(z), z = r², for |r| <= pi/2
report(
    "SIN_HALF_TURN", near(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z,
                          [-c for c in factorial_series(3, 2, -1)]),
    mpf(0), (pi / 2) ** 2 * mpf("1.0001"), 8, lambda z, e: e * z / (sin(sqrt(z)) / sqrt(z)),
)

# The same for |r| <= pi/4, and cos r = 1 - z/2 + z²·P(z)
quarter = (pi / 4) ** 2 * mpf("1.0001")
report(
    "SIN_QUARTER_TURN", near(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z,
                             [-c for c in factorial_series(3, 2, -1)]),
    mpf(0), quarter, 6, lambda z, e: e * z / (sin(sqrt(z)) / sqrt(z)),
)
report(
    "COS_QUARTER_TURN", near(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2,
                             factorial_series(4, 2, -1)),
    mpf(0), quarter, 6, lambda z, e: e * z**2 / cos(sqrt(z)),
)

# atan u = u + u·z·P(z), z = u², for |u| <= tan(pi/8)
report(
    "ATAN", near(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z,
                 [mpf(-1) ** (i + 1) / (2 * i + 3) for i in range(40)]),
    mpf(0), tan(pi / 8) ** 2 * mpf("1.0001"), 11, lambda z, e: e * z,
)

print(f"// 1/ln 2: {float(1 / log(2))!r} + {float(1 / log(2) - mpf(float(1 / log(2))))!r}")
print(f"// 1/ln 10: {float(1 / log(10))!r} + {float(1 / log(10) - mpf(float(1 / log(10))))!r}")
split("ln 2", log(2), 42)
split("ln 2 (full)", log(2), 53)
split("log10 2", log(mpf(2), 10), 42)
remainder = pi
for part in range(4):
    # float() rounds to nearest, so that each part is what is left after those before.
    print(f"// pi, part {part}: {float(remainder)!r}")
    remainder -= mpf(float(remainder))
print(f"// pi/2: {float(pi / 2)!r} + {float(pi / 2 - mpf(float(pi / 2)))!r}")
print(f"// pi/4: {float(pi / 4)!r} + {float(pi / 4 - mpf(float(pi / 4)))!r}")
print(f"// 1/pi: {float(1 / pi)!r}, 2/pi: {float(2 / pi)!r}, 1/ln 2: {float(1 / log(2))!r}")
print(f"// tan(pi/8): {float(tan(pi / 8))!r}, tan(3pi/8): {float(tan(3 * pi / 8))!r}")
print(f"// sqrt(1/2): {float(sqrt(mpf(1) / 2))!r}")
