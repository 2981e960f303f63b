// The drawing of a network: weights as width and colour of lines, numbers on lines and below nodes.

/** Draws weights, in the order of `drawn`, into all pictures of a network below `root`. */
function networkDrawing(root, { drawn: positions, strongest, thinnest, widest }, names) {
  const parts = positions.map((position) => ({
    lines: [...root.querySelectorAll(`[data-weight="${position}"]`)],
    labels: [...root.querySelectorAll(`[data-weight-label="${position}"] text`)],
    offsets: [...root.querySelectorAll(`[data-offset="${position}"]`)],
  }));
  return (values) => parts.forEach(({ lines, labels, offsets }, k) => {
    const value = values[k];
    const strength = Math.min(1, Math.abs(value) / strongest);
    const told = readable(value);
    for (const group of lines) {
      const path = group.querySelector("path");
      path.setAttribute("stroke", value < 0 ? "var(--second)" : "var(--first)");
      path.setAttribute("stroke-width", (thinnest + (widest - thinnest) * strength).toFixed(2));
      path.setAttribute("stroke-opacity", (0.35 + 0.65 * strength).toFixed(2));
      const title = group.querySelector("title");
      if (title) title.textContent = `${names[k]} = ${told}`;
    }
    for (const label of labels) label.textContent = told;
    for (const group of offsets) group.querySelector("text").textContent = `${group.dataset.word} ${told}`.trim();
  });
}
