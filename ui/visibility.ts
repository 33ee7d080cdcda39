// Whether the page can be seen: another window over it does not count, another tab does, and a minimized window.

import { type ReadonlySignal, signal } from "@preact/signals-core";

export function followVisibility(page: Document): ReadonlySignal<boolean> {
  const visible = signal(!page.hidden);
  page.addEventListener("visibilitychange", () => {
    visible.value = !page.hidden;
  });
  return visible;
}
