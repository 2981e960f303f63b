// The chain rule: values forward, line by line, then derivatives backward, each with the terms that sum to it.

if (data.chain) {
  const { nodes, edges, sweeps, numbers, troubles } = data.chain;
  const stage = document.getElementById("chain-stage");
  const picture = stage.querySelector("svg");
  const details = document.getElementById("chain-details");
  const status = document.getElementById("chain-status");
  const boxes = nodes.map((_, k) => picture.querySelector(`[data-node="${k}"]`));
  const arrows = edges.map(([from, to]) => picture.querySelector(`.edge[data-from="${from}"][data-to="${to}"]`));
  const MOST_TERMS = 12;
  let sweep = sweeps[0];
  let steps = [];
  let peek = null; // The node that is pointed at.

  const signature = document.getElementById("chain-function");
  signature.textContent = data.chain.function;
  signature.hidden = data.chain.function === data.title; // Said once.
  if (troubles.length > 0) {
    const place = document.getElementById("chain-troubles");
    place.hidden = false;
    place.textContent = troubles.join("\n");
  }
  picture.classList.add("stepping");

  const factor = (text) => (/^−/.test(text) ? `(${text})` : text);
  const derivative = (of, by) => `∂${of}/∂${by}`;
  const adjointOf = (node) => sweep && sweep.adjoints.find((adjoint) => adjoint.node === node);

  /** All that happens, in order. */
  function plan() {
    steps = [{ kind: "start" }];
    nodes.forEach((node, k) => node.input || steps.push({ kind: "forward", node: k }));
    if (numbers && sweep) {
      steps.push({ kind: "seed", node: sweep.node });
      for (const adjoint of sweep.adjoints) {
        if (adjoint.node !== sweep.node) steps.push({ kind: "backward", node: adjoint.node, adjoint });
      }
    }
    steps.push({ kind: "end" });
  }

  /** The rows of a derivative: symbols, numbers, result. */
  function rule(adjoint) {
    const name = nodes[adjoint.node].name;
    const left = derivative(sweep.output, name);
    const terms = adjoint.terms.slice(0, MOST_TERMS);
    const more = adjoint.terms.length - terms.length;
    const symbols = terms.map((term) => {
      const through = nodes[term.through].name;
      const local = derivative(through, name);
      return term.through === sweep.node ? local : `${derivative(sweep.output, through)}·${local}`;
    });
    const products = terms.map((term) =>
      term.through === sweep.node ? term.partial : `${factor(term.adjoint)}·${factor(term.partial)}`);
    if (more > 0) for (const sum of [symbols, products]) sum.push(`… (${more} more)`);
    const rows = [symbols, products, [adjoint.value]];
    // A derivative that is its own symbol, or its own number, is told once.
    const told = rows.map((row) => row.join(" + "));
    return { left, rows: rows.filter((_, k) => told[k] !== left && told[k] !== "" && told[k] !== told[k - 1]) };
  }

  function ruleElement(adjoint) {
    const { left, rows } = rule(adjoint);
    const grid = element("div", { class: "rule" });
    rows.forEach((row, k) => {
      grid.append(element("span", {}, k === 0 ? left : ""));
      const last = k === rows.length - 1;
      // Lines break between terms only.
      const terms = row.map((term, j) => element("span", {}, (j === 0 ? "= " : "+ ") + term));
      const spaced = terms.flatMap((term, j) => (j === 0 ? [term] : [" ", term]));
      grid.append(element("span", last ? { class: "adjoint" } : {}, ...spaced));
    });
    return grid;
  }

  function list(items) {
    return element("ul", {}, ...items.map((item) => element("li", {}, item)));
  }

  /** How the named node's formula changes with what it reads. */
  function partials(k) {
    const found = [];
    for (const other of sweep ? sweep.adjoints : []) {
      for (const term of other.terms) {
        if (term.through === k) found.push(`${derivative(nodes[k].name, nodes[other.node].name)} = ${term.partial}`);
      }
    }
    return found;
  }

  function describe(k) {
    const node = nodes[k];
    const parts = [element("h3", {}, node.name)];
    if (node.formula !== null) parts.push(element("p", { class: "formula" }, `${node.name} = ${node.formula}`));
    if (node.value !== null) parts.push(element("p", { class: "value" }, `value: ${node.value}`));
    const local = partials(k);
    if (local.length > 0) parts.push(element("p", {}, "Its local partials:"), list(local));
    const adjoint = adjointOf(k);
    if (sweep && k === sweep.node) {
      parts.push(element("p", { class: "adjoint" }, `${derivative(sweep.output, node.name)} = 1: it is the output itself.`));
    } else if (adjoint) {
      parts.push(element("p", {}, "Its adjoint, term by term:"), ruleElement(adjoint));
    } else if (numbers && sweep) {
      parts.push(element("p", {}, `${sweep.output} does not depend on it, or no derivative is taken by it.`));
    }
    const read = edges.filter(([, to]) => to === k).map(([from]) => nodes[from].name);
    const readers = edges.filter(([from]) => from === k).map(([, to]) => nodes[to].name);
    if (read.length > 0) parts.push(element("p", {}, "Reads " + read.join(", ") + "."));
    if (readers.length > 0) parts.push(element("p", {}, "Is read by " + readers.join(", ") + "."));
    return parts;
  }

  function tell(step) {
    const shown = (text, ...more) => [element("h3", {}, text), ...more];
    if (step.kind === "start") {
      const inputs = nodes.filter((node) => node.input);
      const told = inputs.map((node) => (node.value === null ? node.name : `${node.name} = ${node.value}`));
      return shown("The inputs are given", list(told.slice(0, 40)));
    }
    if (step.kind === "end") {
      if (!numbers || !sweep) return shown("All formulas are passed", element("p", {}, "At a point, each has a number, and a derivative."));
      // Nobody steps along parameters: inputs and desired outputs of a sample, say.
      const inputs = sweep.adjoints.filter((adjoint) => nodes[adjoint.node].variable);
      const told = inputs.map((a) => `${derivative(sweep.output, nodes[a.node].name)} = ${a.value}`);
      return shown("The gradient is complete", element("p", {}, "A step uphill goes along it:"), list(told.slice(0, 40)));
    }
    const node = nodes[step.node];
    if (step.kind === "forward") {
      const parts = [element("p", { class: "formula" }, `${node.name} = ${node.formula}`)];
      if (node.value !== null) parts.push(element("p", { class: "value" }, `= ${node.value}`));
      const read = edges.filter(([, to]) => to === step.node).map(([from]) => nodes[from]);
      const told = read.filter((other) => other.value !== null).map((other) => `${other.name} = ${other.value}`);
      if (told.length > 0) parts.push(element("p", {}, "from"), list(told.slice(0, 40)));
      return shown("Forward: " + node.name, ...parts);
    }
    if (step.kind === "seed") {
      const start = `${derivative(sweep.output, node.name)} = 1`;
      return shown("Backward from " + sweep.output, element("p", { class: "adjoint" }, start + ": it rises with itself."));
    }
    return shown("Backward: " + derivative(sweep.output, node.name), ruleElement(step.adjoint));
  }

  function summary(step) {
    if (step.kind === "start") return "the inputs are given";
    if (step.kind === "end") return numbers && sweep ? "the gradient is complete" : "all formulas are passed, without numbers";
    const node = nodes[step.node];
    if (step.kind === "forward") {
      return `${node.name} = ${node.formula}` + (node.value === null || node.value === node.formula ? "" : ` = ${node.value}`);
    }
    if (step.kind === "seed") return `${derivative(sweep.output, node.name)} = 1`;
    return `${derivative(sweep.output, node.name)} = ${step.adjoint.value}`;
  }

  function lists() {
    const forward = document.getElementById("chain-forward");
    const backward = document.getElementById("chain-backward");
    forward.replaceChildren();
    backward.replaceChildren();
    steps.forEach((step, k) => {
      if (step.kind === "start" || step.kind === "end") return;
      const kind = step.kind === "forward" ? "forward" : "backward";
      const text = summary(step);
      const cut = text.lastIndexOf(" = ");
      const visible = numbers ? text.slice(0, cut) : text;
      const button = element("button", { type: "button", "data-step": k, "data-kind": kind }, visible);
      if (numbers) button.append(element("span", { class: "told " + (kind === "forward" ? "value" : "adjoint") }, text.slice(cut)));
      button.addEventListener("click", () => state.go(k));
      (kind === "forward" ? forward : backward).append(element("li", {}, button));
    });
    document.getElementById("chain-backward-title").hidden = backward.children.length === 0;
  }

  function show(at) {
    const step = steps[at];
    const valued = new Set(nodes.flatMap((node, k) => (node.input ? [k] : [])));
    const derived = new Set();
    for (const past of steps.slice(0, at + 1)) {
      if (past.kind === "forward") valued.add(past.node);
      if (past.kind === "seed" || past.kind === "backward") derived.add(past.node);
    }
    const back = step.kind === "seed" || step.kind === "backward";
    picture.classList.toggle("back", back);
    const throughs = new Set(step.kind === "backward" ? step.adjoint.terms.map((term) => term.through) : []);
    boxes.forEach((box, k) => {
      const read = edges.some(([from, to]) => step.kind === "forward" && to === step.node && from === k);
      box.classList.toggle("pending", !valued.has(k));
      box.classList.toggle("valued", valued.has(k));
      box.classList.toggle("derived", derived.has(k));
      box.classList.toggle("current", step.node === k);
      box.classList.toggle("read", read || throughs.has(k));
    });
    arrows.forEach((arrow, k) => {
      const [from, to] = edges[k];
      const live = step.kind === "forward" ? to === step.node : step.kind === "backward" && from === step.node && throughs.has(to);
      arrow.classList.toggle("live", live);
      arrow.classList.toggle("pending", !valued.has(to));
    });
    for (const button of document.querySelectorAll("#chain-lists button")) {
      const k = Number(button.dataset.step);
      button.classList.toggle("pending", k > at);
      if (k === at) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      if (k === at) reveal(document.getElementById("chain-lists"), button);
    }
    if (step.node !== undefined) reveal(stage, boxes[step.node]);
    const text = summary(step);
    status.replaceChildren(element("b", {}, `Step ${at} of ${steps.length - 1}: `), text);
    if (peek === null) details.replaceChildren(...tell(step));
    return text;
  }

  /** Writes values, and the adjoints of the chosen output, into the boxes. */
  function write() {
    boxes.forEach((box, k) => {
      const number = box.querySelector(".value text");
      if (number && nodes[k].value !== null) number.textContent = `= ${nodes[k].value}`;
      const text = box.querySelector(".adjoint text");
      const adjoint = adjointOf(k);
      const label = sweep && k === sweep.node ? sweep.label : adjoint ? adjoint.label : "";
      if (text) text.textContent = label;
      const node = nodes[k];
      const told = [node.name + (node.formula === null ? "" : ` = ${node.formula}`)];
      if (node.value !== null) told.push("value " + node.value);
      if (label) told.push(label);
      box.setAttribute("aria-label", told.join(", "));
    });
  }

  function look(k) {
    peek = k;
    details.replaceChildren(...(k === null ? tell(steps[state.at]) : describe(k)));
  }

  boxes.forEach((box, k) => {
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
    const title = box.querySelector("title");
    if (title) title.remove(); // The label and the card tell more, and a tooltip would lie over them.
    box.addEventListener("pointerenter", () => look(k));
    box.addEventListener("pointerleave", () => look(null));
    box.addEventListener("focus", () => { if (box.matches(":focus-visible")) look(k); });
    box.addEventListener("blur", () => look(null));
    const jump = () => {
      const back = steps[state.at].kind === "backward" || steps[state.at].kind === "seed";
      const matches = steps.map((step, at) => (step.node === k ? at : -1)).filter((at) => at >= 0);
      if (matches.length > 0) state.go(back ? matches[matches.length - 1] : matches[0]);
    };
    box.addEventListener("click", jump);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      jump();
    });
  });

  const choice = document.getElementById("chain-output");
  if (sweeps.length > 1) {
    document.getElementById("chain-choice").hidden = false;
    sweeps.forEach((other, k) => choice.append(element("option", { value: k }, other.output)));
    choice.addEventListener("change", () => {
      sweep = sweeps[Number(choice.value)];
      plan();
      write();
      lists();
      state.count = steps.length;
      state.go(state.at);
    });
  }

  plan();
  const state = steppable("chain", steps.length, show);
  write();
  lists();
  state.go(0);

  if (data.chain.program) {
    sliders(data.chain, (isMoved) => {
      document.getElementById("chain-troubles").hidden = isMoved || troubles.length === 0;
      plan();
      write();
      lists();
      state.go(state.at);
    });
  } else if (data.chain.still) {
    const still = document.getElementById("chain-still");
    still.hidden = false;
    still.textContent = `No sliders on the inputs: ${data.chain.still}.`;
  }

  // A wide graph has the whole breadth, and is made smaller where it can still be read.
  const columns = document.getElementById("chain-columns");
  const whole = document.getElementById("chain-whole");
  const natural = Number(picture.getAttribute("width"));
  const fit = (is) => {
    picture.classList.toggle("fit", is);
    whole.textContent = is ? "Full size" : "Whole graph";
  };
  columns.classList.toggle("broad", natural > 860);
  const room = () => stage.clientWidth / natural;
  fit(room() >= 0.62);
  whole.hidden = room() >= 1;
  window.addEventListener("resize", () => { whole.hidden = room() >= 1; });
  whole.addEventListener("click", () => fit(!picture.classList.contains("fit")));

  // On paper, all of it.
  let shown = 0;
  window.addEventListener("beforeprint", () => { shown = state.at; state.go(state.count - 1); });
  window.addEventListener("afterprint", () => state.go(shown));
}
