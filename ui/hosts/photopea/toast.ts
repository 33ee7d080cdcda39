// One short message at the panel's lower edge, as an editor would show it: Photopea gives plugins none of its own.

import type { NotifyOptions } from "../../host.ts";

const SHOWN_MS = 4_000;

export function showToast(message: string, { error = false, action }: NotifyOptions = {}): void {
  document.querySelector(".photopea-toast")?.remove();
  const toast = document.createElement("div");
  toast.className = error ? "photopea-toast is-error" : "photopea-toast";
  toast.setAttribute("role", error ? "alert" : "status");
  toast.textContent = message;
  if (action !== undefined) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      toast.remove();
      action.run();
    });
    toast.append(button);
  }
  document.body.append(toast);
  setTimeout(() => toast.remove(), SHOWN_MS);
}
