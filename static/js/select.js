// Selecting rows: a bar that shows how many, Shift for a range, all on the page. Without it the bar is simply always there.
for (const form of document.querySelectorAll("[data-select]")) {
  const boxes = [...form.querySelectorAll("input[name=issue]")];
  const page = form.querySelector("[data-select-page]");
  const bar = form.querySelector("[data-select-bar]");
  const all = form.querySelector("[data-select-all]");
  const clear = form.querySelector("[data-select-clear]");
  const words = form.querySelector("[data-select-count]");
  let last = null;
  if (!bar || !page) continue;

  function show() {
    const chosen = boxes.filter((box) => box.checked).length;
    page.checked = chosen === boxes.length;
    page.indeterminate = chosen > 0 && !page.checked;
    bar.hidden = chosen === 0 && !all?.checked;
    if (all) all.parentElement.hidden = !page.checked && !all.checked;
    words.textContent = all?.checked ? "All matching selected" : `${chosen} selected`;
  }

  form.addEventListener("click", (event) => {
    const here = boxes.indexOf(event.target);
    if (here < 0) return;
    if (event.shiftKey && last !== null) {
      const [from, to] = [Math.min(here, last), Math.max(here, last)];
      for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = here;
    if (all && !event.target.checked) all.checked = false;
  });
  form.addEventListener("change", (event) => {
    if (event.target === page) {
      for (const box of boxes) box.checked = page.checked;
      if (all && !page.checked) all.checked = false;
    }
    show();
  });
  clear?.addEventListener("click", () => {
    for (const box of boxes) box.checked = false;
    if (all) all.checked = false;
    show();
  });
  page.hidden = false;
  if (clear) clear.hidden = false;
  show();
  addEventListener("pageshow", show);
}
