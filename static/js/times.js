// Keeps "2 m" true while the page stands open. Times are right without it: the server wrote them a moment ago.
const UNITS = [[3600, 60, "m"], [86400, 3600, "h"], [86400 * 60, 86400, "d"]];

function ago(seconds) {
  if (seconds < 45) return "just now";
  for (const [limit, unit, letter] of UNITS) {
    if (seconds < limit) return `${Math.max(1, Math.floor(seconds / unit))} ${letter}`;
  }
  return "";
}

function refresh() {
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const words = ago((Date.now() - Date.parse(element.dateTime)) / 1000);
    if (words && element.textContent !== words) element.textContent = words;
  }
}

setInterval(() => { if (!document.hidden) refresh(); }, 30000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
