/** The element with this id; the page's HTML has it, or the page is broken. */
export function byId<E extends Element = HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element as unknown as E;
}

export function within<E extends Element = HTMLElement>(root: ParentNode, selector: string): E {
  const element = root.querySelector<E>(selector);
  if (!element) throw new Error(`no ${selector} in this part of the page`);
  return element;
}

/** Sets text only where it differs, so that nothing is announced or laid out again for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setFigure(root: ParentNode, figure: { number: string; unit: string } | null): void {
  setText(within(root, '.number'), figure?.number ?? '–');
  setText(within(root, '.unit'), figure?.unit ?? '');
}

/** Makes the children of `list` those of `rows`, in order; an element stays with its key. */
export function renderRows<Row>(
  list: Element,
  rows: readonly Row[],
  { keyOf, template, fill }: RowRenderer<Row>,
): void {
  const known = new Map([...list.children].map((child) => [child.getAttribute('data-key'), child]));
  for (const [i, row] of rows.entries()) {
    const key = keyOf(row);
    const element = known.get(key) ?? madeFrom(template, key);
    known.delete(key);
    fill(element, row);
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null);
  }
  for (const gone of known.values()) gone.remove();
}

export interface RowRenderer<Row> {
  readonly keyOf: (row: Row) => string;
  /** Id of the `<template>`. */
  readonly template: string;
  readonly fill: (element: Element, row: Row) => void;
}

function madeFrom(template: string, key: string): Element {
  const { content } = byId<HTMLTemplateElement>(template);
  const element = within<Element>(document.importNode(content, true), '*');
  element.setAttribute('data-key', key);
  return element;
}
