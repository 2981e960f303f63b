//! Standard errors, intervals, bands and criteria against closed forms and tables; and the errors of rows and settings
//! that can't be used.

use uphill_graph::{Function, Scalar};
use uphill_solve::{Basis, Columns, Error, Fit, Fitted, Method, Model, Performance, Weights};

const X: [f64; 5] = [0.0, 1.0, 2.0, 3.0, 4.0];
const Y: [f64; 5] = [1.0, 3.0, 4.0, 8.0, 9.0];

fn line() -> Model {
    Model::record(["a", "b"], ["x"], "y", |w, x| w[0] + w[1] * x[0]).unwrap()
}

fn mean() -> Model {
    Model::record(["a"], ["x"], "y", |w, _| w[0]).unwrap()
}

fn columns(further: &[(&str, &[f64])]) -> Columns {
    let own = [("x", X.to_vec()), ("y", Y.to_vec())];
    Columns::new(own.into_iter().chain(further.iter().map(|(n, c)| (*n, c.to_vec())))).unwrap()
}

fn near(found: f64, due: f64, what: &str) {
    assert!((found - due).abs() <= 1e-9 * due.abs().max(1e-3), "{what}: {found}, due {due}");
}

fn errors(fit: &Fitted) -> Vec<f64> {
    fit.parameters().iter().map(|parameter| parameter.standard_error.unwrap()).collect()
}

/// Both ways of climbing come to the same.
const WAYS: [Method; 2] = [Method::LevenbergMarquardt, Method::QuasiNewton];

/// y = 0.8 + 2.1·x by the normal equations; squares 1.9, Sxx = 10, the mean of x 2, the spread of y 46.
#[test]
fn a_line_by_its_closed_form() {
    let table = columns(&[]);
    for way in WAYS {
        let fit = Fit::new(&line(), &table).start([0.0, 0.0]).method(way).run().unwrap();
        let variance = 1.9 / 3.0;
        near(fit.squares(), 1.9, "squares");
        near(fit.performance(), -1.9, "P");
        near(fit.residual_standard_error().unwrap(), f64::sqrt(variance), "s");
        near(fit.r_squared().unwrap(), 1.0 - 1.9 / 46.0, "R²");
        // 2·3 + 5·(ln(2π·1.9/5) + 1): two numbers and the deviation.
        near(fit.aic().unwrap(), 15.351_465_200_738, "AIC");
        assert_eq!((fit.degrees_of_freedom(), fit.rows(), fit.basis()), (3.0, 5, Basis::Residuals));
        let covariance = fit.covariance().unwrap();
        let (of_a, of_b) = (variance * (0.2 + 4.0 / 10.0), variance / 10.0);
        let both = -variance * 2.0 / 10.0;
        for (row, due) in [[of_a, both], [both, of_b]].iter().enumerate() {
            for (column, due) in due.iter().enumerate() {
                near(covariance[row][column], *due, "covariance");
            }
        }
        let correlations = fit.correlations().unwrap();
        near(correlations[0][1], both / f64::sqrt(of_a * of_b), "correlation");
        near(correlations[1][1], 1.0, "correlation with itself");
        let there = Columns::new([("x", vec![2.0, 5.0, -10.0])]).unwrap();
        let student = 3.182_446_305_284;
        for (found, x) in fit.predict(&there, 0.95).unwrap().iter().zip([2.0, 5.0, -10.0]) {
            near(found.value, 0.8 + 2.1 * x, "prediction");
            let own = variance * (0.2 + (x - 2.0) * (x - 2.0) / 10.0);
            near(found.standard_error.unwrap(), own.sqrt(), "its error");
            near(found.band.unwrap().1 - found.value, student * own.sqrt(), "band");
            let half = student * (own + variance).sqrt();
            near(found.value - found.observation.unwrap().0, half, "observation");
        }
    }
}

/// The quantiles of printed tables.
#[test]
fn intervals_are_students() {
    let levels = [0.9, 0.95, 0.99];
    for (degrees, quantiles) in [
        (1, [6.313_75, 12.706_20, 63.656_74]),
        (2, [2.919_99, 4.302_65, 9.924_84]),
        (3, [2.353_36, 3.182_45, 5.840_91]),
        (5, [2.015_05, 2.570_58, 4.032_14]),
        (10, [1.812_46, 2.228_14, 3.169_27]),
        (30, [1.697_26, 2.042_27, 2.750_00]),
    ] {
        let rows = degrees + 1;
        let y: Vec<f64> = (0..rows).map(|row| f64::from(row * row % 7)).collect();
        let x: Vec<f64> = (0..rows).map(f64::from).collect();
        let table = Columns::new([("x", x), ("y", y)]).unwrap();
        let fit = Fit::new(&mean(), &table).start([1.0]).run().unwrap();
        let error = fit.standard_error("a").unwrap().unwrap();
        for (level, due) in levels.iter().zip(quantiles) {
            let (low, high) = fit.interval("a", *level).unwrap().unwrap();
            let found = (high - low) / 2.0 / error;
            assert!((found - due).abs() < 2e-5 * due, "{degrees}, {level}: {found}, due {due}");
        }
    }
    // Errors that are known are normal.
    let table = columns(&[("s", &[2.0; 5])]);
    let fit = Fit::new(&mean(), &table).start([1.0]).sigma("s").run().unwrap();
    for (level, due) in levels.iter().zip([1.644_854, 1.959_964, 2.575_829]) {
        let (low, high) = fit.interval("a", *level).unwrap().unwrap();
        assert!(((high - low) / 2.0 - due * 2.0 / f64::sqrt(5.0)).abs() < 2e-6 * due);
    }
}

/// A row that was seen three times is three rows; one of three times the precision is one.
#[test]
fn weights_of_both_kinds() {
    let seen = [3.0, 1.0, 2.0, 0.0, 1.0];
    let sigma = [0.5, 1.0, 0.25, 2.0, 1.0];
    let weighted = columns(&[("w", &seen), ("s", &sigma)]);
    let repeat = |column: &[f64]| -> Vec<f64> {
        let each = column.iter().zip(seen);
        each.flat_map(|(number, seen)| vec![*number; seen as usize]).collect()
    };
    let repeated =
        Columns::new([("x", repeat(&X)), ("y", repeat(&Y)), ("s", repeat(&sigma))]).unwrap();
    for (performance, has_sigma) in [
        (Performance::SquaredError, false),
        (Performance::RootMeanSquare, false),
        (Performance::LogLikelihood, false),
        (Performance::Huber(0.5), false),
        (Performance::SquaredError, true),
        (Performance::LogLikelihood, true),
    ] {
        let run = |table: &Columns, weights: Option<Weights>| {
            let model = line();
            let mut fit = Fit::new(&model, table).start([0.0, 0.0]).performance(performance);
            if let Some(kind) = weights {
                fit = fit.weights("w", kind);
            }
            if has_sigma {
                fit = fit.sigma("s");
            }
            fit.run().unwrap()
        };
        let (one, other) = (run(&weighted, Some(Weights::Frequency)), run(&repeated, None));
        assert!(one.is_converged() && other.is_converged(), "{performance:?}");
        let told = format!("{performance:?}, sigma {has_sigma}");
        let all = one.values().into_iter().chain(errors(&one));
        for (one, other) in all.zip(other.values().into_iter().chain(errors(&other))) {
            assert!((one - other).abs() < 1e-8 * (1.0 + one.abs()), "{told}: {one}, {other}");
        }
        assert_eq!(one.degrees_of_freedom(), 5.0, "{told}");
        assert_eq!(one.degrees_of_freedom(), other.degrees_of_freedom(), "{told}");
        near(one.performance(), other.performance(), &told);
        near(one.r_squared().unwrap(), other.r_squared().unwrap(), &told);
        match performance {
            Performance::Huber(_) => assert!(one.aic().is_none() && other.aic().is_none()),
            _ => near(one.aic().unwrap(), other.aic().unwrap(), &told),
        }
        if has_sigma {
            continue;
        }
        // As precisions the rows are 4 observations, and the numbers the same.
        let precise = run(&weighted, Some(Weights::Precision));
        assert_eq!((precise.degrees_of_freedom(), precise.rows()), (2.0, 4), "{told}");
        for (one, other) in precise.values().iter().zip(other.values()) {
            assert!((one - other).abs() < 1e-8 * (1.0 + one.abs()), "{told}: {one}, {other}");
        }
        if performance == Performance::SquaredError {
            for (one, other) in errors(&precise).iter().zip(errors(&other)) {
                near(*one, other * f64::sqrt(5.0 / 2.0), &told);
            }
        }
    }
    // Only the ratio of precisions counts.
    let ten: Vec<f64> = seen.iter().map(|weight| 10.0 * weight).collect();
    let table = columns(&[("w", &seen), ("v", &ten)]);
    let run = |name: &str| {
        let model = line();
        Fit::new(&model, &table).start([0.0, 0.0]).weights(name, Weights::Precision).run().unwrap()
    };
    for (one, other) in errors(&run("w")).iter().zip(errors(&run("v"))) {
        near(*one, other, "ten times the precision");
    }
}

/// The closed form with weights 1/s²: errors are √(Sxx/D) and √(S/D), whatever the residuals are.
#[test]
fn known_errors_of_measurement_are_absolute() {
    let sigma = [0.5, 1.0, 0.25, 2.0, 1.0];
    let twice: Vec<f64> = sigma.iter().map(|s| 2.0 * s).collect();
    let table = columns(&[("s", &sigma), ("t", &twice)]);
    for way in WAYS {
        let run = |name: &str| {
            let model = line();
            Fit::new(&model, &table).start([0.0, 0.0]).sigma(name).method(way).run().unwrap()
        };
        let (fit, twice) = (run("s"), run("t"));
        assert_eq!(fit.basis(), Basis::Sigma);
        let of = |power: i32| -> f64 {
            X.iter().zip(&sigma).map(|(x, s)| x.powi(power) / (s * s)).sum()
        };
        let (s, sx, sxx) = (of(0), of(1), of(2));
        let d = s * sxx - sx * sx;
        let covariance = fit.covariance().unwrap();
        near(covariance[0][0], sxx / d, "of a");
        near(covariance[1][1], s / d, "of b");
        near(covariance[0][1], -sx / d, "of both");
        let moment = |power: i32| -> f64 {
            let all = X.iter().zip(&Y).zip(&sigma);
            all.map(|((x, y), s)| y * x.powi(power) / (s * s)).sum()
        };
        let a = (sxx * moment(0) - sx * moment(1)) / d;
        let b = (s * moment(1) - sx * moment(0)) / d;
        near(fit.value("a").unwrap(), a, "a");
        near(fit.value("b").unwrap(), b, "b");
        let off = |((x, y), s): ((&f64, &f64), &f64)| ((y - a - b * x) / s).powi(2);
        let squares: f64 = X.iter().zip(&Y).zip(&sigma).map(off).sum();
        near(fit.squares(), squares, "squares");
        let logs: f64 = sigma.iter().map(|s| s.ln()).sum();
        let tau = 2.0 * std::f64::consts::PI;
        near(fit.aic().unwrap(), 4.0 + squares + 5.0 * tau.ln() + 2.0 * logs, "AIC");
        for (one, other) in errors(&fit).iter().zip(errors(&twice)) {
            near(2.0 * one, other, "twice the errors");
        }
        for (one, other) in fit.values().iter().zip(twice.values()) {
            near(*one, other, "the same line");
        }
    }
}

/// Of a Poisson likelihood: the inverse of Fisher's information `Σ μ·x·xᵀ`.
#[test]
fn errors_of_a_likelihood_are_those_of_fishers_information() {
    let poisson =
        || Function::record(["desired", "computed"], |v| v[0] * v[1] - v[1].exp()).unwrap();
    let counts = [2.0, 1.0, 2.0, 1.0, 1.0, 4.0, 2.0, 5.0, 6.0, 6.0, 6.0, 9.0];
    let x: Vec<f64> = (0..12).map(|row| 0.25 * f64::from(row)).collect();
    let table = Columns::new([("x", x.clone()), ("y", counts.to_vec())]).unwrap();
    let model = mean().with_term(poisson()).unwrap();
    let fit = Fit::new(&model, &table).start([0.0]).run().unwrap();
    assert_eq!(fit.basis(), Basis::Curvature);
    // The mean is 45/12, the information their sum.
    assert!((fit.value("a").unwrap() - f64::ln(45.0 / 12.0)).abs() < 1e-7);
    assert!((errors(&fit)[0] - 1.0 / f64::sqrt(45.0)).abs() < 1e-7);
    let model = line().with_term(poisson()).unwrap();
    let fit = Fit::new(&model, &table).start([0.0, 0.0]).run().unwrap();
    let (a, b) = (0.096_751_704_05, 0.746_045_868_41);
    let information =
        |power: i32| -> f64 { x.iter().map(|x| (a + b * x).exp() * x.powi(power)).sum() };
    let d = information(0) * information(2) - information(1) * information(1);
    let due = [(information(2) / d).sqrt(), (information(0) / d).sqrt()];
    for ((found, value), (due, number)) in
        errors(&fit).iter().zip(fit.values()).zip(due.iter().zip([a, b]))
    {
        assert!((value - number).abs() < 1e-6, "{value}, due {number}");
        assert!((found - due).abs() < 1e-6, "{found}, due {due}");
    }
    // Normal: the interval reaches 1.96 errors.
    let (low, high) = fit.interval("b", 0.95).unwrap().unwrap();
    assert!(((high - low) / 2.0 / errors(&fit)[1] - 1.959_964).abs() < 1e-6);
}

/// Why there are no standard errors.
#[test]
fn where_there_are_no_errors_it_is_told_why() {
    let two = || Columns::new([("x", vec![0.0, 1.0]), ("y", vec![1.0, 3.0])]).unwrap();
    let same = || Columns::new([("x", vec![1.0; 4]), ("y", vec![1.0, 3.0, 2.0, 2.0])]).unwrap();
    let absolute = line().performance(|desired, computed| -(desired - computed).abs()).unwrap();
    for (model, table, basis) in [
        (line(), two(), Basis::NoDegrees),
        (line(), same(), Basis::Undetermined),
        (absolute, columns(&[]), Basis::NoSummit),
    ] {
        let fit = Fit::new(&model, &table).start([0.0, 0.0]).run().unwrap();
        assert_eq!(fit.basis(), basis, "{fit}");
        assert!(fit.parameters().iter().all(|parameter| parameter.standard_error.is_none()));
        assert!(fit.covariance().is_none() && fit.correlations().is_none());
        assert_eq!(fit.interval("a", 0.95).unwrap(), None);
    }
    let fit = Fit::new(&line(), &two()).start([0.0, 0.0]).run().unwrap();
    assert_eq!((fit.degrees_of_freedom(), fit.residual_standard_error()), (0.0, None));
    // Nothing spreads about the mean.
    let flat = Columns::new([("x", X.to_vec()), ("y", vec![2.0; 5])]).unwrap();
    assert_eq!(Fit::new(&line(), &flat).start([0.0, 0.0]).run().unwrap().r_squared(), None);
}

type Said = for<'f> fn(Fit<'f>) -> Fit<'f>;

/// Settings that can't be followed: each names the thing, what was expected and what came.
#[test]
fn settings_that_cannot_be_followed() {
    let table = columns(&[("w", &[1.0; 5]), ("s", &[1.0; 5])]);
    let own = line().performance(|desired, computed| -(desired - computed).square()).unwrap();
    let said: [(Said, &str); 18] = [
        (|f| f.start([0.0]), "the start has 1 numbers, but there are 2 parameters: a, b"),
        (|f| f.start([0.0, f64::NAN]), "`b` starts at NaN; give it a finite number"),
        (|f| f.start([f64::INFINITY, 0.0]), "`a` starts at inf"),
        (|f| f.bounds("a", 1.0, 2.0), "`a` starts at 0, outside of its bounds 1 to 2"),
        (|f| f.bounds("a", 2.0, -2.0), "outside of its bounds 2 to -2"),
        (|f| f.bounds("a", f64::NAN, 1.0), "outside of its bounds NaN to 1"),
        (|f| f.bounds("k", 1.0, 2.0), "no parameter is named `k`; known: a, b"),
        (|f| f.fix("x"), "no parameter is named `x`; known: a, b"),
        (|f| f.weights("v", Weights::Precision), "no column is named `v`; known: x, y, w, s"),
        (|f| f.sigma("t"), "no column is named `t`; known: x, y, w, s"),
        (|f| f.weights("w", Weights::Precision).sigma("s"), "both weights and sigma"),
        (|f| f.performance(Performance::Huber(0.0)), "Huber's width: expected a positive number"),
        (|f| f.performance(Performance::Huber(f64::NAN)), "Huber's width"),
        (|f| f.method(Method::Ascent(-1.0)), "the rate: expected a positive number, got -1"),
        (|f| f.method(Method::Ascent(f64::NAN)), "the rate: expected a positive number, got NaN"),
        (|f| f.weights("w", Weights::Precision), "a performance of one's own says"),
        (|f| f.sigma("s"), "a performance of one's own says itself how rows count"),
        (|f| f.method(Method::LevenbergMarquardt), "needs quasi-newton or ascent"),
    ];
    for (place, (said, words)) in said.iter().enumerate() {
        let plain = line();
        let model =
            if words.contains("own says") || words.contains("needs") { &own } else { &plain };
        let error = said(Fit::new(model, &table).start([0.0, 0.0])).run().unwrap_err();
        assert!(error.to_string().contains(words), "{place}: {error}");
    }
    let fit = Fit::new(&line(), &table).start([0.0, 0.0]).run().unwrap();
    for level in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
        for error in
            [fit.interval("a", level).unwrap_err(), fit.predict(&table, level).unwrap_err()]
        {
            assert!(error.to_string().contains("between 0 and 1, such as 0.95"), "{error}");
        }
    }
    let lacking = Columns::new([("z", vec![1.0])]).unwrap();
    let error = fit.predict(&lacking, 0.95).unwrap_err().to_string();
    assert!(error.contains("no column is named `x`; known: z"), "{error}");
    assert!(fit.value("k").unwrap_err().to_string().contains("no parameter is named `k`"));
    let error = Columns::new([("x", vec![1.0]), ("y", vec![1.0, 2.0])]).unwrap_err().to_string();
    assert!(error.contains("column `y` has 2 numbers, but column `x` has 1"), "{error}");
    let error = Columns::new([("x", vec![1.0]), ("x", vec![1.0])]).unwrap_err().to_string();
    assert!(error.contains("two columns are named `x`"), "{error}");
}

/// Rows that can't be used: the error names the row, its column, and what came.
#[test]
fn rows_that_cannot_be_used() {
    let wrong = |column: &str, row: usize, number: f64| {
        let mut all =
            [("x", X.to_vec()), ("y", Y.to_vec()), ("w", vec![2.0; 5]), ("s", vec![2.0; 5])];
        for (name, numbers) in &mut all {
            if *name == column {
                numbers[row] = number;
            }
        }
        Columns::new(all).unwrap()
    };
    let precision: Said = |f| f.weights("w", Weights::Precision);
    let frequency: Said = |f| f.weights("w", Weights::Frequency);
    let sigma: Said = |f| f.sigma("s");
    let plain: Said = |f| f;
    let weight = "expected a weight of 0 or more, got";
    let deviation = "expected a standard deviation above 0, got";
    for (said, column, number, named, words) in [
        (precision, "w", -1.0, Some("w"), weight),
        (precision, "w", f64::NAN, Some("w"), weight),
        (precision, "w", f64::INFINITY, Some("w"), weight),
        (frequency, "w", -2.0, Some("w"), weight),
        (frequency, "w", 1.5, Some("w"), "expected a whole number"),
        (sigma, "s", 0.0, Some("s"), deviation),
        (sigma, "s", -1.0, Some("s"), deviation),
        (sigma, "s", f64::NAN, Some("s"), deviation),
        (sigma, "s", f64::INFINITY, Some("s"), deviation),
        (plain, "y", f64::NAN, None, "leave the row out"),
        (plain, "x", f64::NAN, None, "leave the row out"),
        (plain, "y", f64::INFINITY, None, "leave the row out"),
        (plain, "y", 1e200, None, "too large"),
    ] {
        let model = line();
        let table = wrong(column, 3, number);
        let error = said(Fit::new(&model, &table).start([0.0, 0.0])).run().unwrap_err();
        let told = error.to_string();
        assert!(told.starts_with("row 4: ") && told.contains(words), "{column} {number}: {told}");
        let Error::Row { row: 3, column: place, .. } = error else { panic!("{error:?}") };
        assert_eq!(place.as_deref(), named, "{told}");
    }
    // Where the weight is 0, the rest of the row may be anything.
    let mut y = Y.to_vec();
    y[3] = f64::NAN;
    let weights = vec![1.0, 1.0, 1.0, 0.0, 1.0];
    let table = Columns::new([("x", X.to_vec()), ("y", y), ("w", weights)]).unwrap();
    let model = line();
    let fit = Fit::new(&model, &table).start([0.0, 0.0]).weights("w", Weights::Precision);
    assert_eq!(fit.run().unwrap().rows(), 4);
    // No row at all, or none that counts.
    let none: [(&str, Vec<f64>); 3] = [("x", vec![]), ("y", vec![]), ("w", vec![])];
    let zeros = columns(&[("w", &[0.0; 5])]);
    for (table, words) in
        [(Columns::new(none).unwrap(), "no rows"), (zeros, "all weights are 0, so no row counts")]
    {
        let fit = Fit::new(&model, &table).start([0.0, 0.0]).weights("w", Weights::Precision);
        let error = fit.run().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
