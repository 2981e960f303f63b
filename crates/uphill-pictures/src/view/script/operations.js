// The elementary operations of a chain's program, by their names in the graph, on numbers.

const truth = (condition) => (condition ? 1 : 0);
const least = (x, y) => (x < y ? x : y <= x ? y : x + y);
const most = (x, y) => (x > y ? x : y >= x ? y : x + y);
const total = (x) => x.reduce((a, b) => a + b, 0);

/** 2/√π · e^(−x²) · Σ 2ⁿ·x²ⁿ⁺¹/(1·3·5·…·(2n + 1)): all terms have one sign. */
function errorFunction(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const operations = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  neg: (x) => -x,
  recip: (x) => 1 / x,
  square: (x) => x * x,
  powi: (x, n) => x ** n,
  pow: (x, y) => x ** y,
  sqrt: (x) => Math.sqrt(x),
  cbrt: (x) => Math.cbrt(x),
  hypot: (x, y) => Math.hypot(x, y),
  direction: (x, y, r) => (r === 0 ? 0 : x / Math.hypot(x, y)),
  exp: (x) => Math.exp(x),
  exp2: (x) => 2 ** x,
  expm1: (x) => Math.expm1(x),
  ln: (x) => Math.log(x),
  log2: (x) => Math.log2(x),
  log10: (x) => Math.log10(x),
  log1p: (x) => Math.log1p(x),
  sin: (x) => Math.sin(x),
  cos: (x) => Math.cos(x),
  tan: (x) => Math.tan(x),
  asin: (x) => Math.asin(x),
  acos: (x) => Math.acos(x),
  one_minus_square: (x) => (Math.abs(x) <= 1 ? (1 - x) * (1 + x) : NaN),
  atan: (x) => Math.atan(x),
  atan2: (y, x) => Math.atan2(y, x),
  sinh: (x) => Math.sinh(x),
  cosh: (x) => Math.cosh(x),
  tanh: (x) => Math.tanh(x),
  tanh_slope: (x, t) => (1 / Math.cosh(x)) ** 2,
  asinh: (x) => Math.asinh(x),
  acosh: (x) => Math.acosh(x),
  atanh: (x) => Math.atanh(x),
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  sigmoid_slope: (x, f) => operations.sigmoid(x) * operations.sigmoid(-x),
  softplus: (x) => most(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => (x <= 0 ? 0 : x),
  softsign: (x) => (Number.isFinite(x) ? x / (Math.abs(x) + 1) : Math.sign(x)),
  floor: (x) => Math.floor(x),
  ceil: (x) => Math.ceil(x),
  round: (x) => Math.sign(x) * (Math.abs(x) % 1 >= 0.5 ? Math.ceil(Math.abs(x)) : Math.floor(Math.abs(x))),
  mod: (x, y) => (x % y === 0 ? Math.abs(x % y) * Math.sign(y) : x % y < 0 === y < 0 ? x % y : (x % y) + y),
  fmod: (x, y) => x % y,
  erf: (x) => errorFunction(x),
  abs: (x) => Math.abs(x),
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x * 0 + 0),
  min: (x, y) => least(x, y),
  max: (x, y) => most(x, y),
  clamp: (x, lower, upper) => least(most(x, lower), upper),
  xlogy: (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y)),
  less: (x, y) => truth(x < y),
  less_equal: (x, y) => truth(x <= y),
  greater: (x, y) => truth(x > y),
  greater_equal: (x, y) => truth(x >= y),
  equal: (x, y) => truth(x === y),
  not_equal: (x, y) => truth(x !== y),
  select: (c, x, y) => (c === 0 ? y : x),
  sum: (...x) => total(x),
  product: (...x) => x.reduce((a, b) => a * b, 1),
  dot: (...x) => total(x.flatMap((_, k) => (k % 2 === 0 ? [x[k] * x[k + 1]] : []))),
  log_sum_exp: (...x) => {
    const largest = x.reduce(most, -Infinity);
    return Number.isFinite(largest) ? largest + Math.log(total(x.map((one) => Math.exp(one - largest)))) : largest;
  },
  mean: (...x) => total(x) / x.length,
};

/** Values of all nodes of a chain, and each line's derivatives by what it reads, from the numbers of its inputs. */
function forward(program, inputs) {
  const values = [...inputs];
  const partials = [];
  for (const { node, reads, steps, value, partials: places, chooses } of program.lines) {
    const numbers = reads.map((read) => values[read]);
    for (const [name, ...operands] of steps) {
      numbers.push(name === "const" ? Number(operands[0]) : operations[name](...operands.map((place) => numbers[place])));
    }
    values[node] = numbers[value];
    // What a choice leaves out has no partial, so that an infinite one behind it is left out, too.
    partials[node] = new Map();
    places.forEach((place, k) => {
      if (!chooses || numbers[place] !== 0) partials[node].set(reads[k], numbers[place]);
    });
  }
  return { values, partials };
}

/** The chain rule for all nodes at once: the derivatives of a program's output, each line passing on its own. */
function adjoints({ lines, outputs }, partials) {
  const found = [];
  found[outputs[0]] = 1;
  for (const { node } of [...lines].reverse()) {
    if (found[node] === undefined) continue;
    for (const [read, partial] of partials[node]) found[read] = (found[read] ?? 0) + found[node] * partial;
  }
  return found;
}

/**
 * The chain rule: the derivative of a sweep's output by each node, as sums over the lines that read it. A node that no
 * chosen line reads has none, and counts as 0.
 */
function backward(sweep, partials) {
  const adjoints = new Map([[sweep.node, 1]]);
  for (const { node, terms } of sweep.adjoints) {
    if (node === sweep.node) continue;
    const told = terms.map(({ through }) => {
      const [adjoint, partial] = [adjoints.get(through), partials[through].get(node)];
      const counts = adjoint !== undefined && partial !== undefined;
      return { counts, adjoint: adjoint ?? 0, partial: partial ?? 0, value: counts ? adjoint * partial : 0 };
    });
    if (told.some((term) => term.counts)) adjoints.set(node, total(told.map((term) => term.value)));
    adjoints.set(`terms of ${node}`, told);
  }
  return adjoints;
}
