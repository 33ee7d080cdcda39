// The download for this computer: out of the editor's frame, into the browser.

import type { Download } from "../downloads.ts";

export function DownloadLink({ label, url }: Download) {
  return (
    <a class="download" href={url} target="_blank" rel="noreferrer">
      {label}
    </a>
  );
}
