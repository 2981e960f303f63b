// The weights by hand: sliders move them, and P over all samples, its slopes, the network and decision regions follow.

/** P over all samples and its slopes: forward and backward for each sample, then through what P makes of their sum. */
function climbed({ term, whole, rows, frozen, divisor }, weights) {
  let sum = 0;
  const slopes = weights.map(() => 0);
  for (const row of rows) {
    const { values, partials } = forward(term, [...weights, ...row]);
    const found = adjoints(term, partials);
    sum += values[term.outputs[0]];
    weights.forEach((_, k) => { slopes[k] += found[k] ?? 0; });
  }
  const { values, partials } = forward(whole, [sum, ...weights]);
  const [through = 0, ...own] = adjoints(whole, partials);
  const slope = (k) => (frozen.includes(k) ? 0 : ((slopes[k] === 0 ? 0 : through * slopes[k]) + (own[k] ?? 0)) / divisor);
  return { performance: values[whole.outputs[0]] / divisor, slopes: slopes.map((_, k) => slope(k)) };
}

/** The computed outputs of the network for these inputs. */
function computed({ outputs }, weights, inputs) {
  const { values } = forward(outputs, [...weights, ...inputs]);
  return outputs.outputs.map((place) => values[place]);
}

/** The place of the largest number, the first of them if several are. */
const largest = (numbers) => numbers.reduce((best, number, k) => (number > numbers[best] ? k : best), 0);

/**
 * Marching squares: where values on a grid are above 0, as the data of a path in a frame, and the line around it. Rows
 * begin below.
 */
function region(values, side, [left, top, width, height]) {
  const place = (column, row) =>
    `${(left + (width * column) / (side - 1)).toFixed(2)} ${(top + height - (height * row) / (side - 1)).toFixed(2)}`;
  let [area, line] = ["", ""];
  for (let row = 0; row + 1 < side; row += 1) {
    let run = null; // Where cells began that lie inside as a whole.
    const flush = (column) => {
      if (run !== null) area += `M${place(run, row)}L${place(column, row)} ${place(column, row + 1)} ${place(run, row + 1)}z`;
      run = null;
    };
    for (let column = 0; column + 1 < side; column += 1) {
      const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
      const at = corners.map(([x, y]) => values[y * side + x]);
      const inside = at.filter((value) => value > 0).length;
      if (inside === 4) {
        run ??= column;
        continue;
      }
      flush(column);
      if (inside === 0) continue;
      const [points, crossings] = [[], []];
      corners.forEach(([x, y], k) => {
        const next = (k + 1) % 4;
        if (at[k] > 0) points.push(place(x, y));
        if (at[k] > 0 === at[next] > 0) return;
        const part = at[k] / (at[k] - at[next]);
        const along = Number.isFinite(part) ? part : 0.5;
        const crossing = place(x + along * (corners[next][0] - x), y + along * (corners[next][1] - y));
        points.push(crossing);
        crossings.push(crossing);
      });
      area += `M${points.join("L")}z`;
      for (let k = 0; k + 1 < crossings.length; k += 2) line += `M${crossings[k]}L${crossings[k + 1]}`;
    }
    flush(side - 1);
  }
  return { area, line };
}

if (data.sliders) {
  const { name, names, start, frozen, notes, rows: samples, inputs, still, network, plane, drawn: positions } = { ...data.sliders, ...data.sliders.network };
  const status = document.getElementById("weights-status");
  const list = document.getElementById("weights-list");
  const SIDE = 61;
  const MOST = 200;
  const now = [...start];

  document.getElementById("weights-notes").textContent = notes.join(" ");
  const drawNetwork = networkDrawing(document.getElementById("weights-network"), network, positions.map((k) => names[k]));

  /** Regions and their borders in both pictures, and rings around samples that are computed otherwise. */
  const pictures = [...document.querySelectorAll("#weights-regions svg")].map((picture) => ({
    regions: [...picture.querySelectorAll("[data-region] path")],
    borders: picture.querySelector(".borders path"),
    rings: [...picture.querySelectorAll("[data-sample]")],
  }));

  function drawRegions() {
    const { classes, places, ends, held, frames } = plane;
    const point = [...held];
    const grid = Array.from({ length: classes }, () => []);
    for (let row = 0; row < SIDE; row += 1) {
      for (let column = 0; column < SIDE; column += 1) {
        [column, row].forEach((step, k) => {
          const [low, high] = ends[k];
          point[places[k]] = low + ((high - low) * step) / (SIDE - 1);
        });
        computed(data.sliders, now, point).forEach((output, k) => grid[k].push(output));
      }
    }
    const ahead = (own, others) => grid[own].map((output, at) => output - Math.max(...others.map((k) => grid[k][at])));
    const all = [...grid.keys()];
    pictures.forEach(({ regions, borders }, k) => {
      // Each class lies over those before it, where its output is larger.
      regions.forEach((path) => {
        const own = Number(path.parentNode.dataset.region);
        path.setAttribute("d", region(ahead(own, all.slice(0, own)), SIDE, frames[k]).area);
      });
      borders.setAttribute("d", all.map((own) => region(ahead(own, all.filter((k) => k !== own)), SIDE, frames[k]).line).join(""));
    });
  }

  /** How many samples are computed otherwise than desired; their rings are shown. */
  function judge() {
    const wrong = samples.map((row) =>
      largest(computed(data.sliders, now, row.slice(0, inputs))) !== largest(row.slice(inputs)));
    for (const { rings } of pictures) {
      for (const ring of rings) ring.setAttribute("visibility", wrong[ring.dataset.sample] ? "visible" : "hidden");
    }
    return wrong.filter((is) => is).length;
  }

  let slopes = [];
  function compute(whence) {
    const found = climbed(data.sliders, now);
    slopes = found.slopes;
    rows.forEach(({ slope }, k) => { slope.textContent = `slope ${short(slopes[k])}`; });
    drawNetwork(positions.map((k) => now[k]));
    const told = [`${name} = ${short(found.performance)}`, `length of its gradient = ${short(Math.hypot(...slopes))}`];
    if (plane) {
      drawRegions();
      told.push(`${judge()} of ${samples.length} samples computed otherwise`);
    }
    status.replaceChildren(element("b", {}, `${whence}: `), told.join(", "));
  }

  /** Takes other weights, from another section or all at once. */
  function put(weights, whence) {
    weights.forEach((weight, k) => { now[k] = weight; });
    rows.forEach(({ put }, k) => put(now[k]));
    compute(whence);
  }

  const rows = still ? [] : names.slice(0, MOST).map((weight, k) => {
    const row = slider(`weights-slider-${k}`, weight, start[k], (value) => {
      now[k] = value;
      compute("By hand");
      shared.change(now, "weights");
    });
    const slope = element("span", { class: "adjoint" });
    list.append(element("div", { class: "weight-row" }, row.label, row.number, row.range, slope));
    return { ...row, slope };
  });

  if (still) {
    document.getElementById("weights-controls").hidden = true;
    list.textContent = `No sliders on the weights: ${still}.`;
  } else {
    if (names.length > MOST) list.append(element("p", {}, `and ${names.length - MOST} more weights without a slider`));
    const all = (weights, whence) => {
      put(weights, whence);
      shared.change(now, "weights");
    };
    const rate = document.getElementById("weights-rate");
    document.getElementById("weights-reset").addEventListener("click", () => all(start, "As given"));
    document.getElementById("weights-uphill").addEventListener("click", () => {
      const step = Number(rate.value);
      if (!Number.isFinite(step)) return;
      all(now.map((weight, k) => weight + step * slopes[k]), "A step uphill");
    });
    // A line of the network leads to its slider.
    for (const line of document.querySelectorAll("#weights-network [data-weight]")) {
      line.addEventListener("click", () => {
        const row = rows[Number(line.dataset.weight)];
        if (row) row.range.focus();
      });
    }
    shared.listeners.push((weights, by) => {
      if (by === "chain") put(weights, "By hand");
      if (by.startsWith("After")) put(weights, by);
    });
    // The training leads, where its history has every weight.
    const training = sections.get("training");
    if (training && data.training.drawn.length === names.length) {
      training.listeners.push((at) => {
        if (training.quiet) return;
        // The history is kept with six digits: the end is what was given.
        const row = data.training.weights[at].map((weight, k) => (Math.abs(weight - start[k]) <= 1e-5 * Math.abs(start[k]) ? start[k] : weight));
        shared.change(row, `After ${data.training.rows[at].change} changes`);
      });
    }
    compute("As given");
  }
}
