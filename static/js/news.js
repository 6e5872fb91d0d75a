// Every 30 seconds: "4 new issues. Show". Rows never move by themselves.
const line = document.querySelector("[data-news]");

async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch(line.dataset.news, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { new: found } = await answer.json();
    if (!found) return;
    line.firstElementChild.textContent = `${found > 1000 ? "1,000+" : found} new ${found === 1 ? "issue" : "issues"}. Show`;
    line.hidden = false;
  } catch {
    // Offline or signed out: the list stays as it is and the next round asks again.
  }
}

if (line) setInterval(ask, 30000);
