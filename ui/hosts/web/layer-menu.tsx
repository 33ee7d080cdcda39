// What can be done with a picture on the canvas, under the right mouse button (or Shift+F10 and the menu key).

import { useLayoutEffect, useRef } from "preact/hooks";

export interface MenuItem {
  label: string;
  run(): void;
}

export interface LayerMenuProps {
  /** In the window, px. */
  x: number;
  y: number;
  label: string;
  items: readonly MenuItem[];
  onClose(): void;
}

export function LayerMenu({ x, y, label, items, onClose }: LayerMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    menu.current?.querySelector("button")?.focus();
    const away = (event: PointerEvent) => {
      if (event.target instanceof Node && menu.current?.contains(event.target)) return;
      onClose();
    };
    document.addEventListener("pointerdown", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  function move(event: KeyboardEvent): void {
    const buttons = [...(menu.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Escape") onClose();
    else if (step !== 0) buttons[(at + step + buttons.length) % buttons.length]?.focus();
    else if (event.key !== "Enter" && event.key !== " ") return;
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== " ") event.preventDefault();
  }

  return (
    <div
      ref={menu}
      class="layer-menu"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      style={{ left: `${x}px`, top: `${y}px` }}
      onKeyDown={move}
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          onClick={() => {
            onClose();
            item.run();
          }}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}
