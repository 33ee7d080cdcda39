// What lies over the stage until it is closed. It takes the focus and gives it back; Esc closes it wherever the focus
// stands: views/keyboard.ts.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { TEXTS } from "../texts.ts";
import { IconButton } from "./button.tsx";

export interface SheetProps {
  title: string;
  /** For screen readers, where the title says less. */
  label?: string;
  onClose(): void;
  children: ComponentChildren;
}

export function Sheet({ title, label = title, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLElement>(null);
  // With the mount, not after the next frame: a key that is pressed at once must find the focus here.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.querySelector<HTMLElement>("button")?.focus();
    return () => {
      onClose();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <section class="sheet" ref={dialog} role="dialog" aria-label={label}>
      <header>
        <h2>{title}</h2>
        <IconButton icon="close" label={TEXTS.close} keyName="Esc" onClick={onClose} />
      </header>
      <div class="sheet-body">{children}</div>
    </section>
  );
}
