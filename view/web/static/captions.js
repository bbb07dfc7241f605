// Captions of moments on an axis of time: each beside its moment, and none over another.
let pen = null;
const widths = new Map();

// wide is the width of a word in a caption, in pixels.
function wide(word) {
  if (!pen) {
    pen = document.createElement('canvas').getContext('2d');
    pen.font = `600 11px ${getComputedStyle(document.body).fontFamily}`;
  }
  if (widths.size > 500) widths.clear();
  if (!widths.has(word)) widths.set(word, pen.measureText(word).width);
  return widths.get(word);
}

// named is a fault with its targets, of which a caption has room for two.
export function named(f) {
  const more = f.on.length - 2;
  return `${f.kind} ${f.on.slice(0, 2).join(' ')}${more > 0 ? ` +${more}` : ''}`.trim();
}

// captions places [x, word] of each moment on the first row on which it is free: [{x, word,
// row}], from left to right of the w pixels. taken is, of each row, what stands there already
// as [from, to]. A word without a place is left out: whoever points at the moment reads it.
export function captions(moments, w, taken) {
  const out = [];
  for (const [at, word] of moments) {
    const long = wide(word), after = at + 3 + long <= w ? at + 3 : at - 3 - long;
    const x = after < 0 ? w - long : after; // too narrow for either side: across the moment
    const row = x < 0 ? -1 : taken.findIndex((spans) => spans.every(([from, to]) => x > to + 4 || x + long < from - 4));
    if (row < 0) continue;
    taken[row].push([x, x + long]);
    out.push({ x, word, row });
  }
  return out;
}
