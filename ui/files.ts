// Files from and to the person's computer, through the browser's own dialogs: in a tab, and in an editor's frame.

/** Asks for files; empty when the person chose none. `accept`: media types and endings. */
export function pickFiles(accept: readonly string[]): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.accept = accept.join(",");
    input.onchange = () => resolve([...(input.files ?? [])]);
    input.oncancel = () => resolve([]);
    input.click();
  });
}

export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What a file's name may hold on every system. */
export function plainFileName(name: string): string {
  return name.replace(/[\\/:*?"<>|]+/g, "-");
}
