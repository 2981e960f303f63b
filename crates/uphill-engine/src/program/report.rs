//! How large a program is, and what the compiler has found in it.

use std::fmt::{Display, Formatter};

use super::Program;
use crate::code::{Action, Code, Operands, Weights};

/// What a program costs, and what the compiler found. [`Program::report`] gives it; it prints as a short table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Operations a call, those of samples not counted. A dot product of `k` pairs counts `2k − 1`, an elementary
    /// function 1.
    pub operations_per_call: u64,
    /// Operations a sample.
    pub operations_per_sample: u64,
    /// Of these, the ones in dense blocks and outer products.
    pub dense_operations: u64,
    /// Rows and inputs of each dense block of samples, in order.
    pub blocks: Vec<(usize, usize)>,
    /// Rows and columns of each outer product that is added up over samples.
    pub outer_products: Vec<(usize, usize)>,
    /// Instructions and iterations of each loop; loops inside of it are instructions, and so are theirs.
    pub loops: Vec<(usize, usize)>,
    /// Instructions as they are stored.
    pub instructions: usize,
    /// Numbers of memory a call, inputs and constants included.
    pub numbers_per_call: usize,
    /// Numbers of memory for each sample of a tile, columns included.
    pub numbers_per_sample: usize,
    /// Samples in a tile.
    pub tile: usize,
    /// Bytes of the program itself.
    pub bytes: usize,
    /// Products that were fused into sums.
    pub fused_products: usize,
    /// Slopes of sigmoids and tanhs that became one step.
    pub slopes: usize,
}

impl Program {
    /// What this program costs, and what the compiler found.
    ///
    /// ```
    /// use uphill_engine::Compiler;
    /// use uphill_graph::{Function, Scalar};
    /// let f = Function::record(["x", "y", "z"], |v| (v[0] * v[1] + v[2]).exp())?;
    /// let report = Compiler::new().compile(&f)?.report();
    /// assert_eq!((report.operations_per_call, report.instructions), (3, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn report(&self) -> Report {
        let [before, sample, after] = [self.before.code(), self.sample.code(), self.after.code()];
        let all = [before, sample, after];
        let loops = all.iter().flat_map(|code| &code.loops);
        let bytes = all.iter().map(|code| code.bytes()).sum::<usize>()
            + self.layout.constants.len() * size_of::<f64>();
        let (operations_per_sample, dense_operations) = operations(sample);
        Report {
            operations_per_call: operations(before).0.saturating_add(operations(after).0),
            operations_per_sample,
            dense_operations,
            blocks: sample.blocks.iter().map(|b| (b.targets.len(), b.inputs.len())).collect(),
            outer_products: sample.outers.iter().map(|o| (o.rows.len(), o.columns.len())).collect(),
            loops: loops.map(|l| (l.length as usize, l.iterations as usize)).collect(),
            instructions: self.instructions(),
            numbers_per_call: self.layout.per_call as usize,
            numbers_per_sample: self.layout.per_sample(),
            tile: self.tile as usize,
            bytes,
            fused_products: self.fused.products + self.fused.outer_products,
            slopes: self.fused.slopes,
        }
    }
}

impl Program {
    /// Instructions as they are stored.
    pub(crate) fn instructions(&self) -> usize {
        let all = [self.before.code(), self.sample.code(), self.after.code()];
        all.iter().map(|code| code.instructions.len()).sum()
    }
}

impl Code {
    fn bytes(&self) -> usize {
        let blocks = self.blocks.iter().map(|block| {
            let table = match &block.weights {
                Weights::Table(table) => table.len(),
                Weights::Affine { .. } => 3,
            };
            4 * (block.inputs.len() + block.targets.len() + table)
        });
        let outers =
            self.outers.iter().map(|o| 4 * (o.rows.len() + o.columns.len() + o.sums.len()));
        size_of_val(self.instructions.as_slice())
            + size_of_val(self.pool.as_slice())
            + size_of_val(self.steps.as_slice())
            + size_of_val(self.loops.as_slice())
            + blocks.sum::<usize>()
            + outers.sum::<usize>()
    }
}

/// Operations of one run; and those of them in dense blocks and outer products.
fn operations(code: &Code) -> (u64, u64) {
    let (mut total, mut dense) = (0_u64, 0_u64);
    // Where the loops end that run, and how often what stands there is run.
    let mut around: Vec<(usize, u64)> = Vec::new();
    for (position, instruction) in code.instructions.iter().enumerate() {
        while around.pop_if(|(end, _)| *end == position).is_some() {}
        let times = around.last().map_or(1, |&(_, times)| times);
        let own = match (instruction.action, instruction.action.operands()) {
            (Action::Loop, _) => {
                let repeat = code.loops[instruction.x as usize];
                let end = position + 1 + repeat.length as usize;
                around.push((end, times.saturating_mul(repeat.iterations.into())));
                continue;
            }
            (Action::Block, _) => {
                let block = &code.blocks[instruction.x as usize];
                let (rows, inputs) = (block.targets.len() as u64, block.inputs.len() as u64);
                rows * (2 * inputs).saturating_sub(1)
            }
            (Action::OuterTotal, _) => 2 * code.outers[instruction.x as usize].sums.len() as u64,
            (Action::Copy, _) => 0,
            (Action::MultiplyAdd | Action::NegativeMultiplyAdd | Action::MultiplySubtract, _) => 2,
            (Action::SigmoidSlope | Action::TanhSlope, _) => 3,
            (_, Operands::Pool) => u64::from(instruction.y.max(2) - 1),
            (_, Operands::Inline(_) | Operands::None) => 1,
        };
        let own = own.saturating_mul(times);
        total = total.saturating_add(own);
        if instruction.action.operands() == Operands::None {
            dense = dense.saturating_add(own);
        }
    }
    (total, dense)
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let sizes = |sizes: &[(usize, usize)]| {
            let list: Vec<String> = sizes.iter().map(|(r, c)| format!("{r}×{c}")).collect();
            if list.is_empty() { "none".into() } else { list.join(", ") }
        };
        writeln!(f, "operations a call      {}", self.operations_per_call)?;
        if self.numbers_per_sample > 0 {
            let share =
                100.0 * self.dense_operations as f64 / self.operations_per_sample.max(1) as f64;
            writeln!(f, "operations a sample    {}", self.operations_per_sample)?;
            writeln!(f, "  in dense code        {} ({share:.1} %)", self.dense_operations)?;
            writeln!(f, "dense blocks           {}", sizes(&self.blocks))?;
            writeln!(f, "outer products         {}", sizes(&self.outer_products))?;
        }
        writeln!(f, "loops                  {}", sizes(&self.loops))?;
        writeln!(f, "products fused         {}", self.fused_products)?;
        writeln!(f, "slopes in one step     {}", self.slopes)?;
        writeln!(f, "instructions           {}", self.instructions)?;
        writeln!(f, "memory a call          {} numbers", self.numbers_per_call)?;
        if self.numbers_per_sample > 0 {
            let (each, tile) = (self.numbers_per_sample, self.tile);
            writeln!(f, "memory a sample        {each} numbers, {tile} samples at a time")?;
        }
        writeln!(f, "bytes of the program   {}", self.bytes)
    }
}
