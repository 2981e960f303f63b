//! Wherever an operation of the table makes NaN of finite numbers, its domain is known in words; and a function says so.

use uphill_graph::{Arity, Error, Function, Op, Scalar};

/// Numbers at and around all that is special.
const NUMBERS: [f64; 17] = [
    -1e300, -171.5, -2.5, -2.0, -1.0, -0.5, -1e-300, -0.0, 0.0, 1e-300, 0.5, 1.0, 1.5, 2.0, 3.0,
    171.5, 1e300,
];

/// All tuples of the numbers.
fn tuples(length: usize) -> Vec<Vec<f64>> {
    (0..length).fold(vec![Vec::new()], |shorter, _| {
        let longer = |tuple: &Vec<f64>| NUMBERS.map(|x| [&tuple[..], &[x]].concat());
        shorter.iter().flat_map(longer).collect()
    })
}

#[test]
fn a_nan_from_finite_numbers_is_explained_by_a_domain() {
    let mut wrong = Vec::new();
    for op in Op::ALL {
        let lengths = match op.arity() {
            Arity::Exactly(length) => vec![length],
            Arity::Any => vec![0, 1, 2, 3],
            Arity::Pairs => vec![0, 2],
        };
        let tuples: Vec<Vec<f64>> = lengths.into_iter().flat_map(tuples).collect();
        let outside = tuples.iter().find(|tuple| {
            // An overflow on the way, as of a sum of 1e300 · 1e300, leaves no domain.
            let moderate = tuple.iter().all(|x| x.abs() < 1e100);
            let allowed = op.whole_operand().is_none_or(|(place, range)| {
                tuple[place].fract() == 0.0 && range.contains(&tuple[place])
            });
            moderate && allowed && op.value(tuple).is_nan()
        });
        if let (Some(tuple), None) = (outside, op.domain()) {
            wrong.push(format!("{} is NaN at {tuple:?}", op.name()));
        }
        let Some(tuple) = outside.filter(|tuple| !tuple.is_empty()) else { continue };
        let inputs: Vec<String> = (0..tuple.len()).map(|k| format!("x{k}")).collect();
        let is_constant = |k: usize| op.whole_operand().is_some_and(|(place, _)| place == k);
        let function = Function::record(inputs, |x| {
            let operands: Vec<_> = (0..tuple.len())
                .map(|k| if is_constant(k) { Scalar::constant(tuple[k]) } else { x[k] })
                .collect();
            Scalar::apply(*op, &operands)
        });
        match function.and_then(|function| function.eval_finite(tuple)) {
            Err(Error::NotFinite { born, .. })
                if born.contains(op.domain().unwrap_or_default()) => {}
            other => wrong.push(format!("{} at {tuple:?}: {other:?}", op.name())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_made_the_nan_is_told() {
    for (recorded, x, expected) in [
        (
            Function::record(["x"], |x| x[0].ln()),
            vec![-1.0],
            "output `P` is NaN: born at P = ln(x), from x = -1 (ln is defined for numbers from 0 on)",
        ),
        (
            Function::record(["x", "y"], |x| (x[0] - x[1]).named("gap").sqrt() * 2.0),
            vec![1.0, 3.0],
            "output `P` is NaN: born at sqrt(gap), from gap = -2 (sqrt is defined for numbers from 0 on) -> P",
        ),
        (
            Function::record(["x"], |x| {
                let inverse = x[0].recip().named("inverse");
                (inverse - inverse).named("P")
            }),
            vec![0.0],
            "output `P` is NaN: born at inverse = 1/x, from x = 0 -> P",
        ),
    ] {
        assert_eq!(recorded.unwrap().eval_finite(&x).unwrap_err().to_string(), expected);
    }
}

/// A power whose exponent is near the ends of 32 bits has derivatives of any order, as all others.
#[test]
fn derivatives_of_the_largest_powers() {
    let ends = [i32::MIN, i32::MIN + 1, -2_147_483_000, 2_147_483_000, i32::MAX - 1, i32::MAX];
    for n in ends {
        let first = Function::record(["x"], |x| x[0].powi(n)).unwrap().gradient().unwrap();
        let second = first.gradient().unwrap();
        let third = second.gradient().unwrap();
        let n = f64::from(n);
        let exact = [n, n * (n - 1.0), n * (n - 1.0) * (n - 2.0)];
        for (derivative, exact) in [first, second, third].iter().zip(exact) {
            let computed = derivative.eval(&[1.0]).unwrap()[0];
            assert!((computed / exact - 1.0).abs() < 1e-15, "{n}: {computed}, not {exact}");
        }
    }
}
