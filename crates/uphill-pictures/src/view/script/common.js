// What all sections use: elements, the sections that can be stepped, and the keys.

const data = JSON.parse(document.getElementById("data").textContent);

/** A section with steps: how many, where it is, and what is done when it gets to one. */
const sections = new Map();

/** The network's weights, where sliders move them: sections listen, and are told who changed them. */
const shared = {
  listeners: [],
  change(weights, by) {
    for (const listener of shared.listeners) listener(weights, by);
  },
};

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawn(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** A number with three digits and a true minus. */
function readable(number) {
  if (number === 0) return "0";
  const size = Math.abs(number);
  const text = size >= 1e6 || size < 1e-4 ? number.toExponential(2) : String(Number(number.toPrecision(3)));
  return text.replaceAll("-", "−").replace("e+", "e");
}

/** A number as the library writes it: five digits, powers of ten raised. */
function short(number) {
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number < 0 ? "−∞" : "∞";
  if (number === 0) return "0";
  const trimmed = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);
  const [mantissa, power] = number.toExponential(4).split("e").map(Number);
  const raised = (letter) => (letter === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(letter)]);
  const text = power >= -4 && power < 6
    ? trimmed(number.toFixed(Math.max(0, 4 - power)))
    : `${trimmed(mantissa.toFixed(4))}×10${[...String(power)].map(raised).join("")}`;
  return text.replace("-", "−");
}

/** Makes a section steppable by its buttons, its slider and the keys. `show` draws a step. */
function steppable(id, count, show) {
  const root = document.getElementById(id);
  const range = root.querySelector("input[type=range]");
  const state = { count, at: 0, listeners: [] };
  state.go = (step) => {
    const at = Math.max(0, Math.min(state.count - 1, step));
    state.at = at;
    range.max = state.count - 1;
    range.value = at;
    for (const button of root.querySelectorAll(".controls [data-go]")) {
      const back = button.dataset.go === "first" || button.dataset.go === "back";
      // Not `disabled`: a button that one just pressed keeps the focus.
      button.setAttribute("aria-disabled", back ? at === 0 : at === state.count - 1);
    }
    range.setAttribute("aria-valuetext", show(at) || "");
    for (const listener of state.listeners) listener(at);
  };
  const ways = { first: () => 0, back: () => state.at - 1, on: () => state.at + 1, last: () => state.count - 1 };
  for (const button of root.querySelectorAll(".controls [data-go]")) {
    button.addEventListener("click", () => state.go(ways[button.dataset.go]()));
  }
  range.addEventListener("input", () => state.go(Number(range.value)));
  state.ways = ways;
  sections.set(id, state);
  document.getElementById("keys").hidden = false;
  return state;
}

/** The section that keys speak to: the one with the focus, else the one in view, else the first. */
function listening() {
  for (const id of sections.keys()) {
    if (document.getElementById(id).contains(document.activeElement)) return sections.get(id);
  }
  for (const id of sections.keys()) {
    const box = document.getElementById(id).getBoundingClientRect();
    if (box.bottom > window.innerHeight * 0.35) return sections.get(id);
  }
  return undefined;
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  const focused = document.activeElement;
  // A slider has the same keys of its own, a list of choices other ones.
  if (focused && (focused.tagName === "INPUT" || focused.tagName === "SELECT")) return;
  const inside = focused && focused.closest("section section, main > section");
  const keys = { ArrowLeft: "back", ArrowRight: "on" };
  if (inside) Object.assign(keys, { Home: "first", End: "last" });
  const way = keys[event.key];
  const section = way && listening();
  if (!section) return;
  event.preventDefault();
  section.go(section.ways[way]());
});

/** Brings a part of a picture into view inside its own box, without moving the page. */
function reveal(box, part) {
  const outer = box.getBoundingClientRect();
  const inner = part.getBoundingClientRect();
  const room = 24;
  if (inner.left < outer.left + room) box.scrollLeft += inner.left - outer.left - room;
  if (inner.right > outer.right - room) box.scrollLeft += inner.right - outer.right + room;
  if (inner.top < outer.top + room) box.scrollTop += inner.top - outer.top - room;
  if (inner.bottom > outer.bottom - room) box.scrollTop += inner.bottom - outer.bottom + room;
}

// Light or dark, as the system says until somebody says otherwise.
const theme = document.getElementById("theme");
const night = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme || (night.matches ? "dark" : "light")) === "dark";
const offer = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
theme.hidden = false;
theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  offer();
});
night.addEventListener("change", offer);
offer();

// On paper, nothing stays folded.
const folded = () => [...document.querySelectorAll("details:not([open])")];
let unfolded = [];
window.addEventListener("beforeprint", () => { unfolded = folded(); unfolded.forEach((part) => { part.open = true; }); });
window.addEventListener("afterprint", () => unfolded.forEach((part) => { part.open = false; }));

const titled = document.querySelectorAll("main > section");
if (titled.length > 1) {
  for (const section of titled) {
    const title = section.querySelector("h2").textContent;
    document.getElementById("sections").append(element("a", { href: "#" + section.id }, title));
  }
}
