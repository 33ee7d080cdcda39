// What an engine is asked to do, complete in itself. A picture is a file on the command line, encoded bytes in the
// panel, a blob's hash on the wire and in the ledger, pixels in an engine: one shape for all of them, and one walk.
// A new picture in a request is a field here, a line in mapPictures() and one in request-schema.ts, and nothing else.

import type { Settings } from "./settings.ts";

export interface StyleOf<P> {
  picture: P;
  /** Share in the blend; engines divide by the sum. */
  weight: number;
  /** Where in the content this style applies; white means here. Everywhere where it is missing. */
  region?: P;
  /** Which part of the style's picture counts; white means this. */
  source?: P;
  /** At which of the style layers it counts, and no style without layers does; missing: at those that no other names. */
  layers?: readonly string[];
}

/** What the frames of a batch have in common. */
export interface SharedPicturesOf<P> {
  styles: readonly StyleOf<P>[];
  /** What stays as it was; white means this. */
  protect?: P;
}

export interface PicturesOf<P> extends SharedPicturesOf<P> {
  content: P;
  /** The first picture when settings.init is "image". */
  initial?: P;
}

export interface RequestOf<P> extends PicturesOf<P> {
  settings: Settings;
}

/** What a picture is for. */
export type PictureRole = "content" | "style" | "region" | "source" | "protect" | "initial";

const MASK_ROLES: readonly PictureRole[] = ["region", "source", "protect"];

/** Masks are gray, of any size; white means here. */
export function isMaskRole(role: PictureRole): boolean {
  return MASK_ROLES.includes(role);
}

/** How a picture is called that has no name of its own. */
export const ROLE_NAMES: Record<PictureRole, string> = {
  content: "The content",
  style: "The style",
  region: "The region",
  source: "The style's mask",
  protect: "The protected part",
  initial: "The first picture",
};

type Visit<P, Q> = (picture: P, role: PictureRole) => Q;

type OtherPictures<R, Q> = Omit<R, keyof PicturesOf<Q>> & PicturesOf<Q>;
type OtherShared<R, Q> = Omit<R, keyof SharedPicturesOf<Q>> & SharedPicturesOf<Q>;

/** The same request about other pictures; what is no picture stays. The content comes first, then each style. */
export function mapPictures<P, Q, R extends PicturesOf<P>>(
  request: R & PicturesOf<P>,
  f: Visit<P, Q>,
): OtherPictures<R, Q> {
  const { content, initial, ...rest } = request as PicturesOf<P>;
  const pictures: PicturesOf<Q> = {
    content: f(content, "content"),
    ...mapShared(rest, f),
    ...(initial !== undefined && { initial: f(initial, "initial") }),
  };
  return pictures as OtherPictures<R, Q>;
}

/** The same of what the frames of a batch have in common. */
export function mapShared<P, Q, R extends SharedPicturesOf<P>>(
  shared: R & SharedPicturesOf<P>,
  f: Visit<P, Q>,
): OtherShared<R, Q> {
  const { styles, protect, ...rest } = shared as SharedPicturesOf<P>;
  const pictures: SharedPicturesOf<Q> = {
    styles: styles.map(({ picture, region, source, ...others }) => ({
      picture: f(picture, "style"),
      ...others,
      ...(region !== undefined && { region: f(region, "region") }),
      ...(source !== undefined && { source: f(source, "source") }),
    })),
    ...(protect !== undefined && { protect: f(protect, "protect") }),
    ...rest,
  };
  return pictures as OtherShared<R, Q>;
}

/** mapPictures() for what takes time: one picture after another, in the same order. */
export async function mapPicturesInTurn<P, Q, R extends PicturesOf<P>>(
  request: R & PicturesOf<P>,
  f: Visit<P, Promise<Q>>,
): Promise<OtherPictures<R, Q>> {
  return mapPictures<P, Q, R>(request, await inTurn(picturesOf<P>(request), f));
}

export async function mapSharedInTurn<P, Q, R extends SharedPicturesOf<P>>(
  shared: R & SharedPicturesOf<P>,
  f: Visit<P, Promise<Q>>,
): Promise<OtherShared<R, Q>> {
  return mapShared<P, Q, R>(shared, await inTurn(sharedPicturesOf<P>(shared), f));
}

/** All of them, in the order of mapPictures(). */
export function picturesOf<P>(request: PicturesOf<P>): Visited<P>[] {
  const visited: Visited<P>[] = [];
  mapPictures(request, (picture: P, role) => visited.push({ picture, role }));
  return visited;
}

export function sharedPicturesOf<P>(shared: SharedPicturesOf<P>): Visited<P>[] {
  const visited: Visited<P>[] = [];
  mapShared(shared, (picture: P, role) => visited.push({ picture, role }));
  return visited;
}

interface Visited<P> {
  picture: P;
  role: PictureRole;
}

/** Gives the answers out again, in the order in which they were asked for. */
async function inTurn<P, Q>(visited: readonly Visited<P>[], f: Visit<P, Promise<Q>>): Promise<() => Q> {
  const answers: Q[] = [];
  for (const { picture, role } of visited) answers.push(await f(picture, role));
  let next = 0;
  return () => answers[next++] as Q;
}
