// Sliders on the inputs of a chain: when one moves, values go forward and derivatives backward, in this script.

/** Sliders for the inputs of `chain`; `moved` is called after the numbers in it have changed. */
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
  }

  const rows = movable.slice(0, MOST).map((k) => {
    const room = Math.max(2, 2 * Math.abs(start[k]));
    const id = `chain-slider-${k}`;
    const range = element("input", { type: "range", id, min: start[k] - room, max: start[k] + room, step: "any" });
    range.value = start[k];
    const number = element("output", { for: id }, short(start[k]));
    list.append(element("label", { for: id }, nodes[k].name), range, number);
    const put = (value) => {
      now[k] = value;
      number.textContent = short(value);
      range.setAttribute("aria-valuetext", number.textContent);
    };
    range.addEventListener("input", () => {
      put(Number(range.value));
      compute();
      moved(now.some((value, j) => value !== start[j]));
    });
    return () => { range.value = start[k]; put(start[k]); };
  });
  if (movable.length > MOST) list.append(element("p", {}, `and ${movable.length - MOST} more inputs without a slider`));
  document.getElementById("chain-reset").addEventListener("click", () => {
    rows.forEach((reset) => reset());
    compute();
    moved(false);
  });
  told.textContent = `${first.output} = ${was}`;
}
