//! Names and ranges of the two axes.

use super::ground::named;

#[test]
fn names_and_ranges() {
    assert_eq!(named("--x", "w1").unwrap(), ("w1".into(), None));
    assert_eq!(named("--x", "w1 = -1..2").unwrap(), ("w1".into(), Some([-1.0, 2.0])));
    let pi = std::f64::consts::PI;
    assert_eq!(named("--x", "w[1]=-pi..pi").unwrap(), ("w[1]".into(), Some([-pi, pi])));
    assert_eq!(named("--x", "kind=a→h1.1").unwrap(), ("kind=a→h1.1".into(), None));
    assert_eq!(named("--x", "kind=a→h1.1=0..1").unwrap(), ("kind=a→h1.1".into(), Some([0.0, 1.0])));
    for text in ["w1=1..1", "w1=2..1", "w1=..1", "w1=a..1", "w1=0..1/0"] {
        let error = named("--x", text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("--x `{text}`: expected a range")), "{error}");
    }
}
