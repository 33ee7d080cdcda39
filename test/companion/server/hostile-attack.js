// Runs in the hostile frames, as text: nothing here may refer to anything outside.
// Every way to send something from a page that asks for no permission; what got to be read is told to the top page.

/**
 * @param {string} from who reports
 * @param {string} base the companion
 * @param {{ method: string, path: string }[]} routes
 */
// biome-ignore lint/correctness/noUnusedVariables: called by the pages that it is pasted into
function attack(from, base, routes) {
  const report = (reading) => top?.postMessage({ from, ...reading }, "*");
  const TAGS = ["img", "script", "link", "video", "object"];
  const ENCTYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
  const attempts = [];
  const attempt = (how, method, path, init) =>
    attempts.push(
      fetch(base + path, { method, ...init })
        .then(async (reply) => {
          if (reply.type !== "opaque") report({ how, method, path, status: reply.status, text: await reply.text() });
        })
        .catch(() => undefined),
    );
  for (const { method, path } of routes) {
    const body = method === "GET" || method === "HEAD" ? {} : { body: "{}" };
    attempt("plain", method, path, body);
    attempt("text", method, path, { ...body, headers: { "Content-Type": "text/plain" } });
    attempt("json", method, path, { ...body, headers: { "Content-Type": "application/json" } });
    attempt("token", method, path, {
      ...body,
      headers: { Authorization: `Bearer imp_${"0".repeat(16)}_${"0".repeat(64)}` },
    });
    attempt("cookies", method, path, { ...body, credentials: "include" });
    if (["GET", "HEAD", "POST"].includes(method)) attempt("no-cors", method, path, { ...body, mode: "no-cors" });
    navigator.sendBeacon?.(base + path, "{}");
    navigator.sendBeacon?.(base + path, new Blob(["{}"], { type: "text/plain" }));
    const tag = TAGS[attempts.length % TAGS.length];
    const element = document.createElement(tag);
    for (const name of ["src", "href", "data"]) element.setAttribute(name, base + path);
    element.setAttribute("rel", "stylesheet");
    document.body.append(element);
    if (method !== "POST") continue;
    const frame = document.createElement("iframe");
    frame.name = path;
    const form = document.createElement("form");
    const enctype = ENCTYPES[attempts.length % ENCTYPES.length];
    Object.assign(form, { action: base + path, method: "post", enctype, target: path });
    const field = document.createElement("input");
    Object.assign(field, { name: '{"x":"', value: '"}' });
    form.append(field);
    document.body.append(frame, form);
    try {
      form.submit();
    } catch {
      // A sandbox without allow-forms.
    }
  }
  for (const path of ["/", "/photopea/"]) {
    const frame = document.createElement("iframe");
    frame.name = `framed ${path}`;
    frame.src = base + path;
    document.body.append(frame);
  }
  return Promise.all(attempts).then(() => {
    top?.postMessage({ from, finished: true }, "*");
  });
}
