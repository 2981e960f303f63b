"""Writes the reference tables that tests/accuracy.rs reads, with mpmath at 100 digits.

Run:  pip install mpmath gmpy2 && python3 reference.py            (tests/data/*.csv)
      python3 reference.py DIRECTORY SCALE [NAME ...]             (SCALE times as many points)

A row is the argument's bits (one or two columns of hexadecimal), the bits of the true value
rounded to a double, and by how much the true value exceeds that, in units of its last place. So a
result's error is known to a thousandth of an ulp. Points: uniform over the ranges that matter,
uniform in the exponent over all doubles, and close to every zero, pole, branch and end.
"""

import math
import pathlib
import random
import struct
import sys

from mpmath import mp, mpf

mp.dps = 100


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def double(b):
    return struct.unpack("<d", struct.pack("<Q", b))[0]


def rounded(v):
    """The nearest double, and the excess of `v` in ulp."""
    if v == 0:
        return 0.0, 0.0
    _, e = mp.frexp(abs(v))
    unit = max(int(e) - 53, -1074)
    scaled = mp.ldexp(v, -unit)
    n = mp.nint(scaled)
    try:
        return math.ldexp(int(n), unit), float(scaled - n)
    except OverflowError:
        return math.copysign(math.inf, v), 0.0


def uniform(low, high, count):
    return [random.uniform(low, high) for _ in range(count)]


def logarithmic(low, high, count, signs=(1,)):
    """Magnitudes between 2^low and 2^high, uniform in the exponent."""
    return [random.choice(signs) * math.ldexp(random.uniform(1, 2), random.randint(low, high - 1))
            for _ in range(count)]


def around(points, count):
    """Each point, its neighbours, and points at all small distances on both sides."""
    found = []
    for p in points:
        found += [p, math.nextafter(p, math.inf), math.nextafter(p, -math.inf)]
        for _ in range(count):
            found.append(p + random.choice((-1, 1)) * math.ldexp(random.random(), random.randint(-50, -1)))
    return found


BOTH = (1, -1)
SUBNORMAL = [5e-324, 1.5e-323, 1e-310, 2.2250738585072014e-308, 2.225073858507201e-308]
SIGNED_SUBNORMAL = SUBNORMAL + [-x for x in SUBNORMAL]
HUGE = [1e30, 1e100, 1e300, 1.7976931348623157e308, 6381956970095103.0 * 2.0**797, 2.0**30, 2.0**31]


def real_line(low, high, n, points=()):
    """Points for a function on the real line that saturates or overflows outside [low, high]."""
    return (uniform(low, high, 60 * n) + uniform(-2, 2, 60 * n) + logarithmic(-60, 3, 60 * n, BOTH)
            + logarithmic(-1074, 1023, 15 * n, BOTH) + around(points, 6 * n) + SIGNED_SUBNORMAL)


def positive(n, points=()):
    return (uniform(0, 3, 60 * n) + uniform(0.68, 1.45, 60 * n) + logarithmic(-1074, 1024, 60 * n)
            + around(points, 20 * n) + SUBNORMAL)


def angles(n):
    near = [k * math.pi / 2 for k in (1, 2, 3, 4, 5, 22, 355, 1000, 12345678, 573204)]
    return (uniform(-4, 4, 80 * n) + uniform(-1000, 1000, 30 * n)
            + logarithmic(-40, 30, 50 * n, BOTH) + logarithmic(30, 1024, 30 * n, BOTH)
            + [math.nextafter(x, d) for x in near for d in (x, 0.0, math.inf)]
            + around(near[:4], 5 * n) + SIGNED_SUBNORMAL + HUGE)


def pairs(n):
    first = uniform(-3, 3, 100 * n) + logarithmic(-1060, 1020, 50 * n, BOTH)
    second = uniform(-3, 3, 100 * n) + logarithmic(-1060, 1020, 50 * n, BOTH)
    near = logarithmic(-500, 500, 50 * n, BOTH)
    return (list(zip(first, second))
            + [(x, x * math.ldexp(random.uniform(-1, 1), random.randint(-3, 3))) for x in near])


def powers(n):
    found = [(x, y) for x, y in zip(uniform(0, 5, 60 * n), uniform(-20, 20, 60 * n))]
    for x in logarithmic(-1060, 1020, 60 * n) + uniform(0.9, 1.1, 60 * n):
        limit = min(1080 / abs(math.log2(x)), 1e300)
        found.append((x, random.uniform(-limit, limit)))
    found += [(-x, float(random.randint(-40, 40))) for x in uniform(0, 9, 20 * n)]
    return found


def log_gamma(x):
    if x > 0:
        return mp.loggamma(x)
    with mp.workdps(450 if abs(x) < 1e-280 else 150):
        return mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)


def on_gamma_line(n):
    """Both half lines; on the negative one without the integers."""
    negative = [x for x in uniform(-30, 0, 60 * n) if x != math.floor(x)]
    return (uniform(0, 10, 80 * n) + logarithmic(-40, 40, 50 * n) + logarithmic(-300, 0, 10 * n, BOTH)
            + around([1.0, 2.0, 1.4616321449683622], 10 * n) + negative)


def scaled_integral(n, x):
    """e^(x²) times the n-fold repeated integral of erfc, from -1 on (DLMF 7.18.10 and 7.18.7)."""
    if x > 0:
        half = mpf(1) / 2
        return mpf(2) ** -n * mp.hyperu(half * (n + 1), half, x * x) / mp.sqrt(mp.pi)
    below, value = 2 / mp.sqrt(mp.pi), 2 * mp.exp(x * x) - scaled_integral(0, -x) if x else mpf(1)
    if n < 0:
        return below
    for k in range(1, n + 1):
        below, value = value, (below - 2 * x * value) / (2 * k)
    return value


def erfcx_derivative(n, x):
    n = int(n)
    return (-2) ** n * mp.factorial(n) * scaled_integral(n, x)


def log_ndtr(x):
    if x > 0:
        return mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)
    return -x * x / 2 + mp.log(scaled_integral(0, -x / mp.sqrt(2)) / 2)


def log_ndtr_derivative(n, x):
    """From orders 1 and 2, in which nothing cancels, by Leibniz's rule on m′ = -m·(x + m)."""
    n, u = int(n), -x / mp.sqrt(2)
    # What cancels in the higher orders are powers of x.
    with mp.workdps(mp.dps + (n - 2) * max(0, 2 * int(mp.log10(abs(x) + 1)) + 1) if n > 2 else mp.dps):
        below = scaled_integral(0, u)
        m = [mp.sqrt(2 / mp.pi) / below]
        g = [mp.sqrt(2) * scaled_integral(1, u) / below if u > 0 else x + m[0]]
        for j in range(n - 1):
            m.append(-sum(mp.binomial(j, i) * m[i] * g[j - i] for i in range(j + 1)))
            g.append(m[-1] + (1 if j == 0 else 0))
        return m[n - 1]


def normal_line(low, high, n):
    """The real line for what goes like e^(x²) on one side and like 1/x or x² on the other."""
    return (uniform(low, high, 80 * n) + uniform(-2, 2, 60 * n) + logarithmic(-60, 5, 40 * n, BOTH)
            + [x for x in logarithmic(-1074, 1023, 30 * n, BOTH) if low < x or low < -100]
            + around([0.0, 0.5, -0.5, 4.0, 1e9, -1e9, -math.sqrt(0.5), math.sqrt(0.5)], 6 * n)
            + SIGNED_SUBNORMAL)


def orders(which, points):
    return [(float(n), x) for n in which for x in points]


def on_positive_gamma_line(n):
    return uniform(0, 171.7, 60 * n) + uniform(0, 4, 60 * n) + around([1.0, 2.0, 1.4616321449683622], 10 * n)


def function_table(n):
    e, r2 = real_line, math.sqrt(0.5)
    unit = [x for x in uniform(-1, 1, 120 * n) + logarithmic(-1074, 0, 60 * n, BOTH)
            + around([1.0, -1.0, 0.5, -0.5], 10 * n) + SIGNED_SUBNORMAL if -1 <= x <= 1]
    inner = [x for x in unit if abs(x) < 1]
    return {
        "exp": (mp.exp, e(-746, 710, n, [709.7, -708.3, -745])),
        "exp2": (lambda x: mp.power(2, x), e(-1080, 1025, n, [1023.9, -1022, -1074])),
        "expm1": (mp.expm1, e(-40, 710, n, [0.35, -0.35, 1.04, -1.04])),
        "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), e(-746, 45, n, [-745, -708.3, 36.7])),
        "softplus": (lambda x: mp.log1p(mp.exp(x)), e(-746, 45, n, [-745, -708.3, 36.7, 0.0, -1.0])),
        "ln": (mp.log, positive(n, [1.0, r2, 2 * r2])),
        "log2": (lambda x: mp.log(x) / mp.log(2), positive(n, [1.0, r2, 2 * r2])),
        "log10": (lambda x: mp.log(x) / mp.log(10), positive(n, [1.0, r2, 2 * r2])),
        "log1p": (mp.log1p, [x for x in e(-1, 5, n, [r2 - 1, 2 * r2 - 1, -0.999]) + logarithmic(-60, 1024, 30 * n)
                             if x > -1]),
        "sin": (mp.sin, angles(n)),
        "cos": (mp.cos, angles(n)),
        "tan": (mp.tan, angles(n)),
        "asin": (mp.asin, unit),
        "acos": (mp.acos, unit),
        "atan": (mp.atan, e(-10, 10, n, [2.41421356, 0.41421356, 1.0, -1.0])),
        "sinh": (mp.sinh, e(-710.5, 710.5, n, [710.4, 0.35])),
        "cosh": (mp.cosh, e(-710.5, 710.5, n, [710.4, 0.35])),
        "tanh": (mp.tanh, e(-22, 22, n, [0.17, 0.55])),
        "asinh": (mp.asinh, e(-10, 10, n, [0.5, 2.0])),
        "acosh": (mp.acosh, [x for x in uniform(1, 4, 100 * n) + logarithmic(0, 1024, 60 * n)
                             + around([1.0, 2.0], 30 * n) if x >= 1]),
        "atanh": (mp.atanh, inner),
        "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), e(-10, 10, n) + logarithmic(-1074, 1024, 60 * n, BOTH)),
        "erf": (mp.erf, e(-6, 6, n, [0.84375, 1.25, 2.857])),
        "erfc": (mp.erfc, e(-6, 27.3, n, [0.84375, 1.25, 2.857, 26.5, 27.2])),
        "erfcx": (lambda x: scaled_integral(0, x), [x for x in normal_line(-26.7, 30, n) if x > -26.7]),
        "erfcx_derivative": (erfcx_derivative, orders((1, 2), [x for x in normal_line(-26.5, 30, n) if x > -26.5])),
        "log_ndtr": (log_ndtr, normal_line(-40, 39, n)),
        "log_ndtr_derivative": (log_ndtr_derivative, orders((1, 2), normal_line(-40, 39, n))),
        "gamma": (mp.gamma, on_positive_gamma_line(n) + [x for x in on_gamma_line(n) if x < 171.7 and abs(x) > 1e-308]
                  + [x for x in uniform(-185, 0, 60 * n) if x != math.floor(x)]),
        "ln_gamma": (log_gamma, on_gamma_line(n)),
        "digamma": (mp.digamma, on_gamma_line(n)),
        "trigamma": (lambda x: mp.psi(1, x), on_gamma_line(n)),
        "atan2": (lambda y, x: mp.atan2(y, x), pairs(n)),
        "hypot": (lambda x, y: mp.sqrt(x * x + y * y), pairs(n)),
        "pow": (lambda x, y: mp.power(x, int(y)) if x < 0 else mp.power(x, y), powers(n)),
    }


def main():
    here = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data"
    directory = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    scale = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    random.seed(20)
    directory.mkdir(parents=True, exist_ok=True)
    for name, (function, points) in function_table(scale).items():
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        rows = []
        for point in points:
            arguments = point if isinstance(point, tuple) else (point,)
            value = function(*map(mpf, arguments))
            nearest, excess = rounded(value)
            rows.append(",".join([f"{bits(a):x}" for a in arguments] + [f"{bits(nearest):x}", f"{excess:.4f}"]))
        (directory / f"{name}.csv").write_text("\n".join(rows) + "\n")


main()
