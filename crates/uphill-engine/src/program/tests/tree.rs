//! Nested code as a tree: easier to write down than instructions with lists of steps, and easy to write out without loops.

use crate::code::{Action, Block, Code, Instruction, Loop, Operands, Step, Weights};

/// An address, and what each loop around adds, outermost first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At {
    pub(crate) address: u32,
    pub(crate) steps: Vec<Step>,
}

/// An address that moves so.
pub(crate) fn at(address: u32, steps: &[Step]) -> At {
    At { address, steps: steps.to_vec() }
}

/// An address that moves evenly.
pub(crate) fn by(address: u32, by: &[i32]) -> At {
    At { address, steps: by.iter().map(|&by| Step::By(by)).collect() }
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Loop(u32, Vec<Node>),
    One(Action, At, Vec<At>),
    /// A block, and how far its targets, inputs and weights move: from address 0.
    Block(Block, [At; 3]),
}

/// Code of a tree; the tables of its steps are in this pool.
pub(crate) fn code(nodes: &[Node], pool: &[u32]) -> Code {
    let mut code = Code { pool: pool.to_vec(), ..Code::default() };
    emit(nodes, 0, &mut code);
    code
}

fn emit(nodes: &[Node], depth: usize, code: &mut Code) {
    for node in nodes {
        match node {
            Node::Loop(iterations, body) => {
                let first_step = code.steps.len() as u32;
                let mut steps = Vec::new();
                gather(body, depth, &mut steps);
                code.steps.extend(steps);
                let number = code.loops.len();
                code.loops.push(Loop { iterations: *iterations, length: 0, first_step });
                let start = code.instructions.len() + 1;
                let (action, x) = (Action::Loop, number as u32);
                code.instructions.push(Instruction { action, target: 0, x, y: 0, z: 0 });
                emit(body, depth + 1, code);
                code.loops[number].length = (code.instructions.len() - start) as u32;
            }
            Node::One(action, target, operands) => {
                let operands: Vec<u32> = operands.iter().map(|at| at.address).collect();
                one(code, *action, target.address, &operands);
            }
            Node::Block(block, _) => add_block(code, block.clone()),
        }
    }
}

/// The steps that a loop of this depth has for its body.
fn gather(nodes: &[Node], depth: usize, steps: &mut Vec<Step>) {
    for node in nodes {
        match node {
            Node::Loop(_, body) => gather(body, depth, steps),
            Node::One(_, target, operands) => {
                steps.push(target.steps[depth]);
                steps.extend(operands.iter().map(|at| at.steps[depth]));
            }
            Node::Block(_, moves) => steps.extend(moves.iter().map(|at| at.steps[depth])),
        }
    }
}

fn one(code: &mut Code, action: Action, target: u32, operands: &[u32]) {
    let place = |k: usize| operands.get(k).copied().unwrap_or(0);
    let [x, y, z] = match action.operands() {
        Operands::Pool => {
            code.pool.extend(operands);
            [(code.pool.len() - operands.len()) as u32, operands.len() as u32, 0]
        }
        Operands::Inline(_) | Operands::None => [place(0), place(1), place(2)],
    };
    code.instructions.push(Instruction { action, target, x, y, z });
}

fn add_block(code: &mut Code, block: Block) {
    code.blocks.push(block);
    one(code, Action::Block, 0, &[code.blocks.len() as u32 - 1]);
}

/// The same without loops.
pub(crate) fn unrolled(nodes: &[Node], pool: &[u32]) -> Code {
    let mut code = Code::default();
    write_out(nodes, pool, &mut Vec::new(), &mut code);
    code
}

fn write_out(nodes: &[Node], pool: &[u32], iterations: &mut Vec<u32>, code: &mut Code) {
    for node in nodes {
        match node {
            Node::Loop(count, body) => {
                for iteration in 0..*count {
                    iterations.push(iteration);
                    write_out(body, pool, iterations, code);
                    iterations.pop();
                }
            }
            Node::One(action, target, operands) => {
                let operands: Vec<u32> =
                    operands.iter().map(|at| address(at, pool, iterations)).collect();
                one(code, *action, address(target, pool, iterations), &operands);
            }
            Node::Block(block, moves) => {
                let [targets, inputs, weights] = [0, 1, 2].map(|k| {
                    let by = address(&moves[k], pool, iterations);
                    move |address: &u32| address.wrapping_add(by)
                });
                let (rows, columns) = (block.targets.len(), block.inputs.len());
                let all = (0..rows).flat_map(|row| (0..columns).map(move |k| (row, k)));
                let all = all.map(|(row, k)| weights(&block.weights.address(row, k, columns)));
                add_block(
                    code,
                    Block {
                        inputs: block.inputs.iter().map(inputs).collect(),
                        targets: block.targets.iter().map(targets).collect(),
                        weights: Weights::Table(all.collect()),
                    },
                );
            }
        }
    }
}

/// The meaning of steps, from the innermost loop to the outermost.
fn address(at: &At, pool: &[u32], iterations: &[u32]) -> u32 {
    assert_eq!(at.steps.len(), iterations.len(), "a step for each loop around");
    let mut sum = i64::from(at.address);
    let mut table: Option<i64> = None;
    let entry = |table: Option<i64>| table.map_or(0, |at| i64::from(pool[at as usize] as i32));
    for (step, &iteration) in at.steps.iter().zip(iterations).rev() {
        match *step {
            Step::By(by) => sum += i64::from(by) * i64::from(iteration),
            Step::Row(by) => {
                table = table.map(|at| at + i64::from(by) * i64::from(iteration));
                assert!(table.is_some(), "rows of a table");
            }
            Step::Table(start) => {
                sum += entry(table);
                table = Some(i64::from(start) + i64::from(iteration));
            }
        }
    }
    (sum + entry(table)) as u32
}
