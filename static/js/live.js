// The line that waits for the first report: asks every 3 s, every 15 s after five minutes, never while nobody looks.
const line = document.querySelector("[data-live]");
const began = Date.now();
const causes = document.querySelector("[data-live-causes]");
let checked = 0;
let done = false;

const part = (name) => line.querySelector(`[data-live-${name}]`);

function turn(answer) {
  done = true;
  line.dataset.tone = "ok";
  part("mark").textContent = "✓";
  part("words").textContent = answer.words;
  part("checked").textContent = "";
  part("link").textContent = "See it";
  part("link").href = answer.url;
}

async function ask() {
  try {
    const response = await fetch(line.dataset.live, { headers: { accept: "application/json" }, redirect: "error" });
    if (!response.ok) return;
    const answer = await response.json();
    checked = Date.now();
    if (answer.first_report_at) turn(answer);
  } catch {
    // Away for a moment: the line says how long ago it could ask.
  }
}

async function round() {
  if (done) return;
  if (!document.hidden) await ask();
  if (causes && Date.now() - began > 60_000) causes.open = true;
  if (!done) setTimeout(round, Date.now() - began > 300_000 ? 15_000 : 3_000);
}

function tell() {
  if (done) return;
  if (checked) part("checked").textContent = `Checked ${Math.max(1, Math.round((Date.now() - checked) / 1000))} s ago.`;
}

if (line) {
  // The seconds are for the eye alone: a screen reader hears the line when it turns.
  part("checked").setAttribute("aria-hidden", "true");
  round();
  setInterval(tell, 1000);
}
