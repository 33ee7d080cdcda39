// A layer's picture on the canvas: no larger than it is shown, and drawn while it is near the view. Hundreds of photographs
// would fill the memory.

import { useEffect, useRef, useState } from "preact/hooks";
import { withLongSide } from "../../../companion/protocol/sizing.ts";
import { Picture } from "../../components/picture.tsx";
import type { StudioLayer } from "./layer-document.ts";

/** Long side of the largest card on a dense screen, px. */
const SHOWN_PX = 1600;
/** About a window's height before it comes into view. */
const NEAR = "800px 0px";

export function CardPicture({ layer: { bytes, width, height } }: { layer: StudioLayer }) {
  const place = useRef<HTMLSpanElement>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (place.current === null) return;
    const root = place.current.closest(".canvas");
    const observer = new IntersectionObserver((seen) => setNear(seen.at(-1)?.isIntersecting ?? false), {
      root,
      rootMargin: NEAR,
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  const shown = withLongSide({ width, height }, Math.min(SHOWN_PX, Math.max(width, height)));
  return (
    <span ref={place} class="layer-picture">
      {isNear && <Picture bytes={bytes} label="" shown={shown} />}
    </span>
  );
}
