//! Which operations on whole arrays are done together: entry after entry, in one loop.
//!
//! Code of arrays writes one operation after the other down, each on all entries. Those on arrays of one length that read each
//! other entry by entry make a group; what nobody reads outside of it is never kept. A group waits until somebody else reads
//! of it, so operations on other arrays may stand between.

use crate::tape::{Entry, Entrywise, Operand, Source, Written};

/// From so many entries on, and so many operations on them, a group becomes a loop; as plain repetitions do.
const TURNS: usize = 16;
const OPERATIONS: usize = 8000;

/// What is done next.
pub(crate) enum Step {
    /// This entry by itself.
    One(usize),
    Together(Group),
}

/// Operations on arrays of one length, and sums of them.
pub(crate) struct Group {
    /// By which its values know it.
    number: u32,
    pub(crate) count: usize,
    pub(crate) members: Vec<Member>,
}

pub(crate) struct Member {
    pub(crate) entry: usize,
    /// Whether somebody outside of the group reads its results.
    pub(crate) is_kept: bool,
}

impl Group {
    /// Whether it is long enough to be a loop.
    pub(crate) fn is_long(&self) -> bool {
        self.count >= TURNS && self.count * self.members.len() >= OPERATIONS
    }
}

/// Whether a sum of so many values is a loop.
pub(crate) fn is_long(count: usize) -> bool {
    count >= OPERATIONS
}

/// No group.
const NONE: u32 = 0;

struct Plan<'w> {
    written: &'w Written,
    /// The first entry looked at.
    from: usize,
    /// For each value from there on the group that makes it.
    groups: Vec<u32>,
    /// Groups that wait.
    waiting: Vec<Group>,
    last: u32,
    steps: Vec<Step>,
}

/// The steps that a part of a tape is done in, whose results `results` reads; what lies in bodies of loops is done by these.
pub(crate) fn plan<'w>(
    written: &'w Written,
    from: usize,
    to: usize,
    results: impl Iterator<Item = Operand>,
) -> Vec<Step> {
    let groups = vec![NONE; to - from];
    let (waiting, steps) = (Vec::new(), Vec::new());
    let mut plan = Plan { written, from, groups, waiting, last: NONE, steps };
    let mut k = from;
    while k < to {
        k = plan.entry(k);
    }
    plan.let_go(|_| true);
    if plan.last != NONE {
        plan.keep(results);
    }
    plan.steps
}

impl Plan<'_> {
    /// Plans an entry; gives the next.
    fn entry(&mut self, k: usize) -> usize {
        match &self.written.entries[k] {
            Entry::Given => {}
            Entry::Begin(end) => return *end as usize,
            Entry::Entrywise(own) => self.join(k, own),
            Entry::Sum(own) => match self.waits_for(own) {
                Some(group) => self.add(group, k, 1),
                None => self.one(k),
            },
            Entry::Loop(_) => {
                self.let_go(|_| true);
                self.steps.push(Step::One(k));
            }
            _ => self.one(k),
        }
        k + 1
    }

    fn one(&mut self, k: usize) {
        let mut read = Vec::new();
        operands(&self.written.entries[k], &mut |operand| {
            let group = self.group(operand);
            if group != NONE && !read.contains(&group) {
                read.push(group);
            }
        });
        self.let_go(|number| read.contains(&number));
        self.steps.push(Step::One(k));
    }

    /// The group that waits and makes a value.
    fn group(&self, operand: Operand) -> u32 {
        let Operand::Value(entry) = operand else { return NONE };
        (entry as usize).checked_sub(self.from).map_or(NONE, |place| self.groups[place])
    }

    /// The group that makes what a source reads, entry by entry.
    fn aligned(&self, source: &Source, count: usize) -> Option<u32> {
        let Source::Run(first) = source else { return None };
        let number = self.group(Operand::Value(*first));
        let of = match first.checked_sub(1).map(|own| &self.written.entries[own as usize]) {
            Some(Entry::Entrywise(of)) => of,
            _ => return None,
        };
        (number != NONE && of.count == count).then_some(number)
    }

    fn waits_for(&self, sum: &Entrywise) -> Option<u32> {
        let number = self.aligned(sum.operands.first()?, sum.count)?;
        self.waiting.iter().any(|group| group.number == number).then_some(number)
    }

    /// Puts an operation into the group of its length.
    fn join(&mut self, k: usize, own: &Entrywise) {
        let of_length = self.waiting.iter().find(|group| group.count == own.count);
        let own_group = of_length.map_or(NONE, |group| group.number);
        // What it reads of other groups, or of its own but not entry by entry, has to be there.
        let mut read: Vec<u32> = Vec::new();
        for source in &own.operands {
            if self.aligned(source, own.count) == Some(own_group) {
                continue;
            }
            let mut look = |operand| {
                let number = self.group(operand);
                if number != NONE && !read.contains(&number) {
                    read.push(number);
                }
            };
            each(source, own.count, &mut look);
        }
        self.let_go(|number| read.contains(&number));
        let number = match own_group != NONE && !read.contains(&own_group) {
            true => own_group,
            false => {
                self.last += 1;
                let (number, members) = (self.last, Vec::new());
                self.waiting.push(Group { number, count: own.count, members });
                number
            }
        };
        self.add(number, k, 1 + own.count);
    }

    /// Adds an entry to a group that waits, with what it makes.
    fn add(&mut self, number: u32, k: usize, makes: usize) {
        if let Some(group) = self.waiting.iter_mut().find(|group| group.number == number) {
            group.members.push(Member { entry: k, is_kept: false });
        }
        let place = k - self.from;
        self.groups[place..place + makes].fill(number);
    }

    /// Groups that wait no longer.
    fn let_go(&mut self, which: impl Fn(u32) -> bool) {
        for group in std::mem::take(&mut self.waiting) {
            match which(group.number) {
                true => self.steps.push(Step::Together(group)),
                false => self.waiting.push(group),
            }
        }
    }

    /// Finds out what is read outside of the group that makes it.
    fn keep(&mut self, results: impl Iterator<Item = Operand>) {
        let mut is_read = vec![false; self.groups.len()];
        let mut mark = |operand: Operand| {
            if let Operand::Value(entry) = operand
                && let Some(place) = (entry as usize).checked_sub(self.from)
                && let Some(read) = is_read.get_mut(place)
            {
                *read = true;
            }
        };
        results.for_each(&mut mark);
        for step in &self.steps {
            match step {
                Step::One(k) => {
                    let entry = &self.written.entries[*k];
                    operands(entry, &mut mark);
                    // What is read in its body too, loops in it among that.
                    if let Entry::Loop(own) = entry {
                        let body = own.body.start as usize..own.body.end as usize;
                        self.written.entries[body].iter().for_each(|own| operands(own, &mut mark));
                    }
                }
                Step::Together(group) => {
                    for member in &group.members {
                        let (Entry::Entrywise(own) | Entry::Sum(own)) =
                            &self.written.entries[member.entry]
                        else {
                            continue;
                        };
                        for source in &own.operands {
                            // In its own group, as `join` has it.
                            if self.aligned(source, own.count) != Some(group.number) {
                                each(source, own.count, &mut mark);
                            }
                        }
                    }
                }
            }
        }
        self.written.names.keys().for_each(|&entry| mark(Operand::Value(entry)));
        for step in &mut self.steps {
            let Step::Together(group) = step else { continue };
            for member in &mut group.members {
                let place = member.entry - self.from;
                let makes = match &self.written.entries[member.entry] {
                    Entry::Entrywise(own) => place + 1..place + 1 + own.count,
                    _ => place..place + 1,
                };
                member.is_kept = is_read[makes].contains(&true);
            }
        }
    }
}

/// What an entry reads; of a loop what it begins with, goes on with and keeps.
fn operands(entry: &Entry, look: &mut impl FnMut(Operand)) {
    match entry {
        Entry::Operation(_, operands) => operands.iter().for_each(|&operand| look(operand)),
        Entry::Entrywise(own) | Entry::Sum(own) => {
            own.operands.iter().for_each(|source| each(source, own.count, look));
        }
        Entry::At(vector, _) => vector.iter().for_each(|&operand| look(operand)),
        Entry::Call(_, operands) => operands.iter().for_each(|&operand| look(operand)),
        Entry::Root(_, start, given) => {
            start.iter().chain(given).for_each(|&operand| look(operand));
        }
        Entry::Loop(own) => {
            let all = [&own.first, &own.next, &own.kept];
            all.into_iter().flatten().for_each(|&operand| look(operand));
        }
        Entry::Given | Entry::Value(_) | Entry::Begin(_) => {}
    }
}

fn each(source: &Source, count: usize, look: &mut impl FnMut(Operand)) {
    match source {
        Source::Same(operand) => look(*operand),
        Source::Run(first) => (*first..*first + count as u32).for_each(|k| look(Operand::Value(k))),
        Source::Each(operands) => operands.iter().for_each(|&operand| look(operand)),
    }
}
