// Which of two siblings lies above the other. The last one, but in auto layout a designer may have it the other way round.

export function isFirstOnTop(parent: BaseNode): boolean {
  return "layoutMode" in parent && parent.layoutMode !== "NONE" && parent.itemReverseZIndex;
}

export function childrenBackToFront(parent: BaseNode & ChildrenMixin): readonly SceneNode[] {
  return isFirstOnTop(parent) ? [...parent.children].reverse() : parent.children;
}
