// Send test report: this browser posts a real report to the real endpoint and ticks each step as it is proven.
const form = document.querySelector("[data-test-report]");
const steps = document.querySelector("[data-test-steps]");
const words = document.querySelector("[data-test-words]");
const remove = document.querySelector("[data-test-remove]");
const elsewhere = document.querySelector("[data-test-elsewhere]");
const waiting = document.querySelector("[data-live-words]");
const PATIENCE = 15_000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function mark(name, state) {
  const step = steps.querySelector(`[data-step="${name}"]`);
  delete step.dataset.done;
  delete step.dataset.failed;
  if (state) step.dataset[state] = "";
  step.firstElementChild.textContent = { done: "✓", failed: "✗" }[state] ?? "○";
}

async function status() {
  const response = await fetch(form.dataset.status, { headers: { accept: "application/json" }, redirect: "error" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

function report() {
  return JSON.stringify({ "csp-report": {
    "document-uri": form.dataset.document, "referrer": "", "violated-directive": "img-src", "effective-directive": "img-src",
    "original-policy": "default-src 'self'", "disposition": "report", "blocked-uri": "https://test-report.invalid/picture.png", "status-code": 200,
  } });
}

async function post() {
  const headers = { "content-type": "application/csp-report" };
  const response = await fetch(form.dataset.testReport, { method: "POST", headers, body: report(), credentials: "omit" });
  if (!response.ok) throw new Error(`The endpoint answered ${response.status}.`);
}

async function wait(before, began) {
  while (performance.now() - began < PATIENCE) {
    const now = await status();
    if (now.reports > before) return now;
    await pause(200);
  }
  return null;
}

function tellGrouped(now, seconds) {
  const link = document.createElement("a");
  link.href = now.url;
  link.textContent = now.issue;
  words.replaceChildren("Grouped as ", link, ` in ${seconds.toFixed(1)} s. It is marked Test.`);
  remove.hidden = false;
  if (waiting?.dataset.tested && !waiting.closest("[data-tone]")) waiting.textContent = waiting.dataset.tested;
}

// Under another name of this server our own policy lets the page reach only that name.
function tellFailed(error) {
  mark("accepted", "failed");
  elsewhere.hidden = location.host === elsewhere.dataset.testElsewhere;
  elsewhere.querySelector("[data-test-opened]").textContent = location.host;
  words.textContent = elsewhere.hidden ? `${error.message} An ad-blocker or a proxy may stand in between.` : "";
}

async function run() {
  steps.hidden = false;
  elsewhere.hidden = true;
  for (const name of ["accepted", "queued", "grouped"]) mark(name);
  words.textContent = "Sending…";
  let before;
  try {
    before = (await status()).reports;
    await post();
  } catch (error) {
    tellFailed(error);
    return;
  }
  const began = performance.now();
  mark("accepted", "done");
  mark("queued", "done"); // the endpoint answers only after the report lies in the buffer
  words.textContent = "Waiting for the worker…";
  const now = await wait(before, began).catch(() => null);
  mark("grouped", now ? "done" : "failed");
  if (now) tellGrouped(now, (performance.now() - began) / 1000);
  else words.textContent = "Queued, but not grouped for 15 s: is the worker running? Nothing is lost; it is grouped when the worker is back.";
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  run().finally(() => { button.disabled = false; });
});
