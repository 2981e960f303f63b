//! Sparse Jacobians and Hessians: a table of patterns and random ones. Entries are held against dual numbers, which know
//! no colours; sweeps against what the literature gives for the pattern; forms against the entries.

mod common;

use std::collections::BTreeSet;

use common::close;
use proptest::prelude::*;
use uphill_graph::{Compressed, Dual, Error, Function, Inputs, Scalar, Sparse, Var};

/// A matrix by duals: column by column, put row by row.
fn by_duals(f: &Function, x: &[f64]) -> Vec<Vec<f64>> {
    let columns: Vec<Vec<Dual<f64>>> = (0..x.len())
        .map(|column| {
            let seed = |(k, &x)| if k == column { Dual::variable(x) } else { Dual::constant(x) };
            let point: Vec<Dual<f64>> = x.iter().enumerate().map(seed).collect();
            f.eval_scalar(&point).unwrap()
        })
        .collect();
    let row = |row: usize| columns.iter().map(|column| column[row].tangent).collect();
    (0..f.outputs().len()).map(row).collect()
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|k| 0.3 + 0.6 * (k as f64 * 0.7).sin()).collect()
}

/// Everything that holds for any sparse matrix, held against the dense one.
fn check(what: &str, sparse: &Sparse, dense: &[Vec<f64>], x: &[f64]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut fail = |message: String| wrong.push(format!("{what}: {message}"));
    assert_eq!(sparse.function.verify(), Ok(()));
    if (sparse.rows, sparse.columns) != (dense.len(), x.len()) {
        fail(format!(
            "{} × {} instead of {} × {}",
            sparse.rows,
            sparse.columns,
            dense.len(),
            x.len()
        ));
    }
    if !sparse.entries.iter().is_sorted_by(|a, b| a < b) {
        fail("entries do not come row by row".into());
    }
    let values = sparse.function.eval(x).unwrap();
    let mut rest: Vec<Vec<f64>> = dense.to_vec();
    for ((row, column), &value) in sparse.entries.iter().zip(&values) {
        if !close(value, dense[row][column], 1e-13) {
            fail(format!("({row}, {column}) is {value:?}, by duals {:?}", dense[row][column]));
        }
        rest[row][column] = 0.0;
    }
    if rest.iter().flatten().any(|&left| left != 0.0) {
        fail("an entry other than 0 is missing".into());
    }
    for (name, lines, compressed, by_row) in
        [("CSR", sparse.rows, sparse.csr(), true), ("CSC", sparse.columns, sparse.csc(), false)]
    {
        let stored = unpacked(&compressed, &compressed.values(&values).unwrap());
        let mut expected: Vec<(usize, usize, f64)> = sparse
            .entries
            .iter()
            .zip(&values)
            .map(|((r, c), &v)| if by_row { (r, c, v) } else { (c, r, v) })
            .collect();
        expected.sort_by_key(|&(line, index, _)| (line, index));
        if compressed.starts.len() != lines + 1 || stored != expected {
            fail(format!("{name} holds {stored:?} instead of {expected:?}"));
        }
    }
    for (name, part, kept) in [
        ("lower", sparse.lower(), (|r, c| r >= c) as fn(usize, usize) -> bool),
        ("upper", sparse.upper(), |r, c| r <= c),
    ] {
        let of_part = part.function.eval(x).unwrap();
        let mut expected = sparse.entries.iter().zip(&values).filter(|(at, _)| kept(at.0, at.1));
        let same = part.entries.len() == of_part.len()
            && part.entries.iter().zip(&of_part).all(|(at, value)| {
                expected.next().is_some_and(|(a, v)| a == at && v.to_bits() == value.to_bits())
            })
            && expected.next().is_none();
        if !same || part.function.graph().len() > sparse.function.graph().len() {
            fail(format!("the {name} triangle is {:?}: {of_part:?}", part.entries));
        }
    }
    wrong
}

fn unpacked(compressed: &Compressed, values: &[f64]) -> Vec<(usize, usize, f64)> {
    let lines = compressed.starts.windows(2).enumerate();
    lines
        .flat_map(|(line, span)| (span[0]..span[1]).map(move |at| (line, at)))
        .map(|(line, at)| (line, compressed.indices[at], values[at]))
        .collect()
}

/// A function whose Hessian has these entries off the diagonal, and the diagonal where one is asked for.
fn with_hessian(n: usize, pairs: &BTreeSet<(usize, usize)>, diagonal: bool) -> Function {
    Function::record(Inputs::new().variables("x", n), |x| {
        let mut sum: Var<'_> = x.iter().copied().sum();
        if diagonal {
            sum += x.iter().map(|x| x.sin()).sum::<Var<'_>>();
        }
        for &(a, b) in pairs {
            let weight = 1.0 + 0.01 * (a * 7 + b * 3) as f64;
            sum += weight * if diagonal { (x[a] * x[b]).exp() } else { x[a] * x[b] };
        }
        sum
    })
    .unwrap()
}

/// A function whose Jacobian has these entries.
fn with_jacobian(rows: usize, columns: usize, places: &BTreeSet<(usize, usize)>) -> Function {
    Function::record_many(Inputs::new().variables("x", columns), |x| {
        let row = |row: usize| {
            let terms = places.range((row, 0)..(row + 1, 0));
            let terms = terms.map(|&(_, c)| (1.0 + 0.1 * c as f64) * x[c] * x[c]);
            terms.sum::<Var<'_>>().sin() + row as f64
        };
        (0..rows).map(row).collect()
    })
    .unwrap()
}

fn hessian_of(f: &Function) -> (Sparse, Vec<Vec<f64>>, Vec<f64>) {
    let x = point(f.inputs().len());
    (f.sparse_hessian().unwrap(), by_duals(&f.gradient().unwrap(), &x), x)
}

/// Entries of a Hessian whose mirror image is another node.
fn computed_twice(what: &str, hessian: &Sparse) -> Vec<String> {
    let outputs = hessian.function.outputs();
    let twice = hessian.entries.iter().zip(outputs).filter(|&((row, column), output)| {
        let place = hessian.entries.find(column, row);
        place.is_some_and(|other| outputs[other].node != output.node)
    });
    twice.map(|(at, _)| format!("{what}: {at:?} is computed twice")).collect()
}

fn band(n: usize, reach: usize) -> BTreeSet<(usize, usize)> {
    (0..n).flat_map(|a| (a + 1..n.min(a + reach + 1)).map(move |b| (a, b))).collect()
}

fn hub(n: usize, hub: usize) -> BTreeSet<(usize, usize)> {
    (0..n).filter(|&k| k != hub).map(|k| (k.min(hub), k.max(hub))).collect()
}

fn both(mut a: BTreeSet<(usize, usize)>, b: BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    a.extend(b);
    a
}

/// Pairs that a fixed generator draws, `degree` for each vertex.
fn drawn(rows: usize, columns: usize, degree: usize) -> BTreeSet<(usize, usize)> {
    let mut state = 20_261_129_u64;
    let mut draw = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    (0..rows * degree).map(|k| (k % rows, draw(columns))).collect()
}

fn symmetric_drawn(n: usize, degree: usize) -> BTreeSet<(usize, usize)> {
    let places = drawn(n, n, degree).into_iter().filter(|(a, b)| a != b);
    places.map(|(a, b)| (a.min(b), a.max(b))).collect()
}

#[test]
fn hessians_of_known_patterns() {
    let n = 24;
    let blocks =
        (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).filter(|(a, b)| a / 4 == b / 4);
    let grid = (0..n).flat_map(|k| {
        let right = ((k + 1) % 6 != 0).then_some((k, k + 1));
        right.into_iter().chain((k + 6 < n).then_some((k, k + 6)))
    });
    let two_sides = (0..3).flat_map(|a| (3..n).map(move |b| (a, b))).collect::<BTreeSet<_>>();
    // Pattern, whether it has a diagonal, and the most sweeps: the fewest that any star colouring has where it is known.
    let table = [
        ("diagonal", BTreeSet::new(), true, 1),
        ("empty", BTreeSet::new(), false, 0),
        ("tridiagonal", band(n, 1), true, 3),
        ("five diagonals", band(n, 2), true, 5),
        ("seven diagonals", band(n, 3), true, 7),
        ("ring", both(band(n, 1), BTreeSet::from([(0, n - 1)])), true, 4),
        ("arrow, first", hub(n, 0), true, 2),
        ("arrow, last", hub(n, n - 1), true, 2),
        ("arrow, middle", hub(n, 11), true, 2),
        ("arrow without diagonal", hub(n, 5), false, 1),
        ("two hubs", both(hub(n, 0), hub(n, n - 1)), true, 3),
        ("arrow and tridiagonal", both(hub(n, 0), band(n, 1)), true, 4),
        ("dense", band(n, n), true, n),
        ("blocks", blocks.collect(), true, 4),
        ("grid", grid.collect(), true, 6),
        ("two sides", two_sides, false, 3),
        ("drawn, few", symmetric_drawn(n, 1), true, 5),
        ("drawn, many", symmetric_drawn(n, 4), true, 17),
    ];
    let mut wrong = Vec::new();
    for (name, pairs, diagonal, most) in table {
        let f = with_hessian(n, &pairs, diagonal);
        let (sparse, dense, x) = hessian_of(&f);
        wrong.extend(check(name, &sparse, &dense, &x));
        let expected = 2 * pairs.len() + if diagonal { n } else { 0 };
        if sparse.entries.len() != expected {
            wrong.push(format!("{name}: {} entries instead of {expected}", sparse.entries.len()));
        }
        let alone = f.gradient().unwrap().sparse_jacobian().unwrap().sweeps;
        if sparse.sweeps > most.min(alone) {
            wrong.push(format!(
                "{name}: {} sweeps, at most {most}, without symmetry {alone}",
                sparse.sweeps
            ));
        }
        wrong.extend(computed_twice(name, &sparse));
        let all = f.hessian().unwrap().eval(&x).unwrap();
        let differs = |(k, &value): (usize, &f64)| !close(value, dense[k / n][k % n], 1e-13);
        if all.iter().enumerate().any(differs) {
            wrong.push(format!("{name}: the dense Hessian is another"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn jacobians_of_known_patterns() {
    let n = 24;
    let diagonal = (0..n).map(|k| (k, k)).collect::<BTreeSet<_>>();
    let with_rows = |rows: &[usize], columns: &[usize]| {
        let full_rows = rows.iter().flat_map(|&row| (0..n).map(move |k| (row, k)));
        let full_columns = columns.iter().flat_map(|&column| (0..n).map(move |k| (k, column)));
        both(diagonal.clone(), full_rows.chain(full_columns).collect())
    };
    let full = |rows: usize, columns: usize| -> BTreeSet<(usize, usize)> {
        (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))).collect()
    };
    let shifted = |by: usize| (0..n).map(|k| (k, (k + by) % n)).collect::<BTreeSet<_>>();
    let table = [
        ("diagonal", n, n, diagonal.clone(), 1),
        ("empty", n, 5, BTreeSet::new(), 0),
        ("one entry", n, n, BTreeSet::from([(7, 3)]), 1),
        (
            "every third row empty",
            n,
            n,
            diagonal.iter().copied().filter(|p| p.0 % 3 > 0).collect(),
            1,
        ),
        ("two diagonals", n, n, both(diagonal.clone(), shifted(1)), 2),
        ("three diagonals, round", n, n, both(both(diagonal.clone(), shifted(1)), shifted(2)), 3),
        ("wide", 3, n, full(3, n), 3),
        ("tall", n, 3, full(n, 3), 3),
        ("square", 8, 8, full(8, 8), 8),
        ("one full row", n, n, with_rows(&[4], &[]), 2),
        ("one full column", n, n, with_rows(&[], &[4]), 2),
        ("full row and column, crossing on the diagonal", n, n, with_rows(&[0], &[0]), 3),
        ("full row and column, crossing off it", n, n, with_rows(&[3], &[20]), 3),
        ("two full rows and columns", n, n, with_rows(&[0, 9], &[5, n - 1]), 5),
        (
            "full row, column and band",
            n,
            n,
            both(with_rows(&[0], &[0]), both(shifted(1), shifted(2))),
            6,
        ),
        ("drawn", 2 * n, n, drawn(2 * n, n, 3), 12),
    ];
    let mut wrong = Vec::new();
    for (name, rows, columns, places, most) in table {
        let f = with_jacobian(rows, columns, &places);
        let x = point(columns);
        let dense = by_duals(&f, &x);
        let sparse = f.sparse_jacobian().unwrap();
        wrong.extend(check(name, &sparse, &dense, &x));
        if sparse.entries.iter().collect::<BTreeSet<_>>() != places {
            wrong.push(format!("{name}: entries {:?}", sparse.entries));
        }
        if sparse.sweeps > most {
            wrong.push(format!("{name}: {} sweeps, at most {most}", sparse.sweeps));
        }
        let all = f.jacobian().unwrap().eval(&x).unwrap();
        let differs =
            |(k, &value): (usize, &f64)| !close(value, dense[k / columns][k % columns], 1e-13);
        if all.iter().enumerate().any(differs) {
            wrong.push(format!("{name}: the dense Jacobian is another"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What many outputs read is walked once, and what is longer than a walk is not kept: all ways to find the same pattern.
#[test]
fn shared_parts_are_found_once() {
    const N: usize = 60;
    // A long chain of two inputs that every output reads, each at another link.
    fn chain<'g>(x: &[Var<'g>], grows: bool) -> Vec<Var<'g>> {
        let mut links = vec![x[0] * x[1]];
        for k in 0..3000 {
            let last = links[k];
            let next = last * last.sin() + if grows { x[k % x.len()] } else { x[0] };
            links.push(next);
        }
        links
    }
    for grows in [false, true] {
        let f = Function::record_many(Inputs::new().variables("x", N), |x| {
            let links = chain(x, grows);
            // From the end of the chain to its beginning, which is the worst order for walks.
            (0..N).map(|k| links[3000 - 50 * k - 1] * x[k]).collect()
        })
        .unwrap();
        let sparse = f.sparse_jacobian().unwrap();
        let expected = |row: usize| -> BTreeSet<usize> {
            let behind =
                if grows { (0..N.min(3000 - 50 * row - 1)).collect() } else { BTreeSet::new() };
            behind.into_iter().chain([0, 1, row]).collect()
        };
        for row in 0..N {
            let columns = sparse.entries.iter().filter(|at| at.0 == row).map(|at| at.1);
            assert_eq!(columns.collect::<BTreeSet<_>>(), expected(row), "row {row}, grows {grows}");
        }
    }
}

#[test]
fn a_large_arrow_takes_two_sweeps() {
    // A long one has a loop, which is derived once; what is around it is swept.
    for (n, sweeps) in [(1000, 2), (4000, 1)] {
        let f = with_hessian(n, &hub(n, 0), true);
        let sparse = f.sparse_hessian().unwrap();
        assert_eq!((sparse.sweeps, sparse.entries.len()), (sweeps, 3 * n - 2));
    }
    let places = (0..4000).flat_map(|k| [(0, k), (k, 0), (k, k)]).collect();
    let sparse = with_jacobian(4000, 4000, &places).sparse_jacobian().unwrap();
    // Rows of three entries are a loop, which is derived once; the full row is swept. In fewer rows no loop is found.
    assert_eq!((sparse.sweeps, sparse.entries.len()), (1, 3 * 4000 - 2));
    let places = (0..1000).flat_map(|k| [(0, k), (k, 0), (k, k)]).collect();
    let sparse = with_jacobian(1000, 1000, &places).sparse_jacobian().unwrap();
    assert_eq!((sparse.sweeps, sparse.entries.len()), (3, 3 * 1000 - 2));
}

#[test]
fn rows_and_columns_have_names() {
    let inputs = Inputs::new().variable("a").parameter("t").variables("x", 2);
    let f = Function::record_many(inputs, |v| {
        vec![(v[0] * v[1]).named("first"), (v[2] * v[3]).named("second")]
    })
    .unwrap();
    let sparse = f.sparse_jacobian().unwrap();
    assert_eq!(sparse.row_names, ["first", "second"]);
    assert_eq!(sparse.column_names, ["a", "x[0]", "x[1]"]);
    assert_eq!(sparse.entries, [(0, 0), (1, 1), (1, 2)]);
    let f = f.select(&["second"]).unwrap();
    let hessian = f.sparse_hessian().unwrap().upper();
    assert_eq!(hessian.row_names, ["a", "x[0]", "x[1]"]);
    assert_eq!(hessian.column_names, hessian.row_names);
    assert_eq!(hessian.function.output_names().collect::<Vec<_>>(), ["d2second/dx[0]dx[1]"]);
}

#[test]
fn numbers_of_another_length_are_refused() {
    let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1]).unwrap();
    let error = f.sparse_hessian().unwrap().csr().values(&[1.0]).unwrap_err();
    assert!(matches!(error, Error::WrongLength { expected: 3, got: 1, .. }), "{error}");
    assert_eq!(error.to_string(), "entries of a sparse matrix: expected 3 numbers, got 1");
}

/// Rows, columns and places; the first `n` rows and columns of a drawn list.
fn places() -> impl Strategy<Value = (usize, usize, BTreeSet<(usize, usize)>)> {
    (1..=14_usize, 1..=14_usize, prop::collection::btree_set((0..14_usize, 0..14_usize), 0..60))
        .prop_map(|(rows, columns, places)| {
            let inside = places.into_iter().filter(|at| at.0 < rows && at.1 < columns);
            (rows, columns, inside.collect())
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_jacobians((rows, columns, places) in places()) {
        let f = with_jacobian(rows, columns, &places);
        let x = point(columns);
        let sparse = f.sparse_jacobian().unwrap();
        let wrong = check("random", &sparse, &by_duals(&f, &x), &x);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        prop_assert!(sparse.sweeps <= rows.min(columns));
    }

    #[test]
    fn random_hessians((n, _, places) in places(), diagonal in any::<bool>()) {
        let pairs = places.into_iter().filter(|(a, b)| a < b && *b < n).collect();
        let f = with_hessian(n, &pairs, diagonal);
        let (sparse, dense, x) = hessian_of(&f);
        let mut wrong = check("random", &sparse, &dense, &x);
        wrong.extend(computed_twice("random", &sparse));
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        prop_assert!(sparse.sweeps <= n);
    }
}

/// A rectangular and a square matrix with numbers at a point, row by row.
#[cfg(any(feature = "faer", feature = "nalgebra", feature = "sprs"))]
fn matrices() -> Vec<(Sparse, Vec<f64>, Vec<Vec<f64>>)> {
    let places = both(hub(6, 2), BTreeSet::from([(0, 7), (4, 1)]));
    let f = with_jacobian(7, 8, &places);
    let x = point(8);
    let jacobian = f.sparse_jacobian().unwrap();
    let numbers = jacobian.function.eval(&x).unwrap();
    let (hessian, dense, x) = hessian_of(&with_hessian(9, &hub(9, 4), true));
    let lower = hessian.lower();
    let of_hessian = hessian.function.eval(&x).unwrap();
    let of_lower = lower.function.eval(&x).unwrap();
    let below = |(row, line): (usize, &Vec<f64>)| -> Vec<f64> {
        line.iter().enumerate().map(|(c, &v)| if row >= c { v } else { 0.0 }).collect()
    };
    let lower_dense = dense.iter().enumerate().map(below).collect();
    vec![
        (jacobian, numbers, by_duals(&f, &point(8))),
        (hessian, of_hessian, dense),
        (lower, of_lower, lower_dense),
    ]
}

/// Every entry, zeros too.
#[cfg(any(feature = "faer", feature = "nalgebra", feature = "sprs"))]
fn same(dense: &[Vec<f64>], entry: impl Fn(usize, usize) -> f64) {
    for (row, line) in dense.iter().enumerate() {
        for (column, &value) in line.iter().enumerate() {
            let found = entry(row, column);
            assert!(close(found, value, 1e-13), "({row}, {column}): {found} instead of {value}");
        }
    }
}

#[cfg(feature = "faer")]
#[test]
fn faer_gets_the_same_matrix() {
    for (sparse, numbers, dense) in matrices() {
        let matrix = sparse.to_faer(&numbers).unwrap();
        assert_eq!((matrix.nrows(), matrix.ncols()), (sparse.rows, sparse.columns));
        assert_eq!(matrix.compute_nnz(), numbers.len());
        same(&dense, |row, column| matrix.get(row, column).copied().unwrap_or(0.0));
        assert!(matches!(sparse.to_faer(&[]), Err(Error::WrongLength { .. })));
    }
}

#[cfg(feature = "nalgebra")]
#[test]
fn nalgebra_gets_the_same_matrix() {
    for (sparse, numbers, dense) in matrices() {
        let matrix = sparse.to_nalgebra(&numbers).unwrap();
        assert_eq!((matrix.nrows(), matrix.ncols()), (sparse.rows, sparse.columns));
        assert_eq!(matrix.nnz(), numbers.len());
        same(&dense, |row, column| matrix.get_entry(row, column).unwrap().into_value());
        assert!(matches!(sparse.to_nalgebra(&[]), Err(Error::WrongLength { .. })));
    }
}

#[cfg(feature = "sprs")]
#[test]
fn sprs_gets_the_same_matrix() {
    for (sparse, numbers, dense) in matrices() {
        let matrix = sparse.to_sprs(&numbers).unwrap();
        assert_eq!(matrix.shape(), (sparse.rows, sparse.columns));
        assert_eq!(matrix.nnz(), numbers.len());
        same(&dense, |row, column| matrix.get(row, column).copied().unwrap_or(0.0));
        assert!(matches!(sparse.to_sprs(&[]), Err(Error::WrongLength { .. })));
    }
}
