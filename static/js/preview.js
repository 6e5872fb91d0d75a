// Asks the rule form's own page again while one types, and takes the preview out of the answer. Without it there is a button.
const form = document.querySelector("[data-preview]");
const place = form?.querySelector("[data-preview-answer]");
let waiting = 0;
let asked = 0;

async function ask() {
  const mine = ++asked;
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const address = new URL(location.href);
  address.search = new URLSearchParams(fields).toString();
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || mine !== asked) return;
    show(await answer.json());
  } catch {
    // The button is still there.
  }
}

function show({ words, danger, issues, button }) {
  const line = document.createElement("p");
  line.textContent = words;
  if (danger) Object.assign(line, { className: "banner" }).dataset.tone = "danger";
  const list = document.createElement("ul");
  for (const issue of issues) list.append(Object.assign(document.createElement("li"), { textContent: issue }));
  const said = place.querySelector("[data-preview-said]");
  said.replaceChildren(line, list);
  form.querySelector("[data-preview-button]").textContent = button;
}

form?.addEventListener("input", (event) => {
  if (!/^(field|op|value)-/.test(event.target.name)) return;
  clearTimeout(waiting);
  waiting = setTimeout(ask, 400);
});
