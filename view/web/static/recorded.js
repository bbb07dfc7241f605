// The run as a report holds it, in the place of store.js: the same words, and nobody to ask.
// A bar with a button plays it.
import { $, el, text, attr, clock } from './dom.js';

export const store = {
  mode: 'ended', now: null, past: null, frozen: false, playing: false, can: new Set(), kinds: {}, seq: 0, gaps: 0,
  keys: [['space', 'play, or stop'], ['← →', 'a quarter of a second back or on'], ['[ ]', 'slower or faster'], ['Home, End', 'the beginning, the end'],
    ['1 … 9, ↑ ↓', 'select a replica'], ['t', 'light or dark'], ['?', 'this list']],
};

export const shown = () => store.past ?? store.now;
export const clockNow = () => store.now?.frame.state.t ?? 0;
export function open() {}
export function freeze() { store.frozen = true; }
export function thaw() { stop(); store.frozen = false; store.past = null; }

const speeds = [0.1, 0.25, 0.5, 1, 2, 5, 10];
let run = null, at = 0, speed = 1, timer = 0, beat = 0, changed = () => {}, ticked = () => {};

// listen unpacks the run, shows its beginning and waits to be played.
export async function listen(onChange, onTick) {
  changed = onChange;
  ticked = onTick;
  run = JSON.parse(await unpacked($('#recording').textContent));
  for (const p of run.points) p.share ??= {};
  store.now = split(run.frames.at(-1), Infinity);
  store.seq = run.frames.at(-1).state.seq;
  bar();
  show(run.frames[0].now);
}

async function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

const silent = new Set(['traffic.tick', 'traffic.settled', 'scenario.expect_met', 'scenario.gate_waiting', 'scenario.gate_passed']);

// split is the picture of frame with the past that it had.
function split(frame, t) {
  frame.state.replicas ??= [];
  frame.state.faults ??= [];
  for (const f of [...frame.state.faults, ...frame.waterfalls]) f.targets ??= [];
  return { frame, points: run.points.filter((p) => p.t <= t), events: run.events.filter((e) => e.t <= t && !silent.has(e.type)) };
}

// show draws the run as it was at second t.
function show(t) {
  const first = run.frames[0].now, last = run.frames.at(-1).now;
  at = Math.max(first, Math.min(last, t));
  store.frozen = true;
  store.past = split(run.frames.findLast((f) => f.now <= at) ?? run.frames[0], at);
  text($('#moment'), `${clock(at)} of ${clock(last)}`);
  changed();
}

export function look(t) { show(t); }

function play() {
  if (at >= run.frames.at(-1).now) show(0);
  store.playing = true;
  beat = performance.now();
  timer = setInterval(step, 100);
  drawBar();
}

function stop() {
  store.playing = false;
  clearInterval(timer);
  drawBar();
}

// step goes on by as much as has passed, and lets the picks of that time fly.
function step() {
  const now = performance.now(), before = at;
  show(at + (speed * (now - beat)) / 1000);
  beat = now;
  for (const e of run.events) if (e.type === 'traffic.tick' && e.t > before && e.t <= at) ticked(e.d);
  if (at >= run.frames.at(-1).now) stop();
}

const toggle = () => (store.playing ? stop() : play());

function pace(by) {
  speed = speeds[Math.max(0, Math.min(speeds.length - 1, speeds.indexOf(speed) + by))];
  drawBar();
}

function bar() {
  const faults = run.events.filter((e) => e.type === 'fault.injected');
  $('footer').prepend(el('div', { id: 'player', role: 'group', 'aria-label': 'Player' },
    el('button', { id: 'play', onclick: toggle }), el('span', { id: 'moment' }),
    el('span', { class: 'pair' }, el('button', { 'aria-label': 'Slower', onclick: () => pace(-1) }, '−'), el('output', { id: 'pace' }), el('button', { 'aria-label': 'Faster', onclick: () => pace(1) }, '+')),
    ...faults.map((e) => el('button', { onclick: () => show(Math.max(0, e.t - 0.2)) }, `✕ ${e.d.kind} at ${clock(e.t)}`))));
  drawBar();
}

function drawBar() {
  if (!$('#play')) return;
  text($('#play'), store.playing ? '‖ Stop' : '▶ Play');
  attr($('#play'), 'aria-pressed', store.playing);
  text($('#pace'), `${speed}×`);
}

document.addEventListener('keydown', (e) => {
  if (!run || e.ctrlKey || e.altKey || e.metaKey || e.target.closest('#line, #events ol, dialog[open]')) return;
  const deed = {
    ' ': e.target.closest('button') ? null : toggle, ArrowLeft: () => show(at - 0.25), ArrowRight: () => show(at + 0.25),
    '[': () => pace(-1), ']': () => pace(1), Home: () => show(0), End: () => show(Infinity),
  }[e.key];
  if (!deed) return;
  deed();
  e.preventDefault();
  e.stopPropagation();
}, true);
