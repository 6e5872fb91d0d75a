// Single keys, only where the person has them switched on (the server leaves this file out otherwise); never inside a field.
const links = () => [...document.querySelectorAll(".issue-link")];
const current = () => document.activeElement?.closest(".issue-row") ?? null;
let going = 0;

function move(step) {
  const neighbour = document.querySelector(step > 0 ? "[data-next]" : "[data-previous]");
  if (neighbour) return neighbour.click();
  const all = links();
  const here = all.indexOf(current()?.querySelector(".issue-link"));
  const target = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

function pick(range) {
  const box = current()?.querySelector("input[type=checkbox]");
  if (box) box.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: range }));
}

function press(key) {
  // With nothing selected the key means the row one stands on.
  const box = current()?.querySelector("input[type=checkbox]");
  if (box && !document.querySelector(".pick input:checked")) box.click();
  const target = document.querySelector(`[data-key="${key}"]`);
  if (!target) return;
  target.click();
  if (target.matches("summary")) target.parentElement.querySelector("form :is(input, button, select):not([type=hidden])")?.focus();
}

const commands = {
  j: () => move(1),
  k: () => move(-1),
  x: () => pick(false),
  X: () => pick(true),
  o: () => current()?.querySelector(".issue-link")?.click(),
  e: () => press("e"),
  i: () => press("i"),
  u: () => press("u"),
  g: () => { going = Date.now(); },
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
  const destination = Date.now() - going < 1500 && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  going = 0;
  const command = destination ? () => destination.click() : commands[event.key];
  if (!command) return;
  event.preventDefault();
  command();
});
