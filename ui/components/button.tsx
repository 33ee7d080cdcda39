// A button with words, and one with an icon alone.

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export interface ButtonProps {
  kind?: "primary" | "secondary" | "plain";
  wide?: boolean;
  disabled?: boolean;
  /** Enter presses it from anywhere in the panel. */
  isDefault?: boolean;
  describedBy?: string;
  onClick(): void;
  children: ComponentChildren;
}

export function Button({ kind = "secondary", wide, disabled, isDefault, describedBy, onClick, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${kind}${wide ? " wide" : ""}`}
      disabled={disabled ?? false}
      data-default={isDefault ? "" : undefined}
      aria-describedby={describedBy}
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
  onClick(): void;
}

export function IconButton({ icon, label, pressed, disabled, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      disabled={disabled ?? false}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
