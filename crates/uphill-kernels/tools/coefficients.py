"""Derives every polynomial and every split constant that the kernels use, and prints them.

Run:  pip install mpmath && python3 coefficients.py

Each polynomial is found by Remez's exchange in 60 digits: it minimises the largest error that it
causes in the whole function, relative to that function. The heading of each gives that error once
the coefficients are doubles; it should lie well below 2^-54 = 5.6e-17. (Where the first
coefficient is not a double, rounding it bounds what more terms could gain.)
"""

from mpmath import mp, mpf, cos, exp, expm1, log, lu_solve, matrix, pi, sin, sqrt, atan, tan

mp.dps = 60


def evaluate(coefficients, t):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * t + c
    return total


def remez(function, weight, low, high, count):
    """The polynomial p of `count` terms with the least max |weight·(p - function)|."""
    low, high = mpf(low), mpf(high)
    grid = [low + (high - low) * (1 - cos(pi * (i + mpf("0.5")) / 1000)) / 2 for i in range(1000)]
    grid = [t for t in grid if weight(t) != 0]
    value = {t: function(t) for t in grid}
    points = [grid[(len(grid) - 1) * i // count] for i in range(count + 1)]
    for _ in range(12):
        system = matrix(count + 1, count + 1)
        right = matrix(count + 1, 1)
        for i, t in enumerate(points):
            for j in range(count):
                system[i, j] = t**j
            system[i, count] = (-1) ** i / weight(t)
            right[i] = value[t]
        solution = lu_solve(system, right)
        coefficients = [solution[j] for j in range(count)]
        error = [weight(t) * (evaluate(coefficients, t) - value[t]) for t in grid]
        # The extremum of each run of one sign; keep the count + 1 neighbours that are largest.
        extrema = []
        for t, e in zip(grid, error):
            if extrema and (e > 0) == (extrema[-1][1] > 0):
                if abs(e) > abs(extrema[-1][1]):
                    extrema[-1] = (t, e)
            else:
                extrema.append((t, e))
        while len(extrema) > count + 1:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        if len(extrema) < count + 1:
            break
        sizes = [abs(e) for _, e in extrema]
        points = [t for t, _ in extrema]
        if max(sizes) < min(sizes) * mpf("1.01"):
            break
    return coefficients


def report(name, function, weight, low, high, count, first_as_pair=False):
    exact = remez(function, weight, low, high, count)
    coefficients = [mpf(float(c)) for c in exact]
    if first_as_pair:
        rest = float(exact[0] - coefficients[0])
        coefficients[0] += rest
    worst = mpf(0)
    for i in range(1, 800, 2):  # odd steps, so that 0 is left out
        t = mpf(low) + (mpf(high) - low) * i / 801
        worst = max(worst, abs(weight(t) * (evaluate(coefficients, t) - function(t))))
    print(f"// {name}: {count} terms, error {mp.nstr(worst, 3)}")
    for c in coefficients:
        print(f"    {float(c)!r},")
    if first_as_pair:
        print(f"// and what the first one lacks: {rest!r}")


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


def parts(name, value, count):
    """value ≈ the sum of `count` doubles, each what is left after those before, rounded."""
    listed = []
    for _ in range(count):
        listed.append(float(value))
        value -= mpf(listed[-1])
    print(f"// {name}: {listed}")


# e^r = 1 + r + r²·(1/2 + r·P(r)); the source has 1/2 and P in one list
report(
    "EXP", near(lambda r: (expm1(r) - r - r**2 / 2) / r**3, factorial_series(3, 1, 1)),
    lambda r: r**3 / exp(r), mpf("-0.3468"), mpf("0.3468"), 9,
)

# The same P for e^r - 1 alone, whose relative error near 0 asks for one term more
report(
    "EXPM1", near(lambda r: (expm1(r) - r - r**2 / 2) / r**3, factorial_series(3, 1, 1)),
    lambda r: r**3 / expm1(r), mpf("-0.3468"), mpf("0.3468"), 10,
)

# ln((1+s)/(1-s)) = 2s + s·z·P(z), z = s²
reach = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.0001")
report(
    "LN", near(lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z) - 2) / z,
               [mpf(2) / (2 * i + 3) for i in range(24)]),
    lambda z: z / (2 + z / 3), mpf(0), reach, 7,
)

# sin r = r + r·z·P(z), z = r², for |r| <= pi/4, and cos r = 1 - z/2 + z²·P(z)
sine = near(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, [-c for c in factorial_series(3, 2, -1)])
sine_weight = lambda z: z / (sin(sqrt(z)) / sqrt(z)) if z > 0 else mpf(0)
quarter = (pi / 4) ** 2 * mpf("1.0001")
report("SIN_QUARTER_TURN", sine, sine_weight, mpf(0), quarter, 6)
report(
    "COS_QUARTER_TURN", near(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2,
                             factorial_series(4, 2, -1)),
    lambda z: z**2 / cos(sqrt(z)), mpf(0), quarter, 6,
)

# atan u = u + u·z·P(z), z = u², for |u| <= tan(pi/8)
report(
    "ATAN", near(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z,
                 [mpf(-1) ** (i + 1) / (2 * i + 3) for i in range(40)]),
    lambda z: z, mpf(0), tan(pi / 8) ** 2 * mpf("1.0001"), 11,
)

# (1 + 2x)·erfcx(x) = c + q·P(q), q = (x-4)/(x+4), from 0 to infinity; c, the first one, as a pair
def erfcx_by_four(q):
    x = 4 * (1 + q) / (1 - q)
    return (1 + 2 * x) * mp.hyperu(mpf(1) / 2, mpf(1) / 2, x * x) / sqrt(pi)


report(
    "ERFCX", erfcx_by_four, lambda q: 1 / erfcx_by_four(q), mpf(-1), 1 - mpf(2) ** -40, 25,
    first_as_pair=True,
)

split("ln 2", log(2), 42)
split("log10 2", log(mpf(2), 10), 42)
parts("ln 2", log(2), 2)
parts("1/ln 2", 1 / log(2), 2)
parts("1/ln 10", 1 / log(10), 2)
parts("pi", pi, 4)
parts("pi/2", pi / 2, 4)
parts("pi/4", pi / 4, 2)
parts("2/pi", 2 / pi, 1)
parts("tan(pi/8)", tan(pi / 8), 1)
parts("tan(3 pi/8)", tan(3 * pi / 8), 1)
parts("1/sqrt(pi)", 1 / sqrt(pi), 2)
parts("sqrt(2/pi)", sqrt(2 / pi), 1)
