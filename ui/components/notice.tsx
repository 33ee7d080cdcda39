// What is wrong, in one sentence, and the next step.

import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";

export interface NoticeProps {
  tone: "info" | "warning" | "danger";
  title: string;
  body: string;
  children?: ComponentChildren;
}

export function Notice({ tone, title, body, children }: NoticeProps) {
  return (
    <section class={`notice ${tone}`} aria-label={title}>
      <p class="notice-title">
        {tone !== "info" && <Icon name="warning" />}
        {title}
      </p>
      <p class="notice-body">{body}</p>
      {children && <div class="notice-actions">{children}</div>}
    </section>
  );
}
