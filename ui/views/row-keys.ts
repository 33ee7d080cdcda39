// Keys in a list of rows whose buttons are their actions: up and down lead to the same button of the next row that has one.

const STEPS: Record<string, 1 | -1> = { ArrowDown: 1, ArrowUp: -1 };

/** For the list's keydown. */
export function moveBetweenRows(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = STEPS[event.key];
  const { target } = event;
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  if (!(target instanceof HTMLButtonElement)) return;
  const row = target.closest("li");
  const place = row === null ? -1 : buttonsOf(row).indexOf(target);
  const rows = [...event.currentTarget.querySelectorAll("li")];
  const start = row === null ? -1 : rows.indexOf(row);
  if (place === -1 || start === -1) return;
  event.preventDefault();
  for (let at = start + step; rows[at] !== undefined; at += step) {
    const buttons = buttonsOf(rows[at]);
    const next = buttons[Math.min(place, buttons.length - 1)];
    next?.focus();
    if (next !== undefined) return;
  }
}

function buttonsOf(row: HTMLLIElement | undefined): HTMLButtonElement[] {
  return [...(row?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [])];
}
