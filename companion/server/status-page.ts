// The companion's own page while the studio is not built: is it running, pair a panel, who is paired, what runs.
// Names that came from panels are set as text, never as markup.

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #b4532a; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 8vh auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .25rem 0 0; }
section { border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; margin-top: 1.25rem; }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; align-items: center; gap: .75rem; padding: .4rem 0; border-top: 1px solid var(--soft); }
li:first-child { border-top: 0; }
li span:first-child { flex: 1; }
.quiet { opacity: .65; }
button { font: inherit; padding: .35rem .9rem; border: 1px solid var(--line); border-radius: 7px; background: none; color: inherit; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: #fff; }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#code { font: 600 2rem/1.2 ui-monospace, monospace; letter-spacing: .08em; margin: .5rem 0; user-select: all; }
`;

const SCRIPT = `
const $ = (id) => document.getElementById(id);
const fromTicket = new URLSearchParams(location.hash.slice(1)).get("ticket");
history.replaceState(null, "", location.pathname);
let token = sessionStorage.getItem("impasto-token");
let session = null;

function send(method, path, body, bearer) {
  return fetch("/v1" + path, {
    method,
    headers: { ...(bearer && { Authorization: "Bearer " + bearer }), ...(body && { "Content-Type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function openSession() {
  const opened = await send("POST", "/pair/session", undefined, token);
  session = opened.ok ? (await opened.json()).session : null;
}

async function api(method, path, body) {
  if (token && !session) await openSession();
  let response = await send(method, path, body, session);
  if (response.status === 401 && session) {
    await openSession();
    response = await send(method, path, body, session);
  }
  const reply = response.status === 204 ? null : await response.json();
  if (!response.ok) throw Object.assign(new Error(reply.message), reply);
  return reply;
}

function row(list, text, detail, action) {
  const item = document.createElement("li");
  const [name, more] = [document.createElement("span"), document.createElement("span")];
  name.textContent = text;
  more.textContent = detail;
  more.className = "quiet";
  item.append(name, more);
  if (action) {
    const button = document.createElement("button");
    button.textContent = action.label;
    button.onclick = () => action.run().then(refresh, say);
    item.append(button);
  }
  list.append(item);
}

function fill(id, items, none, add) {
  $(id).replaceChildren();
  if (items.length === 0) row($(id), none, "");
  for (const item of items) add(item);
}

function say(error) {
  $("message").textContent = error.message + (error.hint ? " " + error.hint : "");
}

async function refresh() {
  try {
    const { pairings } = await api("GET", "/pairings");
    fill("pairings", pairings.filter((p) => p.host !== "page"), "None yet.", (p) =>
      row($("pairings"), p.name || p.host, "last seen " + new Date(p.lastSeenAt).toLocaleString(), {
        label: "Unpair",
        run: () => api("DELETE", "/pairings/" + p.id),
      }),
    );
    const { jobs } = await api("GET", "/jobs?limit=10");
    fill("jobs", jobs, "Nothing so far.", ({ state, progress, createdAt }) => {
      const how = state === "running" ? Math.round(100 * (progress ? progress.fraction : 0)) + " %" : state;
      row($("jobs"), new Date(createdAt).toLocaleTimeString(), how);
    });
    const shown = $("code").textContent;
    const { pairing } = await api("GET", "/health");
    // A code that appeared meanwhile is newer than the answer.
    if (pairing === "closed" && $("code").textContent === shown) $("code").textContent = "";
    $("own").hidden = false;
    $("message").textContent = "";
  } catch (error) {
    if (error.code === "unauthorized") {
      sessionStorage.removeItem("impasto-token");
      $("own").hidden = true;
      $("message").textContent =
        "To manage it here, open the address that the terminal shows; press o there for a new one.";
    } else say(error);
  }
}

$("connect").onclick = async () => {
  try {
    const { code } = await api("POST", "/pair/window");
    $("code").textContent = code.slice(0, 4) + "-" + code.slice(4);
  } catch (error) {
    say(error);
  }
};

(async () => {
  if (fromTicket) {
    try {
      ({ token } = await api("POST", "/pair/ticket", { ticket: fromTicket }));
      sessionStorage.setItem("impasto-token", token);
    } catch (error) {
      say(error);
    }
  }
  await refresh();
  setInterval(refresh, 2000);
})();
`;

export const STATUS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Impasto</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<h1>Impasto is running</h1>
<p>It paints for the panel in Figma, in Photopea and in this browser. Nothing leaves this machine.</p>
<p id="message" role="status" class="quiet"></p>
<div id="own" hidden>
<section>
<h2>Connect a panel</h2>
<p class="quiet">Open the plugin, then type the code that appears here. It lasts two minutes.</p>
<p id="code" aria-live="polite"></p>
<button class="main" id="connect">Connect</button>
</section>
<section><h2>Paired</h2><ul id="pairings"></ul></section>
<section><h2>Latest work</h2><ul id="jobs"></ul></section>
</div>
<script>${SCRIPT}</script>
</body>
</html>
`;
