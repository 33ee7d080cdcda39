// Copies a text and says so. Figma's frame has no navigator.clipboard, so a selected field is the way that works everywhere.

import { useState } from "preact/hooks";
import { TEXTS } from "../texts.ts";
import { Button } from "./button.tsx";

const SAID_MS = 2000;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  function copy(): void {
    setCopied(copyText(text));
    setTimeout(() => setCopied(false), SAID_MS);
  }
  return <Button onClick={copy}>{copied ? TEXTS.copied : label}</Button>;
}

function copyText(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "offscreen";
  field.setAttribute("aria-hidden", "true");
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
