// A link that looks like a button: out of the editor's frame, into the browser.

import type { Download } from "../downloads.ts";

export function DownloadLink({ label, url }: Download) {
  return (
    <a class="button secondary" href={url} target="_blank" rel="noreferrer">
      {label}
    </a>
  );
}
