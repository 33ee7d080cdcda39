// Keys that work anywhere in the panel: Enter presses the primary button, Esc leaves what lies on top, Cmd/Ctrl+Z
// undoes in the host, and letters press the buttons that bear them.

import type { Panel } from "../state/panel.ts";

/** Returns the way to stop listening. */
export function listenForKeys(panel: Panel): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.key === "Escape") leave(panel, event, target);
    else if (event.key === "Enter") pressDefault(event, target);
    else if (event.key.toLowerCase() === "z" && (event.metaKey || event.ctrlKey) && !event.shiftKey) {
      undo(panel, event, target);
    } else if (!event.metaKey && !event.ctrlKey && !event.altKey) pressLetter(event, target);
  };
  document.addEventListener("keydown", listener);
  return () => document.removeEventListener("keydown", listener);
}

function leave(panel: Panel, event: KeyboardEvent, target: HTMLElement): void {
  if (isTextField(target) && target instanceof HTMLInputElement && target.value !== target.defaultValue) {
    target.blur();
    return;
  }
  event.preventDefault();
  if (panel.showingKeys.value) panel.showingKeys.value = false;
  else if (panel.pickingStyle.value) panel.pickingStyle.value = false;
  else if (panel.listingLayers.value) panel.listingLayers.value = false;
  else if (panel.tab.value === "stylize" && panel.history.isOpen.value) panel.history.leave();
  else if (panel.tab.value === "stylize" && panel.managingStyles.value) panel.managingStyles.value = false;
  else if (panel.tab.value === "stylize" && panel.models.isOpen.value) panel.models.close();
  else if (panel.tab.value === "stylize" && panel.explore.isOpen.value) panel.explore.close();
  else if (panel.tab.value === "stylize" && panel.texture.isOpen.value && panel.run.phase.value === "idle")
    panel.texture.close();
  else if (panel.tab.value !== "stylize") panel.selectTab("stylize");
  else if (panel.run.phase.value !== "idle") panel.run.back();
  else panel.host.close();
}

function pressDefault(event: KeyboardEvent, target: HTMLElement): void {
  // A focused button, tab or list answers Enter itself; a number field first takes what was typed.
  if (target.matches("button, select, summary, a")) return;
  if (isTextField(target)) target.blur();
  const button = document.querySelector<HTMLButtonElement>("button[data-default]:not(:disabled)");
  if (button === null) return;
  event.preventDefault();
  button.click();
}

/** On top of the stage may lie a sheet: what is under it is out of reach. */
function pressLetter(event: KeyboardEvent, target: HTMLElement): void {
  if (isTextField(target) || target.matches("select, textarea") || target.closest("dialog") !== null) return;
  const top = document.querySelector(".sheet") ?? document.querySelector(".app");
  const key = CSS.escape(event.key.toUpperCase());
  const button = top?.querySelector<HTMLButtonElement>(`button[aria-keyshortcuts="${key}"]:not(:disabled)`);
  // What is folded away is out of reach too.
  if (!button || button.closest("details:not([open])") !== null) return;
  event.preventDefault();
  button.click();
}

function undo(panel: Panel, event: KeyboardEvent, target: HTMLElement): void {
  if (isTextField(target) || !panel.host.capabilities.undo) return;
  event.preventDefault();
  void panel.run.undo();
}

function isTextField(element: HTMLElement): boolean {
  return element instanceof HTMLInputElement && !["range", "radio", "checkbox", "button"].includes(element.type);
}
