// Whether the page stands inside another one, and whose.

/** The part of a Window that is read; a foreign parent throws at its location. */
export interface Frame {
  readonly parent: Frame;
  readonly location: { readonly origin: string };
}

/**
 * Whether any page around this one is of another origin. Such a page can lay things over ours and steer a click, so there
 * is no way out of the tab then, whoever clicks what: see "confined" in workbench.ts.
 */
export function isInForeignFrame(page: Frame): boolean {
  for (let at = page; at !== at.parent; at = at.parent) {
    try {
      if (at.parent.location.origin !== page.location.origin) return true;
    } catch {
      return true;
    }
  }
  return false;
}
