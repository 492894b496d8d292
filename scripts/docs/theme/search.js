// The search: every word must be in the part of a page; what has them in its heading comes first.
const field = document.getElementById("search");
const found = document.getElementById("found");

function matches(words) {
  const has = (text) => words.every((word) => text.toLowerCase().includes(word));
  const parts = INDEX.filter(([, title, heading, text]) => has(`${title} ${heading} ${text}`));
  const named = parts.filter(([, title, heading]) => has(`${title} ${heading}`));
  return [...named, ...parts.filter((part) => !named.includes(part))].slice(0, 12);
}

function item([address, title, heading]) {
  const link = document.createElement("a");
  link.href = ROOT + address;
  link.textContent = title === heading ? title : `${title}: ${heading}`;
  const line = document.createElement("li");
  line.append(link);
  return line;
}

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const parts = words.length ? matches(words) : [];
  found.replaceChildren(...parts.map(item));
  found.hidden = parts.length === 0;
}

field.addEventListener("input", show);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") found.querySelector("a")?.click();
  if (event.key === "Escape") { field.value = ""; show(); field.blur(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) { event.preventDefault(); field.focus(); }
});
