// What takes the place of a tab until it is closed; Esc closes it wherever the focus stands: views/keyboard.ts.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { TEXTS } from "../texts.ts";
import { IconButton } from "./button.tsx";

export interface PageProps {
  title: string;
  /** Selects what in it has the focus first. */
  focus?: string;
  /** Selects what gets the focus that would go with it. */
  opener?: string;
  /** Where it lies within another one. */
  onBack?(): void;
  onClose(): void;
  children: ComponentChildren;
}

export function Page({ title, focus = "button", opener, onBack, onClose, children }: PageProps) {
  const page = useRef<HTMLElement>(null);
  useEffect(() => {
    page.current?.querySelector<HTMLElement>(focus)?.focus();
    if (opener !== undefined) return () => requestAnimationFrame(() => focusInstead(opener));
  }, []);
  return (
    <section class="page" ref={page} aria-label={title}>
      <header>
        {onBack && <IconButton icon="back" label={TEXTS.back} keyName="Esc" onClick={onBack} />}
        <h2 class="page-title" title={title}>
          {title}
        </h2>
        <IconButton
          icon="close"
          label={TEXTS.close}
          {...(onBack === undefined && { keyName: "Esc" })}
          onClick={onClose}
        />
      </header>
      {children}
    </section>
  );
}

/** Unless somebody has it by then. */
function focusInstead(opener: string): void {
  if (document.activeElement === document.body) document.querySelector<HTMLElement>(opener)?.focus();
}
