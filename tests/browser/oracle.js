// Runs in a page without a policy. Each page under test is shown in a frame of the same origin, and what it can't
// write in its own HTML is done to it from here; the frame's own policy judges it all the same.
"use strict";

const PATIENCE = 4000;
const AT_ONCE = 4;

const ended = (thing, ...names) => new Promise((resolve) => names.forEach((name) => thing.addEventListener(name, () => resolve(name))));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const within = (promise, milliseconds = PATIENCE) => Promise.race([promise, pause(milliseconds).then(() => "late")]);

function element(view, name, properties) {
  const made = Object.assign(view.document.createElement(name), properties);
  const end = ended(made, "load", "error");
  view.document.body.append(made);
  return end;
}

async function asked(view, load) {
  switch (load.kind) {
    case "img": return element(view, "img", { src: load.url });
    case "made script": return element(view, "script", { src: load.url, nonce: load.nonce });
    case "made style": return element(view, "link", { rel: "stylesheet", href: load.url, nonce: load.nonce });
    case "frame": return element(view, "iframe", { src: load.url });
    case "object": element(view, "object", { data: load.url }); return pause(1000);
    case "embed": element(view, "embed", { src: load.url }); return pause(1000);
    case "media": { const audio = new view.Audio(load.url); audio.preload = "auto"; return ended(audio, "error", "loadeddata"); }
    case "font": return new view.FontFace("f" + load.id, `url("${load.url}")`).load();
    case "fetch": return view.fetch(load.url, { mode: "no-cors" });
    case "xhr": { const request = new view.XMLHttpRequest(); request.open("GET", load.url); request.send(); return ended(request, "loadend"); }
    case "beacon": view.navigator.sendBeacon(load.url, "1"); return pause(700);
    case "events": { const source = new view.EventSource(load.url); await ended(source, "open", "error"); return source.close(); }
    case "socket": return ended(new view.WebSocket(load.url), "open", "error", "close");
    case "worker": { const worker = new view.Worker(load.url); await within(ended(worker, "message", "error"), 1000); return worker.terminate(); }
    case "shared worker": return ended(new view.SharedWorker(load.url, "w" + load.id), "error");
    case "form": {
      view.document.body.insertAdjacentHTML("beforeend", `<iframe name="target${load.id}"></iframe><form target="target${load.id}" method="post"></form>`);
      const form = view.document.body.lastElementChild;
      form.action = load.url;
      form.submit();
      return pause(1000);
    }
  }
}

const local = {
  img: async (view, load) => (await element(view, "img", { src: load.url })) === "load",
  fetch: async (view, load) => (await view.fetch(address(view, load))).ok,
  worker: async (view, load) => {
    const worker = new view.Worker(address(view, load));
    const message = ended(worker, "message", "error");
    return (await message) === "message";
  },
  "made script": async (view, load) => { await element(view, "script", { src: address(view, load) }); return load.id in (view.ran ?? {}); },
};

const address = (view, load) => (load.url.startsWith("blob:") ? view.URL.createObjectURL(new view.Blob([load.code], { type: "text/javascript" })) : load.url);

const code = {
  "inline script": (view, load) => load.id in (view.ran ?? {}),
  "inline style": (view, load) => view.getComputedStyle(view.document.getElementById("t" + load.id)).top === "7px",
  "style attribute": (view, load) => view.getComputedStyle(view.document.getElementById("t" + load.id)).top === "7px",
  "made style attribute": (view, load) => {
    const made = view.document.createElement("p");
    view.document.body.append(made);
    made.setAttribute("style", load.code);
    return view.getComputedStyle(made).top === "7px";
  },
  handler: (view, load) => { view.document.getElementById("t" + load.id).click(); return load.id in (view.ran ?? {}); },
  navigation: async (view, load) => { view.document.getElementById("t" + load.id).click(); await pause(300); return load.id in (view.ran ?? {}); },
  "made inline script": (view, load) => {
    view.document.body.append(Object.assign(view.document.createElement("script"), { textContent: load.code, nonce: load.nonce }));
    return load.id in (view.ran ?? {});
  },
  eval: (view, load) => { view.eval(load.code); return load.id in (view.ran ?? {}); },
  function: (view, load) => { new view.Function(load.code)(); return load.id in (view.ran ?? {}); },
  timer: async (view, load) => { view.setTimeout(load.code, 0); await pause(100); return load.id in (view.ran ?? {}); },
  wasm: (view) => Boolean(new view.WebAssembly.Module(new view.Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))),
  base: (view, load) => {
    const base = Object.assign(view.document.createElement("base"), { href: load.url });
    view.document.head.append(base);
    const taken = view.document.baseURI === base.href;
    base.remove();
    return taken;
  },
};

async function outcome(view, load) {
  const effect = code[load.kind] ?? (/^(data|blob):/.test(load.url) ? local[load.kind] : undefined);
  if (!effect) {
    const end = await within(asked(view, load).catch(() => "refused"));
    return end === "late" && !view.violated.has(load.directive) ? "late" : "asked"; // not every blocked load ends with an event
  }
  const ran = (async () => effect(view, load))().catch(() => false);
  return (await within(ran)) === true ? "allowed" : "blocked";
}

async function run(page) {
  const frame = document.createElement("iframe");
  frame.src = "/oracle/page/" + page.number;
  const loaded = ended(frame, "load");
  document.body.append(frame);
  await within(loaded, 10000);
  const view = frame.contentWindow;
  view.violated = new Set();
  view.document.addEventListener("securitypolicyviolation", (event) => view.violated.add(event.effectiveDirective));
  const result = async (load) => [load.id, await outcome(view, load)];
  const alone = page.loads.filter((load) => load.kind === "navigation"); // one navigation would cancel another
  const results = await Promise.all(page.loads.filter((load) => !alone.includes(load)).map(result));
  for (const load of alone) results.push(await result(load));
  frame.remove();
  return results;
}

async function all() {
  const waiting = JSON.parse(document.getElementById("pages").textContent);
  const results = {};
  const walk = async () => {
    while (waiting.length) {
      for (const [id, result] of await run(waiting.shift())) results[id] = result;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
  await fetch("/oracle/results", { method: "POST", body: JSON.stringify(results) });
}

// After the load event, which frames would hold up.
addEventListener("load", () => setTimeout(all, 0));
