// Small helpers for elements. Text is always set as text: nothing here parses HTML.

export const $ = (selector, root = document) => root.querySelector(selector);

const SVG = 'http://www.w3.org/2000/svg';

// el makes an element; attributes that are false or null are left out.
export function el(tag, attrs = {}, ...kids) {
  return dress(document.createElement(tag), attrs, kids);
}

export function svg(tag, attrs = {}, ...kids) {
  return dress(document.createElementNS(SVG, tag), attrs, kids);
}

function dress(node, attrs, kids) {
  for (const [k, v] of Object.entries(attrs)) {
    if (k.startsWith('on')) node.addEventListener(k.slice(2), v);
    else if (v !== false && v != null) node.setAttribute(k, v);
  }
  node.append(...kids.filter((k) => k != null));
  return node;
}

// text and attr touch the page only when something is new, so that a reader of the screen
// hears no echo.
export function text(node, s) {
  if (node.textContent !== s) node.textContent = s;
}

export function attr(node, name, v) {
  const s = v == null || v === false ? null : String(v);
  if (node.getAttribute(name) === s) return;
  if (s === null) node.removeAttribute(name);
  else node.setAttribute(name, s);
}

// rows makes list's children match items, one each, and reuses what is there.
export function rows(list, items, make, fill) {
  while (list.children.length > items.length) list.lastChild.remove();
  items.forEach((item, i) => {
    if (!list.children[i]) list.append(make(item));
    fill(list.children[i], item, i);
  });
}

// ordinal is the number at the end of a replica's name, 0 without.
export const ordinal = (name) => Number(/-(\d+)$/.exec(name)?.[1] ?? 0);

// hue is which of the six identities a replica has.
export const hue = (n) => (n > 0 ? ((n - 1) % 6) + 1 : 0);

export function millis(ms) {
  if (ms < 9.95) return ms.toFixed(1) + ' ms';
  if (ms < 999.5) return ms.toFixed(0) + ' ms';
  return (ms / 1000).toFixed(ms < 9950 ? 2 : 1) + ' s';
}

export const clock = (t) => (t < 60 ? t.toFixed(1) + ' s' : `${Math.floor(t / 60)}:${String(Math.floor(t % 60)).padStart(2, '0')}`);

export const percent = (part) => `${Math.round(100 * (part ?? 0))} %`;
