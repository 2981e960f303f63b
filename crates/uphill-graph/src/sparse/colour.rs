//! Colouring: lines of a pattern in groups, so that one sweep for each group gives all entries.
//!
//! Symmetric matrices are coloured by *stars* (Coleman and Moré 1984; Gebremedhin, Manne and Pothen 2005): neighbours
//! differ, and four vertices in a row have three colours at least. So of the two places where an entry stands, one at least
//! is read clean from the sum that a sweep gives. Rectangular ones are coloured by rows, by columns (Curtis, Powell and
//! Reid 1974), or both, each for a part of the entries (Coleman and Verma 1998).
//!
//! All of it is greedy, so the order of the lines matters. Three are tried: as they come (best for bands), fullest first
//! (best for most), emptiest first (best where a few full lines have nothing to do with each other). The fewest colours
//! win, the first of these orders among equals; nothing is random. Cost: entries times colours.

use smallvec::SmallVec;

use super::pattern::Pattern;

/// The colour of a line that needs no sweep.
pub(super) const NONE: u32 = u32::MAX;

/// A colour for each line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Colouring {
    pub(super) of: Vec<u32>,
    pub(super) count: u32,
}

/// Colours the vertices of a symmetric pattern by stars; its diagonal means nothing.
pub(super) fn star(pattern: &Pattern) -> Colouring {
    best(|order, most| stars(pattern, order, most), pattern, NONE)
        .expect("a colour for each vertex is always enough")
}

/// Colours lines so that two of one colour meet in no crossing, with up to `most` colours.
///
/// # Arguments
///
/// `lines`: for each line, the crossings on it. `owned`: for each slot whether the entry is to be read by its line; two
/// lines may meet in a crossing where neither has an entry to be read. Lines without such entries get no colour.
pub(super) fn apart(
    lines: &Pattern,
    owned: impl Fn(usize) -> bool,
    most: u32,
) -> Option<Colouring> {
    best(|order, most| groups(lines, &owned, order, most), lines, most)
}

/// The colouring with the fewest colours of all orders.
fn best(
    colour: impl Fn(&mut dyn Iterator<Item = usize>, u32) -> Option<Colouring>,
    lines: &Pattern,
    most: u32,
) -> Option<Colouring> {
    let mut best = colour(&mut (0..lines.rows()), most);
    let mut emptiest_first: Vec<usize> = (0..lines.rows()).collect();
    emptiest_first.sort_by_key(|&line| lines.row(line).len());
    let fullest_first = emptiest_first.chunk_by(|&a, &b| lines.row(a).len() == lines.row(b).len());
    let fullest_first: Vec<usize> = fullest_first.rev().flatten().copied().collect();
    for order in [fullest_first, emptiest_first] {
        // Each order is given up as soon as it needs as many as are known to be enough.
        let most = match &best {
            Some(best) if best.count <= 1 => break,
            Some(best) => best.count - 1,
            None => most,
        };
        best = colour(&mut order.into_iter(), most).or(best);
    }
    best
}

/// A part of a line's surroundings: one colour.
#[derive(Debug, Clone, Copy)]
struct Around {
    colour: u32,
    /// The first neighbour of that colour.
    neighbour: u32,
    /// Whether there are more: then the vertex is the hub of a star, and they are its points.
    many: bool,
    /// Whether that neighbour is the hub of a star to which the vertex belongs.
    point: bool,
}

/// The colours that a line must not have.
#[derive(Debug, Default)]
struct Forbidden {
    /// The last line that forbade each colour.
    by: Vec<u32>,
    line: u32,
    count: usize,
}

impl Forbidden {
    fn begin(&mut self, line: usize) {
        (self.line, self.count) = (line as u32, 0);
    }

    fn forbid(&mut self, colour: u32) {
        let by = &mut self.by[colour as usize];
        if *by != self.line {
            *by = self.line;
            self.count += 1;
        }
    }

    /// Whether only a new colour is left.
    fn all(&self) -> bool {
        self.count == self.by.len()
    }

    /// The first colour that is left, perhaps a new one; `None` if that would be one more than `most`.
    fn first(&mut self, most: u32) -> Option<u32> {
        let free = if self.all() { None } else { self.by.iter().position(|&by| by != self.line) };
        match free {
            Some(free) => Some(free as u32),
            None if self.by.len() < most as usize => {
                self.by.push(NONE);
                Some(self.by.len() as u32 - 1)
            }
            None => None,
        }
    }
}

/// Greedy colouring by stars, with up to `most` colours.
fn stars(
    pattern: &Pattern,
    order: &mut dyn Iterator<Item = usize>,
    most: u32,
) -> Option<Colouring> {
    let mut of = vec![NONE; pattern.rows()];
    let mut around: Vec<SmallVec<[Around; 4]>> = vec![SmallVec::new(); pattern.rows()];
    let mut forbidden = Forbidden::default();
    // The last vertex of which several neighbours had this colour.
    let mut repeated: Vec<u32> = Vec::new();
    for vertex in order {
        let neighbours =
            || pattern.row(vertex).iter().map(|&w| w as usize).filter(|&w| w != vertex);
        forbidden.begin(vertex);
        for around in &around[vertex] {
            forbidden.forbid(around.colour);
            if around.many {
                repeated[around.colour as usize] = vertex as u32;
            }
        }
        for neighbour in neighbours().filter(|&w| of[w] != NONE) {
            if forbidden.all() {
                break;
            }
            // If the vertex will be a hub, its points must be nobody else's, whatever the hub's colour.
            let is_point = repeated[of[neighbour] as usize] == vertex as u32;
            // And where the neighbour is another hub's point, the vertex can't have that hub's colour.
            for around in around[neighbour].iter().filter(|around| is_point || around.point) {
                forbidden.forbid(around.colour);
            }
        }
        let before = forbidden.by.len();
        let colour = forbidden.first(most)?;
        let fresh = forbidden.by.len() > before;
        repeated.resize(forbidden.by.len(), NONE);
        of[vertex] = colour;
        for neighbour in neighbours() {
            let known = if fresh { None } else { find(&mut around[neighbour], colour) };
            let Some(known) = known else {
                let point =
                    of[neighbour] != NONE && repeated[of[neighbour] as usize] == vertex as u32;
                let new = Around { colour, neighbour: vertex as u32, many: false, point };
                around[neighbour].push(new);
                continue;
            };
            let first = (!known.many).then_some(known.neighbour as usize);
            (known.many, known.point) = (true, false);
            // The neighbour is a hub now, if it has a colour: its points learn of it.
            for point in first.into_iter().chain([vertex]) {
                if let Some(around) = find(&mut around[point], of[neighbour]) {
                    around.point = true;
                }
            }
        }
    }
    Some(Colouring { of, count: forbidden.by.len() as u32 })
}

fn find(around: &mut [Around], colour: u32) -> Option<&mut Around> {
    around.iter_mut().find(|around| around.colour == colour)
}

/// Greedy colouring of lines that are read apart, with up to `most` colours.
fn groups(
    lines: &Pattern,
    owned: &impl Fn(usize) -> bool,
    order: &mut dyn Iterator<Item = usize>,
    most: u32,
) -> Option<Colouring> {
    let mut of = vec![NONE; lines.rows()];
    // The colours that each crossing has met, and whether a line of that colour reads its entry there.
    let mut met: Vec<SmallVec<[(u32, bool); 4]>> = vec![SmallVec::new(); lines.width()];
    let mut forbidden = Forbidden::default();
    for line in order {
        let crossings =
            || lines.row(line).iter().map(|&c| c as usize).zip(lines.slots(line).map(owned));
        if crossings().all(|(_, owned)| !owned) {
            continue;
        }
        forbidden.begin(line);
        // A crossing with all colours leaves none, and need not be gone through.
        let full =
            |(crossing, owned): (usize, bool)| owned && met[crossing].len() == forbidden.by.len();
        if crossings().any(full) {
            forbidden.count = forbidden.by.len();
        }
        for (crossing, owned) in crossings() {
            if forbidden.all() {
                break;
            }
            for &(colour, reads) in &met[crossing] {
                if owned || reads {
                    forbidden.forbid(colour);
                }
            }
        }
        let colour = forbidden.first(most)?;
        of[line] = colour;
        for (crossing, owned) in crossings() {
            let met = &mut met[crossing];
            if owned || !met.iter().any(|&(known, _)| known == colour) {
                met.push((colour, owned));
            }
        }
    }
    Some(Colouring { of, count: forbidden.by.len() as u32 })
}
