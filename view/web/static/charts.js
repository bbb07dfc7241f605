// The curves of the last minute, with the faults as shades behind them.
import { $, svg, el, text, attr, hue, ordinal, millis, percent } from './dom.js';
import { captions, named } from './captions.js';

const SPAN = 60; // seconds
const LEFT = 48, BOTTOM = 14;

const charts = [
  { name: 'share', draw: shareChart },
  { name: 'latency, log scale', draw: latencyChart },
  { name: 'failed per second', draw: failedChart },
];

export function chartsInit() {
  $('#charts').append(...charts.map((c) => el('figure', {}, el('figcaption', {}, el('strong', {}, c.name), ' ', el('span')), svg('svg', { role: 'img', 'aria-label': c.name }))));
}

export function chartsDraw(view) {
  const box = $('#charts');
  if (!box.clientWidth) return;
  const end = Math.max(view.frame.state.t, 1), from = Math.max(0, end - SPAN);
  const points = since(view.points, from);
  const faults = faultSpans(view.events, end).filter((f) => f.to >= from);
  charts.forEach((c, i) => {
    const art = box.children[i].lastChild, w = art.clientWidth, h = art.clientHeight;
    if (!w || !h) return;
    const x = (t) => LEFT + ((Math.max(t, from) - from) / Math.max(end - from, 5)) * (w - LEFT - 4);
    const notes = captions(faults.map((f) => [x(Math.max(f.from, from)), named(f)]), w, [[], []]);
    const area = { w, h, x, y0: h - BOTTOM, y1: 14 + 12 * Math.max(0, ...notes.map((n) => n.row)), tick: Math.max(1.2, x(from + 0.25) - x(from) + 0.4) };
    art.setAttribute('viewBox', `0 0 ${w} ${h}`);
    const { marks, label, value } = c.draw(points, area);
    attr(art, 'aria-label', `${c.name}: ${label}`);
    text(box.children[i].firstChild.lastChild, value);
    const over = c.draw === shareChart; // it fills its ground
    art.replaceChildren(over ? '' : shade(faults, notes, area, from, i), ...marks, over ? shade(faults, notes, area, from, i, over) : '',
      svg('text', { class: 'axis', x: LEFT, y: h - 2 }, `${Math.round(from)} s`), svg('text', { class: 'axis end', x: w - 4, y: h - 2 }, `${end.toFixed(0)} s`));
  });
}

// since is the points from second t on, found from the end: that is where they are.
function since(points, t) {
  let i = points.length;
  while (i > 0 && points[i - 1].t > t) i--;
  return points.slice(i);
}

// faultSpans is when something was broken: [{kind, on, from, to}].
export function faultSpans(events, end) {
  const open = new Map(), out = [];
  for (const e of events) {
    if (e.type === 'fault.injected') {
      const span = { kind: e.d.kind, on: e.d.targets ?? [], from: e.t, to: end, open: true };
      open.set(e.d.id, span);
      out.push(span);
    } else if (e.type === 'fault.healed' && open.has(e.d.id)) {
      Object.assign(open.get(e.d.id), { to: e.t, open: false });
      open.delete(e.d.id);
    }
  }
  return out;
}

// shade draws the faults: all of them, and then their captions, each on its row above.
function shade(faults, notes, a, from, i, over) {
  return svg('g', { class: over ? 'faults over' : 'faults' }, hatch(i), ...faults.map((f) => {
    const x = a.x(Math.max(f.from, from)), w = Math.max(2, a.x(f.to) - x);
    return svg('g', {}, svg('title', {}, named(f)),
      svg('rect', { class: 'tint', x, y: a.y1, width: w, height: a.y0 - a.y1 }),
      svg('rect', { fill: `url(#hatch${i})`, x, y: a.y1, width: w, height: a.y0 - a.y1 }),
      svg('path', { class: 'start', d: `M${x},${a.y1 - 4}V${a.y0}` }));
  }), ...notes.map((n) => svg('text', { class: 'why', x: n.x, y: 11 + 12 * n.row }, n.word)));
}

const hatch = (i) => svg('pattern', { id: `hatch${i}`, width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, svg('path', { class: 'hatch', d: 'M0,0V7' }));

function frameLines(a, marks) {
  return svg('g', { class: 'grid' }, ...marks.flatMap(([y, word]) => [svg('path', { d: `M${LEFT},${y}H${a.w - 4}` }), svg('text', { class: 'axis end', x: LEFT - 5, y: y + 4 }, word)]));
}

// lastSecond sums the calls of each replica over the ticks of the second before point i: a
// tick has too few calls to be even. It does not look back across a change of who is called,
// which would turn a step into a slope.
function lastSecond(points, i) {
  const sum = new Map(), called = (p) => Object.keys(p.share).filter((n) => p.share[n].ok + p.share[n].failed).sort().join();
  const few = points[i].ok + points[i].failed < 6;
  for (let j = i; j >= 0 && points[i].t - points[j].t < 0.9; j--) {
    if (!few && called(points[j]) !== called(points[i])) break;
    for (const [name, r] of Object.entries(points[j].share)) sum.set(name, (sum.get(name) ?? 0) + r.ok + r.failed);
  }
  return sum;
}

const COLOURS = 6; // identities; beyond them the last ones have one colour for all

function shareChart(points, a) {
  const known = new Set(points.flatMap((p) => Object.keys(p.share))), many = [...known].some((name) => ordinal(name) > COLOURS);
  const group = (name) => (many && ordinal(name) >= COLOURS ? 'the others' : name);
  const paths = new Map();
  for (const [i, p] of points.entries()) {
    const sum = lastSecond(points, i), names = [...sum.keys()].sort((m, n) => ordinal(m) - ordinal(n));
    const all = names.reduce((n, name) => n + sum.get(name), 0), parts = new Map();
    for (const name of names) parts.set(group(name), (parts.get(group(name)) ?? 0) + sum.get(name));
    let below = a.y0;
    for (const [name, part] of parts) {
      if (!part) continue;
      const h = (part / all) * (a.y0 - a.y1), x = a.x(p.t - 0.25);
      paths.set(name, (paths.get(name) ?? '') + `M${x.toFixed(1)},${below.toFixed(1)}h${a.tick.toFixed(1)}v${(-h).toFixed(1)}h${(-a.tick).toFixed(1)}z`);
      below -= h;
    }
  }
  const last = points.length ? lastSecond(points, points.length - 1) : new Map(), all = [...last.values()].reduce((n, x) => n + x, 0);
  const parts = new Map();
  for (const [name, n] of last) parts.set(group(name), (parts.get(group(name)) ?? 0) + n);
  const label = [...parts].map(([name, n]) => `${name} ${percent(all ? n / all : 0)}`).join(', ');
  return { label, value: many ? `of each of the first ${COLOURS - 1} replicas, the others in grey` : 'of each replica', marks: [...[...paths].map(([name, d]) => svg('path', { class: `fill r${hue(ordinal(name))}`, d })), frameLines(a, [[a.y1, '100 %'], [(a.y0 + a.y1) / 2, '50 %'], [a.y0, '0']])] };
}

function latencyChart(points, a) {
  const top = Math.max(10, ...points.map((p) => p.p99_ms)), high = 10 ** Math.ceil(Math.log10(top)), low = 0.1;
  const y = (ms) => a.y0 - (Math.log10(Math.max(ms, low) / low) / Math.log10(high / low)) * (a.y0 - a.y1);
  const line = (field) => {
    let d = '';
    for (const p of points) d += p.ok ? `${d && !d.endsWith(' ') ? 'L' : 'M'}${a.x(p.t - 0.25).toFixed(1)},${y(p[field]).toFixed(1)}H${a.x(p.t).toFixed(1)}` : d && !d.endsWith(' ') ? ' ' : '';
    return d.trim();
  };
  const last = points.at(-1);
  const value = last ? `p50 ${millis(last.p50_ms)} · p99 ${millis(last.p99_ms)}` : '';
  const marks = [];
  for (let v = low; v <= high * 1.01; v *= 10) marks.push([y(v), v < 1000 ? `${+v.toPrecision(1)} ms` : `${v / 1000} s`]);
  return { label: value, value, marks: [frameLines(a, marks.length > 4 ? marks.filter((_, i) => i % 2 === 0) : marks), svg('path', { class: 'line p99', d: line('p99_ms') }), svg('path', { class: 'line p50', d: line('p50_ms') })] };
}

function failedChart(points, a) {
  const top = Math.max(4, ...points.map((p) => 4 * p.failed));
  const y = (v) => a.y0 - (v / top) * (a.y0 - a.y1);
  const d = points.filter((p) => p.failed).map((p) => `M${a.x(p.t - 0.25).toFixed(1)},${a.y0}h${Math.max(2, a.tick).toFixed(1)}V${y(4 * p.failed).toFixed(1)}h${(-Math.max(2, a.tick)).toFixed(1)}z`).join('');
  const all = points.reduce((n, p) => n + p.failed, 0);
  const value = `${all} in this window`;
  return { label: value, value, marks: [frameLines(a, [[a.y1, String(top)], [a.y0, '0']]), svg('path', { class: 'fails', d })] };
}
