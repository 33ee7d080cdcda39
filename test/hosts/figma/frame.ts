// Opens the built panel in Chromium as Figma shows it, with the built plugin in QuickJS behind it.

import { readFileSync } from "node:fs";
import type { Browser, Frame, Page } from "playwright-core";
import { expect } from "vitest";
import type { Note, OpenOptions, StandInEvent } from "./inside.ts";
import { panelHtml, policy, windowPage } from "./panel-page.ts";
import { type PluginVm, packBytes, startPluginVm, unpackBytes } from "./quickjs.ts";
import type { Theme } from "./theme.ts";
import type { FigmaWindow } from "./window.ts";

const ROOT = new URL("../../../", import.meta.url);
const ADDRESS = "https://figma.test/";

/** What a browser writes to the console by itself and no page can prevent. */
const BROWSERS_OWN = [
  // Nobody listens at one of the companion's ports.
  {
    words: /^Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)$/,
    address: /^http:\/\/localhost:\d+\//,
  },
  // The job ended while its last preview was on its way.
  { words: /^Failed to load resource: .* 404 /, address: /\/v1\/jobs\/\w+\/previews\/\d+$/ },
];

/** Chromium's arguments for Figma's desktop app, where no permission stands between a page and localhost. */
export const DESKTOP_APP = ["--disable-features=LocalNetworkAccessChecks"];
const DESKTOP_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Figma/126.0.0 Chrome/142.0.0.0 Electron/39.0.0 Safari/537.36";

export interface WindowOptions extends OpenOptions {
  theme?: Theme;
  /** The desktop app by default; the browser must then be started as DESKTOP_APP. */
  app?: "desktop" | "browser";
  /** In a browser: Figma hands its right to reach this computer on to the panel's frames, and the user has granted it. */
  grantsLocalNetwork?: boolean;
  /** Whether the frame's policy lets the panel use blob: addresses; Figma's may not. */
  blobs?: boolean;
}

export interface OpenWindow {
  page: Page;
  panel: Frame;
  vm: PluginVm;
  notes: Note[];
  /** Errors of the console and of scripts since the opening; for the end of a test: must be empty. */
  complaints: string[];
  setTheme(theme: Theme): Promise<void>;
  close(): Promise<void>;
}

export async function openWindow(browser: Browser, options: WindowOptions = {}): Promise<OpenWindow> {
  const { theme = "light", blobs = true, app = "desktop", grantsLocalNetwork = false, ...document } = options;
  const context = await browser.newContext({
    ...(app === "desktop" && { userAgent: DESKTOP_AGENT }),
    viewport: { width: 320, height: 900 },
    deviceScaleFactor: 2,
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  if (grantsLocalNetwork) await context.grantPermissions(["local-network-access"], { origin: ADDRESS });
  const page = await context.newPage();
  // A machine that does other things as well takes its time.
  page.setDefaultTimeout(90_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    const { url } = message.location();
    const own = BROWSERS_OWN.some(({ words, address }) => words.test(message.text()) && address.test(url));
    if (message.type() === "error" && !own) complaints.push(`${message.text()} (${url})`);
  });
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  const html = await windowPage();
  await page.route(ADDRESS, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));

  const notes: Note[] = [];
  let told = Promise.resolve();
  /** Events reach the window in their order. */
  const tell = (what: () => Promise<unknown>): void => {
    told = told.then(what).then(
      () => undefined,
      (error: unknown) => {
        if (!page.isClosed()) complaints.push(String(error));
      },
    );
  };
  const onEvent = (event: StandInEvent): void => {
    if (event.type === "note") notes.push(event.note);
    if (event.type === "post") {
      const text = JSON.stringify(event.message, packBytes);
      tell(() => page.evaluate((message) => figmaWindow.post(message), text));
    }
    if (event.type === "resize") tell(() => page.evaluate((height) => figmaWindow.resize(height), event.height));
    if (event.type !== "show") return;
    const setup = {
      panelHtml: panelHtml(theme),
      csp: policy({ blobs }),
      allow: grantsLocalNetwork ? "loopback-network; local-network-access" : "",
      width: event.options.width ?? 300,
      height: event.options.height ?? 200,
    };
    tell(() => page.evaluate((given) => figmaWindow.setup(given), setup));
  };
  const code = readFileSync(new URL("dist/code.js", ROOT), "utf8");
  const vm = await startPluginVm(code, { onEvent, onLog: (text) => void complaints.push(`plugin: ${text}`) });
  await page.exposeBinding("toPlugin", async (_, text: string) => {
    await vm.fromPanel(JSON.parse(text, unpackBytes)).catch((error) => complaints.push(`plugin: ${String(error)}`));
  });
  await page.goto(ADDRESS);
  await vm.open(document);
  await expect.poll(() => panelFrame(page) !== undefined, { timeout: 20_000 }).toBe(true);
  const panel = panelFrame(page) as Frame;
  await panel.locator("main.app").waitFor({ timeout: 20_000 });
  return {
    page,
    panel,
    vm,
    notes,
    complaints,
    setTheme: (next) => page.evaluate((given) => figmaWindow.setTheme(given), next),
    async close() {
      await context.close();
      await told;
      vm.dispose();
    },
  };
}

declare const figmaWindow: FigmaWindow;

function panelFrame(page: Page): Frame | undefined {
  return page.frames().find((frame) => frame.url() === "about:srcdoc");
}
