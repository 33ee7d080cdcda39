// A stand-in for Photopea in a browser page: documents of canvas layers behind the Photoshop-like DOM that scripts see,
// and the messaging that its plugin window speaks, with the misbehaviors people reported: "done" too early, "done" too
// often, pings in between, a picture that appears as a document some time after it was sent.

interface StandInLayer {
  id: number;
  name: string;
  visible: boolean;
  selected: boolean;
  /** Place of the canvas in the document, px. */
  left: number;
  top: number;
  canvas: OffscreenCanvas;
}

export interface StandInDocument {
  name: string;
  source: string;
  width: number;
  height: number;
  /** Front to back, as Photoshop lists them. */
  layers: StandInLayer[];
  active: number;
}

export interface Misbehavior {
  /** "done" before the script ran. */
  earlyDone: boolean;
  /** More of them after it. */
  extraDone: number;
  pings: boolean;
  /** How long an opened picture takes to become a document. */
  openDelayMs: number;
}

export const WORST: Misbehavior = { earlyDone: true, extraDone: 2, pings: true, openDelayMs: 400 };

export class StandInPhotopea {
  readonly documents: StandInDocument[] = [];
  active = 0;
  /** Scripts that were run, for checks. */
  readonly scripts: string[] = [];
  /** Copies of the documents before each step of the history. */
  private readonly history: (() => void)[] = [];
  private readonly misbehavior: Misbehavior;
  private nextId = 1;

  constructor(misbehavior: Misbehavior) {
    this.misbehavior = misbehavior;
  }

  addDocument(name: string, width: number, height: number): StandInDocument {
    const document = { name, source: `local,${name}`, width, height, layers: [], active: 0 };
    this.documents.push(document);
    this.active = this.documents.length - 1;
    return document;
  }

  addLayer(document: StandInDocument, name: string, canvas: OffscreenCanvas, left = 0, top = 0): StandInLayer {
    const layer = { id: this.nextId++, name, visible: true, selected: false, left, top, canvas };
    document.layers.unshift(layer);
    document.active = 0;
    return layer;
  }

  /** Listens to the frame and answers it. */
  serve(frame: HTMLIFrameElement): void {
    const post = (message: string | ArrayBuffer): void => frame.contentWindow?.postMessage(message, "*");
    window.addEventListener("message", ({ source, data }) => {
      if (source === frame.contentWindow) this.receive(data, post);
    });
    post("done");
  }

  /** A message of the plugin's window: a script, or a file to open. */
  receive(data: string | ArrayBuffer, post: (message: string | ArrayBuffer) => void): void {
    if (this.misbehavior.earlyDone) post("done");
    if (this.misbehavior.pings) post("MSFAPI#ping");
    if (typeof data === "string") void this.runScript(data, post);
    else void this.open(data, post);
  }

  private async runScript(script: string, post: (message: string | ArrayBuffer) => void): Promise<void> {
    this.scripts.push(script);
    const saves: Promise<void>[] = [];
    const app = this.makeApp(post, saves);
    const globals = {
      app,
      ElementPlacement: { INSIDE: "inside", PLACEATBEGINNING: "beginning", PLACEBEFORE: "before" },
      SaveOptions: { DONOTSAVECHANGES: "no" },
      DialogModes: { NO: "no" },
      stringIDToTypeID: (text: string) => text,
      executeAction: (action: string) => {
        if (action === "undo") this.history.pop()?.();
      },
    };
    new Function(...Object.keys(globals), script)(...Object.values(globals));
    await Promise.all(saves);
    for (let i = 0; i <= this.misbehavior.extraDone; i++) post("done");
  }

  private async open(bytes: ArrayBuffer, post: (message: string) => void): Promise<void> {
    post("done");
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    await new Promise((resolve) => setTimeout(resolve, this.misbehavior.openDelayMs));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    const document = this.addDocument("Untitled", bitmap.width, bitmap.height);
    this.addLayer(document, "Background", canvas);
  }

  // ---- the DOM that scripts see ----

  private makeApp(post: (message: string | ArrayBuffer) => void, saves: Promise<void>[]) {
    const self = this;
    const documents = () =>
      Object.assign(
        this.documents.map((document) => this.makeDocument(document, post, saves)),
        {
          add: (width: number, height: number, _resolution: number, name: string) => {
            const document = self.addDocument(name, width, height);
            self.addLayer(document, "Background", new OffscreenCanvas(1, 1));
            return self.makeDocument(document, post, saves);
          },
        },
      );
    return {
      echoToOE: (text: string) => post(text),
      get documents() {
        return documents();
      },
      get activeDocument() {
        const document = self.documents[self.active];
        return document === undefined ? null : self.makeDocument(document, post, saves);
      },
      set activeDocument(document: { raw: StandInDocument } | null) {
        if (document !== null) self.active = self.documents.indexOf(document.raw);
      },
    };
  }

  private makeDocument(raw: StandInDocument, post: (message: string | ArrayBuffer) => void, saves: Promise<void>[]) {
    const layers = () => raw.layers.map((layer) => this.makeLayer(raw, layer));
    return {
      raw,
      name: raw.name,
      source: raw.source,
      width: { value: raw.width },
      height: { value: raw.height },
      get layers() {
        return layers();
      },
      get activeLayer() {
        return layers()[raw.active];
      },
      set activeLayer(layer: { raw: StandInLayer } | undefined) {
        if (layer === undefined) return;
        raw.active = raw.layers.indexOf(layer.raw);
        for (const other of raw.layers) other.selected = other === layer.raw;
      },
      saveToOE: (format: string) => {
        if (format !== "png") throw new Error(`the stand-in saves PNG, not ${format}`);
        saves.push(this.save(raw).then(post));
      },
      close: () => {
        this.documents.splice(this.documents.indexOf(raw), 1);
        this.active = Math.max(0, this.documents.length - 1);
      },
    };
  }

  private makeLayer(document: StandInDocument, raw: StandInLayer) {
    return {
      raw,
      id: raw.id,
      get name() {
        return raw.name;
      },
      set name(name: string) {
        raw.name = name;
      },
      get visible() {
        return raw.visible;
      },
      set visible(visible: boolean) {
        raw.visible = visible;
      },
      selected: raw.selected,
      get bounds() {
        const { left, top, canvas } = raw;
        return [left, top, left + canvas.width, top + canvas.height].map((value) => ({ value }));
      },
      duplicate: (target: { raw: StandInDocument }) => {
        this.remember(target.raw);
        const copy = { ...raw, id: this.nextId++, selected: false };
        target.raw.layers.unshift(copy);
        return this.makeLayer(target.raw, copy);
      },
      move: (other: { raw: StandInLayer }) => {
        this.remember(document);
        document.layers.splice(document.layers.indexOf(raw), 1);
        document.layers.splice(document.layers.indexOf(other.raw), 0, raw);
      },
      remove: () => {
        document.layers.splice(document.layers.indexOf(raw), 1);
      },
      translate: (dx: number, dy: number) => {
        this.remember(document);
        raw.left += dx;
        raw.top += dy;
      },
    };
  }

  private remember(document: StandInDocument): void {
    const layers = document.layers.map((layer) => ({ ...layer }));
    this.history.push(() => {
      document.layers = layers;
    });
  }

  private async save({ width, height, layers }: StandInDocument): Promise<ArrayBuffer> {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    for (const layer of [...layers].reverse()) {
      if (layer.visible) context.drawImage(layer.canvas, layer.left, layer.top);
    }
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return blob.arrayBuffer();
  }
}
