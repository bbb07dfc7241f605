// The stage: the client, the replicas, Consul, and one dot per real pick.
import { $, el, svg, text, ordinal, hue, percent } from './dom.js';

const FLIGHT = 700; // ms; dots show order and place, not latency
const MOST = 60; // successes drawn per tick; failures are never left out
const SHOWN = 9; // cards that have room: each has a digit, or the last one stands for all the others

const still = matchMedia('(prefers-reduced-motion: reduce)');
let box, art, canvas, pen, places = new Map(), rest = null, size = { w: 0, h: 0 }, dots = [], flying = false, onSelect = () => {};

export function stageInit(select) {
  box = $('#stage');
  art = $('svg', box);
  canvas = $('canvas', box);
  pen = canvas.getContext('2d');
  onSelect = select;
  for (const name of ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'bad', 'ground']) box.append(el('i', { class: `probe ${name}` }));
  still.addEventListener('change', () => (dots = []));
}

// stageFit takes the room that the page gives; true when it is another than before.
function stageFit() {
  const w = box.clientWidth, h = box.clientHeight;
  if (w === size.w && h === size.h) return false;
  size = { w, h };
  canvas.width = w * devicePixelRatio;
  canvas.height = h * devicePixelRatio;
  art.setAttribute('viewBox', `0 0 ${w} ${h}`);
  return true;
}

let drawn = '';

export function stageDraw(frame, replicas, selected) {
  const s = frame.state;
  const fitted = stageFit();
  if (size.w < 200 || size.h < 100) return; // not shown, or not laid out yet
  const list = replicas.length > SHOWN ? replicas.slice(0, SHOWN - 1) : replicas, others = replicas.slice(list.length);
  const key = JSON.stringify([list.map((r) => [r.name, r.process, r.listed, r.subchannel, r.picked, frame.shares[r.name], r.failed]), s.consul, s.resolver.index, s.resolver.crashed, selected, s.traffic.offered, s.faults.length, s.herd, others.map((r) => [r.process, r.subchannel]), percent(sum(others, frame))]);
  if (!fitted && key === drawn) return;
  drawn = key;
  const big = parseFloat(getComputedStyle(box).fontSize);
  const plan = stagePlan(list, big, others);
  places = new Map(plan.filter((p) => !p.others).map((p) => [p.n, p]));
  rest = plan.at(-1);
  art.replaceChildren(
    ...plan.map((p) => edge(p)),
    watch(s, big), party(client(big), 'client', frame.callers ? 'client/1' : 'client', `${s.traffic.offered || 0} RPC/s`),
    party(consulBox(big), ['running', 'foreign'].includes(s.consul.process) && s.consul.answers ? 'consul' : 'consul gone', 'Consul', consulWord(s)),
    ...plan.map((p) => (p.others ? othersBox(p, frame, big) : replicaBox(p, frame, selected, big))),
    herd(s, big),
  );
}

const client = (em) => ({ x: 10, y: size.h * 0.42 - 2 * em, w: 8 * em, h: 4 * em });
const consulBox = (em) => ({ x: 10, y: size.h - 4 * em - 10, w: 11 * em, h: 4 * em });

function consulWord(s) {
  if (s.consul.process === 'paused') return '‖ paused';
  if (s.consul.process === 'exited') return '✕ exited';
  if (!s.consul.answers) return '✕ no answer';
  return s.consul.leader ? `★ leader · ${s.consul.index}` : '○ no leader';
}

const sum = (replicas, frame) => replicas.reduce((n, r) => n + (frame.shares[r.name] ?? 0), 0);

// stagePlan gives every replica its place, and its edge a curve; the others have one together.
function stagePlan(shown, em, others) {
  const ready = others.find((r) => r.subchannel === 'READY') ?? others[0];
  const list = others.length ? [...shown, { subchannel: ready.subchannel, others }] : shown;
  const c = client(em), w = Math.min(14 * em, size.w * 0.46), gap = 8;
  const h = Math.min(5.2 * em, (size.h - 12) / Math.max(list.length, 1) - gap);
  const top = (size.h - list.length * (h + gap) + gap) / 2;
  return list.map((r, i) => {
    const p = { r, others: r.others, n: r.others ? 0 : ordinal(r.name) || i + 1, x: size.w - w - 10, y: top + i * (h + gap), w, h };
    p.from = [c.x + c.w, c.y + c.h / 2];
    p.to = [p.x, p.y + h / 2];
    p.mid = (p.from[0] + p.to[0]) / 2;
    return p;
  });
}

function along(p, at) { // on the cubic from the client to a replica
  const u = 1 - at, a = u * u * u, b = 3 * u * u * at, c = 3 * u * at * at, d = at * at * at;
  return [a * p.from[0] + b * p.mid + c * p.mid + d * p.to[0], (a + b) * p.from[1] + (c + d) * p.to[1]];
}

function edge(p) {
  const look = { READY: 'ready', TRANSIENT_FAILURE: 'failing', '': 'none' }[p.r.subchannel] ?? 'connecting';
  const g = svg('g', { class: `edge ${look} r${hue(p.n)}` },
    svg('path', { d: `M${p.from} C${p.mid},${p.from[1]} ${p.mid},${p.to[1]} ${p.to}` }));
  if (look === 'failing') {
    const [x, y] = along(p, 0.62);
    g.append(svg('text', { x, y: y + 5 }, '✕'));
  }
  return g;
}

function watch(s, em) {
  const a = client(em), b = consulBox(em), x = a.x + a.w / 2;
  const word = s.resolver.crashed ? 'resolver crashed' : 'watch';
  return svg('g', { class: s.consul.answers ? 'watch' : 'watch cut' },
    svg('path', { d: `M${x},${a.y + a.h} V${b.y}` }), svg('text', { x: x + 8, y: (a.y + a.h + b.y) / 2 + 4 }, word));
}

// herd is, beside Consul, how far the newest list has come among the channels that only watch.
function herd(s, em) {
  const h = s.herd, b = consulBox(em), at = { x: b.x + b.w + 0.6 * em, y: b.y + b.h };
  const lines = h ? [`herd: ${h.reached} of ${h.channels}`, `${h.conns} connection${h.conns === 1 ? '' : 's'}`, h.refused ? `✕ ${h.refused} turned away` : ''] : [];
  return svg('g', { class: 'watch herd' }, ...lines.map((words, i) => svg('text', { x: at.x, y: at.y - (2.4 - 1.2 * i) * em }, words)));
}

function party(b, look, name, word) {
  return svg('g', { class: `party ${look}`, transform: `translate(${b.x},${b.y})` },
    svg('rect', { width: b.w, height: b.h, rx: 8 }),
    svg('text', { class: 'name', x: 10, y: b.h * 0.42 }, name), svg('text', { class: 'word', x: 10, y: b.h * 0.78 }, word));
}

const words = { running: '● running', exited: '✕ exited', paused: '‖ paused', draining: '▲ draining', starting: '○ starting', '': '· foreign' };

function replicaBox(p, frame, selected, em) {
  const { r, h, w } = p, badge = Math.min(h - 10, 2.2 * em), left = 2 * 5 + badge;
  const look = `${r.process || 'foreign'}${r.listed ? '' : ' unlisted'}${frame.odd.includes(r.name) && !frame.state.ended ? ' odd' : ''}${selected === r.name ? ' selected' : ''}`;
  const g = svg('g', { class: `replica ${look} r${hue(p.n)}`, transform: `translate(${p.x},${p.y})`, onclick: () => onSelect(r.name) },
    svg('rect', { class: 'box', width: w, height: h, rx: 8 }));
  if (r.process === 'exited') g.append(svg('rect', { class: 'inner', x: 3, y: 3, width: w - 6, height: h - 6, rx: 6 }));
  g.append(svg('rect', { class: 'plate', x: 5, y: (h - badge) / 2, width: badge, height: badge, rx: 6 }),
    sized(0.66 * badge, svg('text', { class: 'digit', x: 5 + badge / 2, y: h / 2 + 0.24 * badge }, String(p.n))));
  if (h > 2.6 * em) {
    g.append(svg('text', { class: 'name', x: left, y: h * 0.42 }, r.name), svg('text', { class: 'word', x: left, y: h * 0.78 }, words[r.process] ?? r.process),
      svg('text', { class: 'share', x: w - 8, y: h * 0.78 }, percent(frame.shares[r.name])));
  } else {
    g.append(svg('text', { class: 'word', x: left, y: h * 0.66 }, words[r.process] ?? r.process), svg('text', { class: 'share', x: w - 8, y: h * 0.66 }, percent(frame.shares[r.name])));
  }
  return g;
}

// othersBox is the one card of those that have no room for their own.
function othersBox(p, frame, em) {
  const { h, w, others } = p, up = others.filter((r) => r.process === 'running' || r.process === '').length, tall = h > 2.6 * em;
  const word = up === others.length ? '● running' : tall ? `● ${up} run, ✕ ${others.length - up} not` : `✕ ${others.length - up}`;
  const name = svg('text', { class: 'name', x: 12, y: h * (tall ? 0.42 : 0.66) }, `${others.length} more`);
  if (!tall && up < others.length) name.append(svg('tspan', { class: 'word', dx: 8 }, word));
  return svg('g', { class: 'replica others r0', transform: `translate(${p.x},${p.y})` }, svg('rect', { class: 'box', width: w, height: h, rx: 8 }),
    name, ...(tall ? [svg('text', { class: 'word', x: 12, y: h * 0.78 }, word)] : []),
    svg('text', { class: 'share', x: w - 8, y: h * (tall ? 0.78 : 0.66) }, percent(sum(others, frame))));
}

function sized(px, node) {
  node.style.fontSize = `${px}px`;
  return node;
}

// sampled is the dots of one tick: every failure, and one of each successes.
export function sampled(picks) {
  const good = (c) => (c >= '1' && c <= '9') || c === '+';
  const each = Math.max(1, Math.ceil([...picks].filter(good).length / MOST)), list = [];
  let n = 0;
  [...picks].forEach((c, i) => {
    if (good(c) && n++ % each) return;
    const to = c === '+' ? 10 : good(c) ? Number(c) : c === '-' ? 0 : c.charCodeAt(0) - 96;
    list.push({ to, good: good(c), when: i / picks.length });
  });
  return { each, list };
}

// stageFly starts the dots of one tick, spread over the time that the tick took.
export function stageFly(tick) {
  if (still.matches || document.hidden) return;
  const { each, list } = sampled(tick.picks), now = performance.now();
  text($('#scale'), `1 dot = ${each} RPC${each > 1 ? 's' : ''}; speed is not to scale`);
  for (const d of list) dots.push({ ...d, at: now + d.when * 1000 * tick.seconds });
  if (!flying && dots.length) {
    flying = true;
    requestAnimationFrame(fly);
  }
}

export function stageClear() { dots = []; }

// inks are the colours of the theme as a canvas needs them: the probes have them resolved.
function inks() {
  const of = (probe) => getComputedStyle(probe).color;
  const probes = [...box.querySelectorAll('.probe')];
  return { ink: probes.slice(0, 7).map(of), bad: of(probes[7]), ground: of(probes[8]) };
}

function fly(now) {
  const px = devicePixelRatio, { ink, bad, ground } = inks();
  pen.setTransform(px, 0, 0, px, 0, 0);
  pen.clearRect(0, 0, size.w, size.h);
  dots = dots.filter((d) => now - d.at < (d.good ? FLIGHT : 2 * FLIGHT));
  for (const d of dots) {
    const part = (now - d.at) / FLIGHT;
    if (part < 0) continue;
    const p = places.get(d.to) ?? rest;
    if (!p) continue;
    if (d.good) dot(along(p, part), ink[p.others ? 0 : hue(d.to)], ground);
    else cross(d.to ? along(p, Math.min(part, 0.86)) : [p.from[0] + 14, p.from[1] - 30 + 30 * Math.min(part, 1)], bad, ground);
  }
  flying = dots.length > 0;
  if (flying) requestAnimationFrame(fly);
  else pen.clearRect(0, 0, size.w, size.h);
}

const radius = () => (document.body.classList.contains('present') ? 10 : 6);

function dot([x, y], ink, ground) {
  pen.beginPath();
  pen.arc(x, y, radius(), 0, 7);
  pen.fillStyle = ink;
  pen.strokeStyle = ground;
  pen.lineWidth = 1.5;
  pen.fill();
  pen.stroke();
}

function cross([x, y], ink, ground) {
  const r = radius();
  for (const [wide, colour] of [[6, ground], [3.5, ink]]) {
    pen.beginPath();
    pen.moveTo(x - r, y - r);
    pen.lineTo(x + r, y + r);
    pen.moveTo(x + r, y - r);
    pen.lineTo(x - r, y + r);
    pen.lineWidth = wide;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}
