"""A call of a compiled program with ten inputs: from numpy, beside the same run from Rust, which takes turns with it.

    python bench/call.py
"""

import timeit

import numpy as np

import uphill

CODES = {
    "value": lambda p: p,
    "gradient": lambda p: p.gradient(),
    "value and gradient": lambda p: p.with_gradient(),
}


def main(runs=20_000, turns=15):
    p = uphill.record(lambda x: np.sum(np.sin(x) * x[::-1]) + np.exp(x[0]), {"x": 10})
    x = np.linspace(-1, 1, 10)
    print("microseconds a call, the least of several turns")
    print(f"{'':20}{'from numpy':>12}{'from Rust':>12}{'more':>8}")
    for name, of in CODES.items():
        program = of(p).compile()
        python = rust = float("inf")
        for _ in range(turns):
            python = min(python, timeit.timeit(lambda: program(x), number=runs) / runs)
            rust = min(rust, program._seconds(x, runs))
        print(f"{name:20}{1e6 * python:12.3f}{1e6 * rust:12.3f}{1e6 * (python - rust):8.3f}")


if __name__ == "__main__":
    main()
