// The surface: the place on the path, from above and from the side. A path of the training follows its slider.

if (data.surface) {
  const { linked, names, points, places } = data.surface;
  const pictures = [...document.querySelectorAll("#surface-stage svg")];
  const controls = document.getElementById("surface-controls");
  const status = document.getElementById("surface-status");

  const marks = pictures.map((picture) => {
    const mark = drawn("circle", { class: "marker-place", r: 7 });
    picture.append(mark);
    return mark;
  });

  function show(at) {
    marks.forEach((mark, k) => {
      const place = places[k][at];
      mark.setAttribute("visibility", place ? "visible" : "hidden");
      if (!place) return;
      mark.setAttribute("cx", place[0]);
      mark.setAttribute("cy", place[1]);
    });
    const told = names.map((name, k) => `${name} = ${points[at][k]}`).join(", ");
    status.replaceChildren(element("b", {}, `Point ${at + 1} of ${points.length}: `), told);
    return told;
  }

  if (points.length === 0) {
    controls.hidden = true;
    marks.forEach((mark) => mark.setAttribute("visibility", "hidden"));
  } else if (linked && sections.has("training")) {
    const training = sections.get("training");
    const state = steppable("surface", points.length, show);
    // Each follows the other.
    training.listeners.push((at) => { if (state.at !== at) state.go(at); });
    state.listeners.push((at) => { if (training.at !== at) training.go(at); });
    state.go(training.at);
  } else {
    steppable("surface", points.length, show).go(points.length - 1);
  }
}
