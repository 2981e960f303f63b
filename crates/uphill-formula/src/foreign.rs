//! Functions as other languages call them, and what to write instead: for the hint behind an unknown name.

/// Names of others with what is the same here: a function's name, or an expression of `x` and `y`.
const FOREIGN: &[(&[&str], &str)] = &[
    (&["powf", "power", "expt", "pown"], "pow"),
    (&["ln1p", "logp1", "log_1p"], "log1p"),
    (&["exp_m1", "expm_1", "exp1m"], "expm1"),
    (&["fabs", "absolute", "magnitude", "cabs"], "abs"),
    (&["sgn", "signum", "copysign"], "sign"),
    (&["logistic", "expit", "logsig", "sigma", "σ"], "sigmoid"),
    (&["lgamma", "gammaln", "loggamma", "lngamma", "log_gamma"], "ln_gamma"),
    (&["psi", "polygamma0"], "digamma"),
    (&["psi1", "polygamma1"], "trigamma"),
    (&["logsumexp", "lse", "logaddexp"], "log_sum_exp"),
    (&["maximum", "fmax", "pmax", "amax"], "max"),
    (&["minimum", "fmin", "pmin", "amin"], "min"),
    (&["where", "ifelse", "iif", "cond", "piecewise", "ite", "when"], "if"),
    (&["sqr", "sq"], "square"),
    (&["root", "squareroot"], "sqrt"),
    (&["curt", "cuberoot"], "cbrt"),
    (&["avg", "average"], "mean"),
    (&["prod", "multiply_all"], "product"),
    (&["total", "add_all"], "sum"),
    (&["lg", "log_10"], "log10"),
    (&["ld", "lb", "log_2", "ln2"], "log2"),
    (&["loge", "log_e", "nlog"], "ln"),
    (&["tg"], "tan"),
    (&["arctg", "atg"], "atan"),
    (&["arctan2", "arg", "angle"], "atan2"),
    (&["sh"], "sinh"),
    (&["ch"], "cosh"),
    (&["th", "tgh"], "tanh"),
    (&["arsinh", "argsinh"], "asinh"),
    (&["arcosh", "argcosh"], "acosh"),
    (&["artanh", "argtanh"], "atanh"),
    (&["clip", "saturate", "limit"], "clamp"),
    (&["rectifier", "ramp", "rectified"], "relu"),
    (&["log1pexp", "softrelu"], "softplus"),
    (&["reciprocal", "inverse"], "recip"),
    (&["exp10", "pow10"], "10^x"),
    (&["rsqrt", "invsqrt"], "1/sqrt(x)"),
    (&["sec"], "1/cos(x)"),
    (&["csc", "cosec"], "1/sin(x)"),
    (&["cot", "cotan", "ctg"], "1/tan(x)"),
    (&["sech"], "1/cosh(x)"),
    (&["csch"], "1/sinh(x)"),
    (&["coth"], "1/tanh(x)"),
    (&["heaviside", "step", "theta", "unit_step"], "if(x >= 0, 1, 0)"),
    (&["erfc"], "1 - erf(x)"),
    (&["norm_cdf", "phi", "pnorm", "normcdf", "ndtr"], "(1 + erf(x/sqrt(2)))/2"),
    (&["deg2rad", "radians"], "x*pi/180"),
    (&["rad2deg", "degrees"], "x*180/pi"),
    (&["sinc"], "if(x == 0, 1, sin(x)/x)"),
    (&["logit"], "log(x/(1 - x))"),
    (&["gamma", "tgamma"], "exp(ln_gamma(x))"),
    (&["factorial", "fact"], "exp(ln_gamma(x + 1))"),
    (&["beta"], "exp(ln_gamma(x) + ln_gamma(y) - ln_gamma(x + y))"),
    (&["xlogx", "entr"], "xlogy(x, x)"),
    (&["fma"], "x*y + z"),
];

/// What to write here for a function of others, as a hint; none if it is nobody's.
pub(crate) fn hint(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let (_, here) = FOREIGN.iter().find(|(names, _)| names.contains(&lower.as_str()))?;
    let is_name = here.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    Some(match is_name {
        true => format!("did you mean `{here}`?"),
        false => format!("write `{here}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Formula};

    #[test]
    fn every_hint_works_when_it_is_followed() {
        let calls: Vec<Call> = Call::all().collect();
        for (names, here) in FOREIGN {
            let text = match calls.iter().find(|call| call.name() == *here) {
                // Its own arguments, but for orders and bounds, which are in order as they are.
                Some(call) => {
                    let arguments =
                        call.arguments().replace("…", "z").replace("condition", "x > 0");
                    format!("P = {here}({arguments})")
                }
                None => format!("P = {here}"),
            };
            let formula = Formula::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(formula.input_names().count() > 0, "{text}");
            for name in *names {
                if calls.iter().any(|call| call.name() == *name) {
                    continue;
                }
                let text = format!("P = {name}(x)");
                let error = Formula::parse(&text).expect_err(&text).to_string();
                assert!(error.contains(here), "{text}: {error}");
            }
        }
    }
}
