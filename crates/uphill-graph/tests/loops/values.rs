use uphill_graph::Function;

use crate::forms::{FORMS, inputs, points};
use crate::roots::ROOTS;

pub(crate) fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }).collect()
}

/// Same function and results: kept, simplified, and written out.
pub(crate) fn agrees(what: &str, f: &Function, x: &[f64]) {
    let expected = bits(&f.unrolled().unwrap().eval(x).unwrap());
    assert_eq!(f.verify(), Ok(()), "{what}");
    assert_eq!(bits(&f.eval(x).unwrap()), expected, "{what}");
    let simple = f.simplify();
    assert_eq!(simple.verify(), Ok(()), "{what} simplified");
    assert_eq!(bits(&simple.eval(x).unwrap()), expected, "{what} simplified");
    assert_eq!(
        bits(&simple.unrolled().unwrap().eval(x).unwrap()),
        expected,
        "{what} simplified, written out"
    );
}

#[test]
fn values_have_the_bits_of_the_loop_written_out() {
    for (name, code) in FORMS.iter().chain(ROOTS) {
        let f = Function::record(inputs(), code).unwrap();
        for x in points() {
            agrees(name, &f, &x);
            // The recorded function called in another recording keeps its loops.
            let again = Function::record(inputs(), |x| f.eval_scalar(x).unwrap()[0]).unwrap();
            assert_eq!(again.graph().has_loops(), f.graph().has_loops(), "{name}");
            assert_eq!(bits(&again.eval(&x).unwrap()), bits(&f.eval(&x).unwrap()), "{name} called");
        }
    }
}
