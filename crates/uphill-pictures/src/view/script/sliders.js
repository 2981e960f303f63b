// Sliders: one with its number, and those on the inputs of a chain. When one moves, values go forward and derivatives
// backward, in this script.

/** A slider with its number; `moved` is called with the number that a hand has chosen. */
function slider(id, name, start, moved) {
  const room = Math.max(2, 2 * Math.abs(start));
  const range = element("input", { type: "range", id, min: start - room, max: start + room, step: "any" });
  const label = element("label", { for: id }, name);
  const number = element("output", { for: id });
  const tell = (value) => {
    number.textContent = short(value);
    range.setAttribute("aria-valuetext", number.textContent);
  };
  const put = (value) => {
    if (value < Number(range.min)) range.min = value;
    if (value > Number(range.max)) range.max = value;
    range.value = value;
    tell(value);
  };
  range.addEventListener("input", () => {
    tell(Number(range.value));
    moved(Number(range.value));
  });
  put(start);
  return { label, range, number, put };
}

/**
 * Sliders for the inputs of `chain`; `moved` is called after the numbers in it have changed. The first inputs may be the
 * weights of the page's network, which other sections move, too.
 */
function sliders(chain, moved) {
  const { nodes, sweeps, program } = chain;
  const root = document.getElementById("chain-turn");
  const list = document.getElementById("chain-sliders");
  const told = document.getElementById("chain-turned");
  const MOST = 60;
  const start = program.start;
  const now = [...start];
  const first = sweeps[0];
  const was = nodes[first.node].value;
  const movable = nodes.flatMap((node, k) => (node.variable ? [k] : []));
  if (movable.length === 0) return;
  root.hidden = false;

  function compute() {
    const { values, partials } = forward(program, now);
    nodes.forEach((node, k) => { node.value = short(values[k]); });
    for (const sweep of sweeps) {
      const adjoints = backward(sweep, partials);
      for (const adjoint of sweep.adjoints) {
        if (adjoint.node === sweep.node) continue;
        adjoint.value = short(adjoints.get(adjoint.node) ?? 0);
        adjoint.label = adjoint.label.slice(0, adjoint.label.lastIndexOf(" = ") + 3) + adjoint.value;
        adjoints.get(`terms of ${adjoint.node}`).forEach((term, k) => {
          for (const part of ["adjoint", "partial", "value"]) adjoint.terms[k][part] = short(term[part]);
        });
      }
    }
    const is = nodes[first.node].value;
    told.textContent = `${first.output} = ${is}` + (is === was ? "" : `, it was ${was}`);
    moved(now.some((value, j) => value !== start[j]));
  }

  const count = data.sliders && data.sliders.chained ? data.sliders.start.length : 0;
  const share = () => { if (count > 0) shared.change(now.slice(0, count), "chain"); };
  const rows = movable.slice(0, MOST).map((k) => {
    const row = slider(`chain-slider-${k}`, nodes[k].name, start[k], (value) => {
      now[k] = value;
      compute();
      if (k < count) share();
    });
    list.append(row.label, row.range, row.number);
    return { k, put: row.put };
  });
  if (movable.length > MOST) list.append(element("p", {}, `and ${movable.length - MOST} more inputs without a slider`));
  const put = (values) => {
    values.forEach((value, k) => { now[k] = value; });
    rows.forEach((row) => row.put(now[row.k]));
    compute();
  };
  document.getElementById("chain-reset").addEventListener("click", () => {
    put(start);
    share();
  });
  shared.listeners.push((weights, by) => { if (count > 0 && by !== "chain") put(weights); });
  told.textContent = `${first.output} = ${was}`;
}
