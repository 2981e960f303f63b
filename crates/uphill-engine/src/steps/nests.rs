//! The fast interpreter's way through code: straight code, loops, nests of loops, blocks.
//!
//! In a nest an innermost loop runs as one that stands alone, on a copy of its steps that the loops around it have moved.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use super::abreast::Running;
use super::block::run_block;
use super::step::{ONCE, Places, Rare, Repeat, Row, Run, Segment, Step, Steps, Table, Times};
use crate::code::{CallCode, Code, DEEPEST, Moved};
use crate::threads::Threads;

/// Runs code over a slice of memory. The steps must have been made of it; if there are none, they are. Vectors of outputs that
/// code gives ([`CallCode::gives`]) go there and not to memory, if the caller says where outputs are.
#[inline]
pub(crate) fn run(
    code: &CallCode,
    steps: &mut Option<Steps>,
    memory: &mut [f64],
    threads: &Threads,
    outputs: Option<&mut [f64]>,
) {
    let outputs = outputs.map_or(std::ptr::null_mut(), |outputs| {
        assert!(code.given() <= outputs.len(), "room for outputs");
        outputs.as_mut_ptr()
    });
    let it = steps.get_or_insert_with(|| Steps::new(code, threads.count()));
    let fits = memory.len() >= it.memory && code.memory() == it.memory;
    assert!(fits, "memory for every address");
    let memory = memory.as_mut_ptr();
    let Steps { segments, steps, moves, tables, rows, rare, body, moved_tables, abreast, .. } = it;
    // What a custom operation that panicked has left.
    rare.stack.clear();
    let (mut at, mut next) = (0, 0);
    while let Some(segment) = segments.get(next) {
        next += 1;
        match *segment {
            Segment::Straight { end } => {
                let range = at..end as usize;
                at = end as usize;
                let these = &steps[range];
                // SAFETY: the memory has all addresses of verified code, and the processor what the code is for.
                unsafe { (it.run)(these, &mut [], &ONCE, rare, memory) };
            }
            Segment::Loop(repeat) => {
                at = repeat.end as usize;
                if let Some(number) = repeat.abreast {
                    let running = &mut abreast[number as usize];
                    // SAFETY: the memory has all addresses of verified code, in all iterations; there is room for outputs.
                    unsafe { running.run(code, memory, &[], threads, outputs) };
                    next += repeat.segments as usize;
                    continue;
                }
                // A copy, which moves: if a custom operation panics, the next run starts from the beginning.
                body.clear();
                if repeat.segments > 0 {
                    moved_tables.clear();
                    let run = it.run;
                    let mut nests = Nests {
                        code,
                        run,
                        segments,
                        steps,
                        moves,
                        tables,
                        rows,
                        rare,
                        body,
                        moved_tables,
                        abreast,
                        threads,
                        memory,
                    };
                    // SAFETY: as above, in all iterations of all loops.
                    unsafe { nests.run(next - 1) };
                    next += repeat.segments as usize;
                    continue;
                }
                let steps = &steps[repeat.first as usize..at];
                body.extend_from_slice(steps);
                let times = Times {
                    iterations: repeat.iterations,
                    moves: &moves[repeat.moves as usize..][..steps.len()],
                    tables: &tables[repeat.tables.0 as usize..repeat.tables.1 as usize],
                    pool: &code.pool,
                    blocks: &code.blocks,
                };
                // SAFETY: as above, in all iterations.
                unsafe { (it.run)(&[], body, &times, rare, memory) };
            }
            Segment::Block(number) => {
                let block = &code.blocks[number as usize];
                // SAFETY: as above.
                unsafe { run_block(block, Moved::default(), memory) }
            }
        }
    }
}

/// The parts of [`Steps`], and the memory that they work on.
pub(super) struct Nests<'s> {
    pub(super) code: &'s Code,
    pub(super) run: Run,
    pub(super) segments: &'s [Segment],
    pub(super) steps: &'s [Step],
    pub(super) moves: &'s [Places],
    pub(super) tables: &'s [Table],
    pub(super) rows: &'s [Row],
    pub(super) rare: &'s mut Rare,
    pub(super) body: &'s mut Vec<Step>,
    pub(super) moved_tables: &'s mut Vec<Table>,
    pub(super) abreast: &'s mut [Running],
    pub(super) threads: &'s Threads,
    pub(super) memory: *mut f64,
}

/// A loop that runs: where its steps begin in the list of moving ones, and which is its first one of all.
#[derive(Clone, Copy)]
struct Frame {
    start: usize,
    first: usize,
}

impl Nests<'_> {
    /// Runs the nest at this segment.
    ///
    /// # Safety
    ///
    /// The memory must be good for all addresses of the steps in all iterations.
    pub(super) unsafe fn run(&mut self, segment: usize) {
        let mut iterations = [0; DEEPEST];
        // SAFETY: the caller vouches for it.
        unsafe { self.repeat(segment, None, &mut iterations, 0) }
    }

    /// Runs the loop at this segment, in these iterations of the `depth` loops around it.
    ///
    /// # Safety
    ///
    /// As for [`Nests::run`].
    unsafe fn repeat(
        &mut self,
        segment: usize,
        around: Option<Frame>,
        iterations: &mut [u32; DEEPEST],
        depth: usize,
    ) {
        let Segment::Loop(repeat) = self.segments[segment] else { return };
        let (first, end) = (repeat.first as usize, repeat.end as usize);
        if let Some(number) = repeat.abreast {
            let (running, around) = (&mut self.abreast[number as usize], &iterations[..depth]);
            let outputs = std::ptr::null_mut();
            // SAFETY: the caller vouches for it; loops in others give no outputs.
            unsafe { running.run(self.code, self.memory, around, self.threads, outputs) };
            return;
        }
        let (start, first_table) = (self.body.len(), self.moved_tables.len());
        match around {
            None => self.body.extend_from_slice(&self.steps[first..end]),
            Some(frame) => {
                let from = frame.start + first - frame.first;
                self.body.extend_from_within(from..from + end - first);
            }
        }
        self.move_tables(&repeat, start, iterations);
        let moves = &self.moves[repeat.moves as usize..][..end - first];
        let code = self.code;
        let (pool, blocks) = (code.pool.as_slice(), code.blocks.as_slice());
        if repeat.segments == 0 {
            let tables = &self.moved_tables[first_table..];
            let times = Times { iterations: repeat.iterations, moves, tables, pool, blocks };
            // SAFETY: the caller vouches for it.
            unsafe { (self.run)(&[], &mut self.body[start..], &times, self.rare, self.memory) };
        } else {
            for iteration in 0..repeat.iterations {
                iterations[depth] = iteration;
                for table in &self.moved_tables[first_table..] {
                    let step = &mut self.body[start + table.step as usize];
                    let entry = pool[(table.start + iteration) as usize];
                    step.at.0[table.place as usize] = table.base.wrapping_add(entry);
                }
                // SAFETY: the caller vouches for it.
                unsafe { self.part(segment, &repeat, Frame { start, first }, iterations, depth) };
                for (step, &by) in self.body[start..].iter_mut().zip(moves) {
                    step.at = step.at.moved(by);
                }
            }
        }
        self.body.truncate(start);
        self.moved_tables.truncate(first_table);
    }

    /// The segments of a loop's body, once.
    ///
    /// # Safety
    ///
    /// As for [`Nests::run`].
    unsafe fn part(
        &mut self,
        segment: usize,
        repeat: &Repeat,
        frame: Frame,
        iterations: &mut [u32; DEEPEST],
        depth: usize,
    ) {
        let code = self.code;
        let once = Times {
            iterations: 1,
            moves: &[],
            tables: &[],
            pool: &code.pool,
            blocks: &code.blocks,
        };
        let (mut next, end) = (segment + 1, segment + 1 + repeat.segments as usize);
        let mut at = frame.first;
        while next < end {
            match self.segments[next] {
                Segment::Straight { end } => {
                    let end = end as usize;
                    let from = frame.start + at - frame.first;
                    let steps = &self.body[from..from + end - at];
                    at = end;
                    // SAFETY: the caller vouches for it.
                    unsafe { (self.run)(steps, &mut [], &once, self.rare, self.memory) };
                }
                Segment::Loop(inner) => {
                    // SAFETY: the caller vouches for it.
                    unsafe { self.repeat(next, Some(frame), iterations, depth + 1) };
                    at = inner.end as usize;
                    next += inner.segments as usize;
                }
                // In loops, blocks are steps.
                Segment::Block(_) => {}
            }
            next += 1;
        }
    }

    /// The tables of a loop, from where its steps are now and from the rows that outer loops have come to.
    fn move_tables(&mut self, repeat: &Repeat, start: usize, iterations: &[u32; DEEPEST]) {
        let (from, to) = repeat.tables;
        for table in &self.tables[from as usize..to as usize] {
            let mut moved = *table;
            moved.base = self.body[start + table.step as usize].at.0[table.place as usize];
            for row in &self.rows[table.rows.0 as usize..table.rows.1 as usize] {
                let by = iterations[row.depth as usize].wrapping_mul(row.by);
                moved.start = moved.start.wrapping_add(by);
            }
            self.moved_tables.push(moved);
        }
    }
}
