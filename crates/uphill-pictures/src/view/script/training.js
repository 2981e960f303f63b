// The training: a row of the history at a time, marked in the charts, with the weights of that row in the network.

if (data.training) {
  const { name, rows, charts, drawn: positions, names, weights } = data.training;
  const status = document.getElementById("training-status");
  const pictures = [...document.querySelectorAll("#training-stage svg")];

  const marks = pictures.map((picture, k) => {
    const { top, bottom } = charts[k];
    const line = drawn("line", { class: "marker-line", y1: top, y2: bottom });
    const dots = [0, 1].map(() => drawn("circle", { class: "marker-dot", r: 5 }));
    picture.append(line, ...dots);
    return { line, dots };
  });

  // Each drawn weight: in the network, and in its row of the table.
  const network = document.getElementById("training-network");
  const drawNetwork = networkDrawing(network, data.training, names);
  const table = document.querySelector("#training-weights tbody");
  const cells = positions.map((_, k) => {
    const row = [0, 1, 2].map(() => element("td"));
    table.append(element("tr", {}, element("th", { scope: "row" }, names[k]), ...row));
    return row;
  });
  document.getElementById("training-weights").hidden = positions.length === 0;
  network.hidden = positions.length === 0;

  function draw(values, start) {
    drawNetwork(values);
    cells.forEach((row, k) => {
      [start[k], values[k], values[k] - start[k]].forEach((number, j) => { row[j].textContent = readable(number); });
    });
  }

  function show(at) {
    const row = rows[at];
    marks.forEach(({ line, dots }, k) => {
      const [x, upper, lower] = charts[k].places[at];
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      dots.forEach((dot, j) => {
        dot.setAttribute("cx", x);
        dot.setAttribute("cy", j === 0 ? upper : lower);
      });
    });
    if (weights.length > 0) draw(weights[at], weights[0]);
    const told = [`${name} = ${row.performance}`, `length of ∇P = ${row.length}`, `rate ${row.rate}`];
    if (row.validation !== null) told.splice(1, 0, `validation ${name} = ${row.validation}`);
    status.replaceChildren(element("b", {}, `After ${row.change} changes: `), told.join(", "));
    return `after ${row.change} changes, ${told.join(", ")}`;
  }

  const state = steppable("training", rows.length, show);

  // Dragging along a chart goes to the nearest row.
  pictures.forEach((picture, k) => {
    const drag = (event) => {
      const matrix = picture.getScreenCTM();
      if (!matrix) return;
      const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()).x;
      let best = 0;
      charts[k].places.forEach((place, at) => {
        if (Math.abs(place[0] - x) < Math.abs(charts[k].places[best][0] - x)) best = at;
      });
      state.go(best);
    };
    picture.addEventListener("pointerdown", (event) => {
      picture.setPointerCapture(event.pointerId);
      drag(event);
    });
    picture.addEventListener("pointermove", (event) => {
      if (picture.hasPointerCapture(event.pointerId)) drag(event);
    });
  });

  const play = document.getElementById("training-play");
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
  };
  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    if (state.at === rows.length - 1) state.go(0);
    // The whole history in about ten seconds.
    const stride = Math.max(1, Math.round(rows.length / 200));
    timer = setInterval(() => {
      state.go(state.at + stride);
      if (state.at === rows.length - 1) stop();
    }, Math.max(50, 10000 / rows.length));
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
    return undefined;
  });

  state.go(0);

  // On paper, the end; the weights that a hand has moved stay.
  let shown = 0;
  const quietly = (at) => { state.quiet = true; state.go(at); state.quiet = false; };
  window.addEventListener("beforeprint", () => { shown = state.at; quietly(rows.length - 1); });
  window.addEventListener("afterprint", () => quietly(shown));
}
