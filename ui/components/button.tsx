// A button with words, and one with an icon alone.

import type { ComponentChildren } from "preact";
import { keyProps, SHORTCUTS, type Shortcut } from "../shortcuts.ts";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  kind?: "primary" | "secondary" | "plain";
  wide?: boolean;
  disabled?: boolean;
  /** Enter presses it from anywhere in the panel. */
  isDefault?: boolean;
  describedBy?: string;
  shortcut?: Shortcut;
  onClick(): void;
  children: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const { kind = "secondary", wide, disabled, isDefault, describedBy, shortcut, onClick, children } = props;
  return (
    <button
      type="button"
      class={`button ${kind}${wide ? " wide" : ""}`}
      disabled={disabled ?? false}
      data-default={isDefault ? "" : undefined}
      aria-describedby={describedBy}
      {...(shortcut && keyProps(shortcut, SHORTCUTS[shortcut].label))}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

export interface IconButtonProps {
  icon: IconName;
  label: string;
  /** Of a switch: whether it is on. */
  pressed?: boolean;
  disabled?: boolean;
  shortcut?: Shortcut;
  /** Of a key that works without it (views/keyboard.ts), e.g. "Esc". */
  keyName?: string;
  onClick(): void;
}

export function IconButton({ icon, label, pressed, disabled, shortcut, keyName, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      disabled={disabled ?? false}
      aria-label={label}
      aria-pressed={pressed}
      {...keyProps(shortcut, keyName === undefined ? label : `${label} (${keyName})`)}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
