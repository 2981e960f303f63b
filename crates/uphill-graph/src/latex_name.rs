//! Names in LaTeX: `w_i→j` as a weight with its subscript, `sigma` and `σ` as the Greek letter, words upright.

const GREEK: [(&str, char); 24] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("omicron", 'ο'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
];
const CAPITAL: [(&str, char); 11] = [
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Xi", 'Ξ'),
    ("Pi", 'Π'),
    ("Sigma", 'Σ'),
    ("Upsilon", 'Υ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
];

/// A name in mathematics: a letter with subscripts, an arrow between two, a word that stands upright; else its
/// characters as text.
pub(crate) fn latex_name(name: &str) -> String {
    let name = name.replace("->", "→");
    weight(&name)
        .or_else(|| arrow(&name))
        .or_else(|| symbol(&name))
        .or_else(|| place(&name))
        .or_else(|| number(&name))
        .unwrap_or_else(|| text(&name))
}

/// A place in a vector that moves with counters: `x[2*i + 1]`, `s1[i][j]`, `x[table1[i]]`.
fn place(name: &str) -> Option<String> {
    let (stem, mut rest) = name.split_at(name.find('[')?);
    let base = symbol(stem).unwrap_or_else(|| text(stem));
    let mut below = Vec::new();
    while !rest.is_empty() {
        let inside = rest.strip_prefix('[')?;
        let end = closing(inside)?;
        below.push(index(&inside[..end])?);
        rest = &inside[end + 1..];
    }
    let below = below.join(",");
    Some(match base.strip_suffix('}').filter(|base| base.contains("_{")) {
        Some(base) => format!("{base},{below}}}"),
        None => format!("{base}_{{{below}}}"),
    })
}

/// A number that moves with counters: `(i + 2)`.
fn number(name: &str) -> Option<String> {
    let inside = index(name.strip_prefix('(')?.strip_suffix(')')?)?;
    Some(format!(r"\left({inside}\right)"))
}

/// Where the bracket that is open ends.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '[' => open += 1,
            ']' => open -= 1,
            _ => {}
        }
        (open == 0).then_some(at)
    })
}

/// Sums of multiples of counters and of places.
fn index(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        if end == 0 {
            match c {
                '*' => out.push(' '),
                '+' | '-' | ' ' | '.' => out.push(c),
                _ => return None,
            }
            rest = &rest[c.len_utf8()..];
        } else if let Some(inside) = rest[end..].strip_prefix('[') {
            let end = end + 1 + closing(inside)?;
            out.push_str(&latex_name(&rest[..=end]));
            rest = &rest[end + 1..];
        } else {
            out.push_str(&symbol(&rest[..end])?);
            rest = &rest[end..];
        }
    }
    Some(out)
}

/// `w_i→j`, `w1→2`: the arrow belongs to the subscript.
fn weight(name: &str) -> Option<String> {
    let (from, to) = name.split_once('→')?;
    let (stem, from) = match from.split_once('_') {
        Some((stem, from)) => (letter(stem)?, from),
        None => {
            let from = from.strip_prefix('w')?;
            (String::from("w"), from)
        }
    };
    Some(format!(r"{stem}_{{{} \to {}}}", symbol(from)?, symbol(to)?))
}

/// `Robert→H1`: two names with an arrow between.
fn arrow(name: &str) -> Option<String> {
    let (from, to) = name.split_once('→')?;
    Some(format!(r"\left({} \to {}\right)", symbol(from)?, symbol(to)?))
}

/// A stem and what comes after it: `w1`, `w[1,2]`, `w_ij`, `o1_new`, `petal_length`.
fn symbol(name: &str) -> Option<String> {
    let primes = name.chars().rev().take_while(|&c| c == '\'').count();
    let name = &name[..name.len() - primes];
    let end = name
        .find(|c: char| {
            c.is_numeric() || matches!(c, '_' | '[' | '.' | ',') || ('₀'..='₉').contains(&c)
        })
        .unwrap_or(name.len());
    let (stem, rest) = name.split_at(end);
    let rest = match rest.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None => rest,
    };
    let plain = |c: char| c.is_alphanumeric() || ('₀'..='₉').contains(&c);
    let parts: Vec<&str> = rest.split(['_', ',', '.']).filter(|part| !part.is_empty()).collect();
    if !parts.iter().all(|part| part.chars().all(plain)) || !stem.chars().all(char::is_alphabetic) {
        return None;
    }
    let primes = "'".repeat(primes);
    if stem.is_empty() {
        // A node that is only a number, as 1 in w_1→j.
        let number = !rest.is_empty() && primes.is_empty() && rest.chars().all(plain);
        return number.then(|| digits(rest));
    }
    let short = |part: &&str| word(part).is_none() || letter(part).is_some();
    let Some(base) = letter(stem) else {
        // A word takes a short subscript; otherwise it is one of several words.
        if !parts.iter().all(short) {
            return Some(format!(r"\mathrm{{{}}}{primes}", name.replace('_', r"\_")))
                .filter(|_| name.chars().all(|c| plain(c) || c == '_'));
        }
        return Some(subscripted(&format!(r"\mathrm{{{stem}}}{primes}"), &parts));
    };
    Some(subscripted(&(base + &primes), &parts))
}

fn subscripted(base: &str, parts: &[&str]) -> String {
    if parts.is_empty() {
        return base.into();
    }
    let mut below = String::new();
    let mut numbers = false;
    for (k, part) in parts.iter().enumerate() {
        let number = part.starts_with(|c: char| c.is_numeric());
        // ij needs no comma; 1,2 does.
        let letters = word(part).is_none_or(|word| word.chars().count() <= 2);
        if k > 0 && (number || numbers || !letters) {
            below.push(',');
        }
        numbers = number || !letters;
        below += &match (letter(part), word(part)) {
            (Some(letter), _) => letter,
            (None, Some(word)) if word.chars().count() > 2 => format!(r"\mathrm{{{word}}}"),
            _ => digits(part),
        };
    }
    format!("{base}_{{{below}}}")
}

/// A part of letters only.
fn word<'n>(part: &&'n str) -> Option<&'n str> {
    part.chars().all(char::is_alphabetic).then_some(*part)
}

/// One letter, Greek ones by name or as they are, with a Δ before it or not.
fn letter(stem: &str) -> Option<String> {
    if let Some(rest) = stem.strip_prefix(['Δ', '∆']) {
        return Some(if rest.is_empty() {
            r"\Delta".into()
        } else {
            format!(r"\Delta {}", letter(rest)?)
        });
    }
    let mut all = GREEK.iter().chain(&CAPITAL);
    if let Some((greek, _)) = all.find(|(word, sign)| *word == stem || stem == sign.to_string()) {
        // The one that looks like a Latin letter has no command.
        return Some(if *greek == "omicron" { "o".into() } else { format!("\\{greek}") });
    }
    let mut letters = stem.chars();
    match (letters.next(), letters.next()) {
        (Some(one), None) if one.is_alphabetic() => Some(one.into()),
        _ => None,
    }
}

/// Digits that stand below as plain ones.
fn digits(part: &str) -> String {
    let plain = |c: char| match c {
        '₀'..='₉' => char::from_digit(c as u32 - '₀' as u32, 10).unwrap_or(c),
        c => c,
    };
    part.chars().map(plain).collect()
}

/// Any name, as text.
fn text(name: &str) -> String {
    let escape = |c: char| match c {
        '\\' => r"\textbackslash ".into(),
        '^' => r"\textasciicircum ".into(),
        '~' => r"\textasciitilde ".into(),
        '#' | '$' | '%' | '&' | '_' | '{' | '}' => format!("\\{c}"),
        '→' => r"$\to$".into(),
        c => c.to_string(),
    };
    format!(r"\text{{{}}}", name.chars().map(escape).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::latex_name;

    #[test]
    fn names_as_mathematics() {
        let table = [
            ("w", "w"),
            ("w1", "w_{1}"),
            ("w12", "w_{12}"),
            ("w[3]", "w_{3}"),
            ("w[1,2]", "w_{1,2}"),
            ("w_ij", "w_{ij}"),
            ("w_i_j", "w_{ij}"),
            ("w_1_2", "w_{1,2}"),
            ("w_i→j", r"w_{i \to j}"),
            ("w_1→j", r"w_{1 \to j}"),
            ("w1→j", r"w_{1 \to j}"),
            ("w_i->j", r"w_{i \to j}"),
            ("Δw_i→j", r"\Delta w_{i \to j}"),
            ("h1.2→o1", r"\left(h_{1,2} \to o_{1}\right)"),
            ("Robert→H1", r"\left(\mathrm{Robert} \to H_{1}\right)"),
            ("o_j", "o_{j}"),
            ("o1_new", r"o_{1,\mathrm{new}}"),
            ("w_1,old", r"w_{1,\mathrm{old}}"),
            ("d_1,2", "d_{1,2}"),
            ("σ", r"\sigma"),
            ("sigma", r"\sigma"),
            ("sigma_k", r"\sigma_{k}"),
            ("σ1", r"\sigma_{1}"),
            ("x_beta", r"x_{\beta}"),
            ("Omega", r"\Omega"),
            ("β_j", r"\beta_{j}"),
            ("x₁₂", "x_{12}"),
            ("x'", "x'"),
            ("rate", r"\mathrm{rate}"),
            ("rate2", r"\mathrm{rate}_{2}"),
            ("petal_length", r"\mathrm{petal\_length}"),
            ("petal_length_cm", r"\mathrm{petal\_length\_cm}"),
            ("my name", r"\text{my name}"),
            ("50%", r"\text{50\%}"),
            ("a+b", r"\text{a+b}"),
            ("x[2*i + 1]", "x_{2 i + 1}"),
            ("s1[i + 1][j]", "s_{1,i + 1,j}"),
            ("x[7 - table1[4 - i]]", r"x_{7 - \mathrm{table}_{1,4 - i}}"),
            ("dP/dx[i + 1]", r"\text{dP/dx}_{i + 1}"),
            ("(2*i + 5)", r"\left(2 i + 5\right)"),
            ("x[i]]", r"\text{x[i]]}"),
            ("x[a+b%]", r"\text{x[a+b\%]}"),
            ("1", "1"),
        ];
        let wrong: Vec<String> = table
            .iter()
            .filter(|(name, expected)| latex_name(name) != *expected)
            .map(|(name, expected)| format!("{name}: {} and not {expected}", latex_name(name)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
