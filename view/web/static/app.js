// devstack's dashboard. One picture comes from the server; every part below draws it.
import { $, el, text, attr, ordinal, clock, rows } from './dom.js';
import { store, shown, listen, look, freeze, thaw, clockNow, open } from './store.js';
import { stageInit, stageDraw, stageFly, stageClear } from './stage.js';
import { presentReplicas, ladderDraw, tapeDraw, fallDraw } from './ladder.js';
import { chartsInit, chartsDraw } from './charts.js';
import { lineInit, lineDraw } from './line.js';
import { newsInit, newsDraw, headline, storyDraw, faultsDraw, say } from './news.js';
import { agentsDraw } from './agents.js';
import { storiesInit } from './stories.js';

const ui = { selected: '', rate: null, keys: true };

// --- drawing

let due = false;

function redraw() {
  if (due) return;
  due = true;
  const soon = document.hidden ? (f) => setTimeout(f, 0) : requestAnimationFrame;
  soon(() => { due = false; draw(); });
}

function draw() {
  const view = shown();
  modeDraw();
  if (!view) return;
  const { frame } = view, past = store.frozen, replicas = presentReplicas(frame.state);
  if (!replicas.some((r) => r.name === ui.selected)) ui.selected = replicas[0]?.name ?? '';
  const now = past || store.mode === 'ended' ? frame.state.t : clockNow();
  text($('#title'), frame.state.story.title || frame.state.name);
  const tr = frame.state.traffic;
  text($('#numbers'), frame.state.ready || tr.ok ? `${tr.ok + tr.failed} RPCs, ${tr.failed} failed` : '');
  text($('#headline'), headline(view, replicas, store.can));
  attr($('#headline'), 'class', frame.state.faults.length ? 'broken' : null);
  storyDraw(view, !past, act);
  agentsDraw(frame); // before the stage, which takes the room that is left
  stageDraw(frame, replicas, ui.selected);
  ladderDraw(frame, replicas, ui.selected, select);
  tapeDraw(frame.tape);
  fallDraw(frame, now);
  chartsDraw(view);
  newsDraw(store.now.events, go);
  lineDraw(store.now.events, Math.max(store.now.frame.state.t, 1), past ? Math.min(frame.now, store.now.frame.state.t) : store.now.frame.state.t, past);
  faultsDraw(store.now.frame, clockNow(), act, store.can);
  toolsDraw(replicas, frame.state);
  document.body.dataset.seq = store.seq;
  document.body.dataset.gaps = store.gaps;
}

const modes = { connecting: '○ connecting', live: '● live', cut: '▲ cut off, trying again', ended: '■ ended' };

function modeDraw() {
  let word = modes[store.mode], look = store.mode;
  if (store.frozen && store.now) {
    const at = store.past.frame.now;
    look = 'frozen';
    word = `‖ at ${clock(at)}${store.mode === 'live' ? `, ${clock(Math.max(0, clockNow() - at))} behind; the world runs on` : ''}`;
  }
  text($('#mode'), word);
  attr($('#mode'), 'class', `pill ${look}`);
  attr($('#freeze'), 'aria-pressed', store.frozen);
  document.body.dataset.mode = look;
}

function toolsDraw(replicas, state) {
  const can = store.can, name = ui.selected;
  attr($('#tools'), 'class', can.has('inject') ? null : 'readonly');
  text($('#chosen'), name || 'no replica');
  for (const b of document.querySelectorAll('#faults-for button')) {
    b.disabled = !can.has('inject') || !name || state.ended;
    const open = openFault(state, b.id, name);
    attr(b, 'aria-label', `${open && backs.has(b.id) ? 'Undo ' : ''}${b.textContent} ${name}`);
    attr(b, 'aria-pressed', backs.has(b.id) ? Boolean(open) : null);
  }
  $('#restart').disabled ||= !state.faults.some((f) => f.targets.includes(name));
  for (const id of ['call', 'slower', 'faster', 'fewer', 'more', 'inject', 'kind']) $(`#${id}`).disabled = !can.has('inject') || state.ended;
  text($('#rate'), `${state.traffic.offered ?? 0} RPC/s`);
  text($('#size'), `${replicas.length} replica${replicas.length === 1 ? '' : 's'}`);
  const kinds = Object.keys(store.kinds).sort(), menu = $('#kind');
  if (menu.length !== kinds.length) menu.replaceChildren(...kinds.map((k) => el('option', { value: k, title: store.kinds[k] }, k)));
  $('#tell').hidden = !can.has('tell');
  const ui2 = store.now.frame.state.ready?.consul.ui, link = $('#consul-ui');
  link.hidden = !ui2;
  if (ui2) attr(link, 'href', ui2);
}

// --- doing

const backs = new Set(['pause', 'slow']); // a second press takes these back
const rates = [0, 1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000]; // as the terminal's keys

const openFault = (s, kind, name) => s.faults.find((f) => f.kind === kind && f.targets.includes(name));
const present = () => store.now.frame.state;

async function act(action) {
  if (!store.can.has(action.do)) return say('this dashboard only shows', true);
  try {
    const answer = await fetch('/api/actions', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(action) });
    const body = await answer.json();
    if (answer.ok) say(body.message ?? 'done');
    else say([body.error.message, body.error.hint].filter(Boolean).join('; '), true);
  } catch {
    say('the stack does not answer', true);
  }
}

function injectOrHeal(kind) {
  const name = ui.selected;
  if (!name) return say('no replica is selected', true);
  const open = backs.has(kind) && openFault(present(), kind, name);
  if (open) return act({ do: 'heal', id: open.id });
  return act({ do: 'inject', kind, target: name, for: '60s' });
}

async function restart() {
  const mine = present().faults.filter((f) => f.targets.includes(ui.selected)).reverse();
  if (!mine.length) return say(`nothing is injected into ${ui.selected}`, true);
  for (const f of mine) await act({ do: 'heal', id: f.id });
}

function rate(up) {
  const now = ui.rate ?? present().traffic.offered ?? 0;
  ui.rate = (up ? rates.find((r) => r > now) : rates.findLast((r) => r < now)) ?? now;
  clearTimeout(rate.forget);
  rate.forget = setTimeout(() => (ui.rate = null), 1500); // by then the record says it
  act({ do: 'rate', rate: ui.rate });
}

function scale(by) {
  const n = presentReplicas(present()).length + by;
  if (n >= 0) act({ do: 'scale', n });
}

function injectOther() {
  const kind = $('#kind').value;
  const one = kind.startsWith('consul-') || kind.startsWith('router-');
  act({ do: 'inject', kind, ...(one ? {} : { target: ui.selected }), for: '60s' });
}

function select(name) {
  ui.selected = name;
  $(`#row-${CSS.escape(name)}`)?.scrollIntoView({ block: 'nearest' });
  redraw();
}

function selectBy(step) {
  const names = presentReplicas(present()).map((r) => r.name);
  select(names[Math.max(0, Math.min(names.length - 1, names.indexOf(ui.selected) + step))] ?? '');
}

// --- looking

function go(t) {
  if (!store.now) return;
  if (!store.frozen) freeze();
  stageClear();
  look(t, redraw);
  redraw();
}

function live() { thaw(); redraw(); }

function toggleFreeze() {
  if (!store.now) return;
  if (store.frozen) return live();
  freeze();
  stageClear();
  redraw();
}

function keep(name, value) {
  try { localStorage.setItem(`devstack-${name}`, value); } catch { /* a browser that keeps nothing */ }
}

function kept(name) {
  try { return localStorage.getItem(`devstack-${name}`); } catch { return null; }
}

function theme() {
  const root = document.documentElement;
  const dark = getComputedStyle(root).colorScheme === 'dark' || (!root.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'light' : 'dark';
  keep('theme', root.dataset.theme);
  redraw();
}

function presentMode() {
  const on = document.body.classList.toggle('present');
  attr($('#present'), 'aria-pressed', on);
  if (on && !kept('theme')) document.documentElement.dataset.theme = 'light'; // a bright room eats dark
  redraw();
}

const keys = store.keys ?? [
  ['1 … 9, ↑ ↓', 'select a replica'], ['k', 'kill it: SIGKILL, no goodbye'], ['p', 'pause it, or let it go on'], ['s', 'slow it down, or no longer'],
  ['d', 'drain it: stop it in its order'], ['r', 'restart: undo what was done to it'], ['h', 'heal every fault'], ['. or space', 'exactly one RPC'],
  ['+ −', 'more or fewer RPCs per second'], ['n, PageDown', 'next step of the story'], ['f', 'freeze the picture; the world goes on'],
  ['End, Esc', 'back to live'], ['P', 'present mode'], ['t', 'light or dark'], ['?', 'this list'],
];

const deeds = {
  k: () => injectOrHeal('kill'), p: () => injectOrHeal('pause'), s: () => injectOrHeal('slow'), d: () => injectOrHeal('drain'),
  r: restart, h: () => act({ do: 'heal_all' }), ' ': () => act({ do: 'call' }), '.': () => act({ do: 'call' }),
  '+': () => rate(true), '=': () => rate(true), '-': () => rate(false), _: () => rate(false), n: next, PageDown: next,
  f: toggleFreeze, End: live, Escape: live, P: presentMode, t: theme, '?': help, ArrowUp: () => selectBy(-1), ArrowDown: () => selectBy(1),
};

function next() { if (present().story.waiting || store.now.frame.question) act({ do: 'next' }); }

function help() {
  const d = $('#keys');
  if (d.open) d.close();
  else d.showModal();
}

function press(e) {
  const at = e.target;
  if (e.ctrlKey || e.altKey || e.metaKey || e.repeat || !store.now) return;
  if (at.closest('select, textarea') || (e.key !== '?' && at.closest('input, dialog[open]'))) return;
  if (!ui.keys && e.key !== '?') return;
  if (at.closest('button, a') && (e.key === ' ' || e.key === 'Enter')) return; // the button's own
  if (at.closest('#events ol') && /^(Arrow|Page|End)/.test(e.key)) return; // the list scrolls
  const n = Number(e.key);
  if (n >= 1 && n <= 9) {
    const name = presentReplicas(present()).find((r) => ordinal(r.name) === n)?.name;
    if (name) select(name);
  } else if (Object.hasOwn(deeds, e.key)) deeds[e.key]();
  else return;
  e.preventDefault();
}

// --- beginning

const saved = kept('theme');
if (saved === 'light' || saved === 'dark') document.documentElement.dataset.theme = saved;
stageInit(select);
chartsInit();
lineInit(go, live);
newsInit(redraw);
storiesInit(act);
rows($('#keys dl'), keys, () => el('div', {}, el('dt'), el('dd')), (div, [key, what]) => { text(div.firstChild, key); text(div.lastChild, what); });
for (const kind of ['kill', 'pause', 'slow', 'drain']) $(`#${kind}`).addEventListener('click', () => injectOrHeal(kind));
for (const b of document.querySelectorAll('[data-key]')) b.append(' ', el('kbd', {}, b.dataset.key));
const clicks = {
  restart, call: deeds['.'], slower: () => rate(false), faster: () => rate(true), fewer: () => scale(-1), more: () => scale(1), inject: injectOther,
  'heal-all': deeds.h, freeze: toggleFreeze, present: presentMode, theme, help,
};
for (const [id, f] of Object.entries(clicks)) $(`#${id}`).addEventListener('click', f);
$('#mode').addEventListener('click', () => (store.frozen ? live() : open()));
$('#keys-on').addEventListener('change', (e) => { ui.keys = e.currentTarget.checked; });
document.addEventListener('keydown', press);
addEventListener('resize', redraw);
setInterval(() => { // the only thing that moves by itself: what is left of a fault
  if (store.now && store.mode !== 'ended' && (store.frozen || present().faults.length)) redraw();
}, 500);

let heardFault = 0;
listen(() => {
  const last = store.now?.events.at(-1);
  if (last && last.seq > heardFault && ['bad', 'warn'].includes(last.sev) && last.type !== 'machine.stalled') say(last.msg);
  heardFault = Math.max(heardFault, last?.seq ?? 0);
  redraw();
}, (tick) => { if (!store.frozen || store.playing) stageFly(tick); });
redraw();
