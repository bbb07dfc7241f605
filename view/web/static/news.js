// The events with filters, and what is said about the moment: headline, story, status.
import { $, el, text, attr, rows, millis, clock } from './dom.js';

const families = {
  faults: ['fault', 'user'], story: ['scenario', 'run', 'stack'], replicas: ['replica'], consul: ['consul'],
  resolver: ['resolver', 'herd'], channel: ['subchannel', 'picker'], traffic: ['rpc', 'load', 'traffic', 'log'],
};
const LISTED = 60;
const off = new Set();
let listed = '';

export function newsInit(changed) {
  $('#filters').append(...Object.keys(families).map((name) => el('button', {
    'aria-pressed': true, onclick: (e) => {
      if (!off.delete(name)) off.add(name);
      attr(e.currentTarget, 'aria-pressed', !off.has(name));
      changed();
    },
  }, name)));
}

const family = (e) => {
  const noun = e.type.split('.')[0];
  return Object.keys(families).find((f) => families[f].includes(noun)) ?? 'traffic';
};

export function newsDraw(events, go) {
  const list = $('#events ol');
  if (!list.clientHeight) return;
  const key = `${events.length} ${events.at(-1)?.seq} ${[...off]}`;
  if (key === listed) return;
  listed = key;
  rows(list, lately(events), () => el('li', {}, el('button', { onclick: (e) => go(Number(e.currentTarget.dataset.t)) }, el('time'), el('span'))), (li, e) => {
    const b = li.firstChild;
    b.dataset.t = e.t + 0.001;
    attr(li, 'class', e.sev);
    text(b.firstChild, e.t.toFixed(2));
    text(b.lastChild, e.msg);
    attr(b, 'title', `${e.msg} (${e.type}, seen by ${e.src}; click: look at this moment)`);
  });
}

// lately are the last events of the families that are shown, the newest first. Stalls of the
// machine in a row are one.
function lately(events) {
  const few = [];
  let row = null; // of stalls
  for (let i = events.length - 1; i >= 0; i--) {
    const e = events[i];
    if (off.has(family(e))) continue;
    if (row && e.type === 'machine.stalled') {
      row.times++;
      row.longest = Math.max(row.longest, e.d.ms);
      few[few.length - 1] = { ...few.at(-1), msg: `this machine stood still ${row.times} times, ${Math.round(row.longest)} ms at the longest` };
      continue;
    }
    if (few.length === LISTED) break;
    row = e.type === 'machine.stalled' ? { times: 1, longest: e.d.ms } : null;
    few.push(e);
  }
  return few;
}

// headline is the lesson of the moment: who noticed, and who still believes otherwise.
export function headline(view, replicas, can) {
  const { frame } = view, s = frame.state, w = frame.waterfalls.at(-1);
  if (s.story.verdict) return `${s.story.verdict.toUpperCase()}: ${s.story.title || s.name}${s.story.why ? ` (${s.story.why})` : ''}`;
  if (s.story.said) return s.story.said;
  if (!s.ready && !replicas.length) return 'The stack is starting.';
  if (w && !w.healed) return faultLine(w, replicas);
  if (s.ended) return 'The run is over.';
  const ready = replicas.filter((r) => r.picked).length;
  const calm = `${ready} replica${ready === 1 ? '' : 's'} share ${Math.round(s.traffic.rate)} RPC/s${s.traffic.even ? ' evenly' : ''}.`;
  if (w?.healed && s.t - w.healed < 20) return `${w.kind} ${w.targets.join(', ')} is healed. ${calm}`;
  return can.has('inject') ? `${calm} Choose a replica and break it.` : calm;
}

// consulLine is the same of a fault in Consul itself, which calls need not notice at all.
function consulLine(w) {
  const ms = Object.fromEntries(w.consul.map((m) => [m.id, m.ms]));
  const what = `${w.kind} ${w.targets.join(', ')}`;
  const calls = ms.c6 == null ? 'No call has noticed.' : `The first call failed after ${millis(ms.c6)}.`;
  if (ms.c4 != null) return `${what}: a new leader after ${millis(ms.c4)}. ${calls}`;
  if (ms.c3 != null) return `${what}: Consul knows no leader since ${millis(ms.c3)} after it. ${calls}`;
  if (ms.c2 != null) return `${what}: it does not answer any more. ${calls}`;
  if (ms.c1 != null) return `${what}: gossip noticed after ${millis(ms.c1)}. ${calls}`;
  return `${what}: nobody has noticed yet.`;
}

function faultLine(w, replicas) {
  if (w.consul) return consulLine(w);
  const ms = Object.fromEntries(w.marks.map((m) => [m.id, m.ms]));
  const victim = replicas.find((r) => r.name === w.targets[0]);
  const what = `${w.kind} ${w.targets.join(', ')}`;
  const check = victim ? `Consul's check still says ${victim.check}` : "Consul's check has not noticed";
  const grpc = ms.t2 ?? null, consul = ms.t3 ?? null;
  if (grpc === null && consul === null) return `${what}: nobody has noticed yet.`;
  if (consul === null) return `${what}: gRPC noticed in ${millis(grpc)}. ${check}.`;
  if (grpc === null) return `${what}: Consul's check noticed after ${millis(consul)}. gRPC has not.`;
  return grpc <= consul ? `${what}: gRPC noticed in ${millis(grpc)}, Consul's check after ${millis(consul)}.` : `${what}: Consul's check noticed after ${millis(consul)}, gRPC after ${millis(grpc)}.`;
}

// storyDraw shows the steps, the question that waits, and what was predicted.
export function storyDraw(view, live, act) {
  const s = view.frame.state.story, names = s.steps ?? [];
  const here = names.indexOf(s.step);
  rows($('#steps'), names, () => el('li'), (li, name, i) => {
    text(li, name);
    attr(li, 'class', i === here ? 'here' : i < here || s.verdict ? 'past' : null);
    attr(li, 'aria-current', i === here ? 'step' : null);
  });
  const told = view.events.findLast((e) => e.type === 'scenario.predicted')?.d;
  const over = s.verdict || ['verify', 'end'].includes(s.phase);
  text($('#aside'), told?.said ? `You said: ${told.said}.${over && told.revealed ? ` It was: ${told.revealed}` : ''}` : '');
  questionDraw(live ? view.frame.question : null, act);
  judgedDraw(s.expectations ?? []);
}

const marks = { pass: '✓', fail: '✕', inconclusive: '?' };

// judgedDraw lists the expectations once they are judged: what was seen, and its bound.
function judgedDraw(list) {
  rows($('#judged'), list, () => el('li', {}, el('strong'), el('span')), (li, e) => {
    attr(li, 'class', e.verdict);
    text(li.firstChild, `${marks[e.verdict] ?? '?'} ${e.verdict.toUpperCase()} ${e.name}`);
    const sign = { within: '≤', max: '≤', min: '≥' }[e.kind];
    const number = (n) => (e.unit === 's' || e.kind === 'within' ? millis(1000 * n) : `${Number(n.toPrecision(4))}${e.unit ? ` ${e.unit}` : ''}`);
    text(li.lastChild, sign ? ` ${e.missing ? 'never seen' : number(e.observed)}, bound ${sign} ${number(e.bound)} = ${e.formula}` : '');
  });
}

let asked = '';

function questionDraw(q, act) {
  const key = JSON.stringify(q ?? null), box = $('#question');
  if (key === asked) return;
  asked = key;
  if (!q) return box.replaceChildren();
  if (q.ask) {
    box.replaceChildren(el('strong', {}, q.ask), ...(q.options ?? ['go on']).map((o) => el('button', { onclick: () => act({ do: 'predict', said: o }) }, o)));
  } else {
    box.replaceChildren(el('button', { id: 'next', class: 'go', onclick: () => act({ do: 'next' }) }, `Next: ${q.step} `, el('kbd', {}, 'n')));
  }
}

// faultsDraw is the strip that says what is still broken.
export function faultsDraw(frame, now, act, can) {
  const list = $('#open ul'), open = frame.state.faults;
  attr($('#open'), 'class', open.length ? 'some' : 'none');
  text($('#open strong'), open.length ? 'Still injected' : 'Nothing is injected');
  rows(list, open, () => el('li', {}, el('span'), el('button', { onclick: (e) => act({ do: 'heal', id: Number(e.currentTarget.dataset.id) }) }, 'Heal')), (li, f) => {
    const left = f.ttl ? `, heals in ${Math.max(0, Math.ceil(f.since + f.ttl - now))} s` : '';
    text(li.firstChild, `${f.kind} ${f.targets.join(', ')}${left}`);
    li.lastChild.dataset.id = f.id;
    attr(li.lastChild, 'aria-label', `Heal ${f.kind} ${f.targets.join(', ')}`);
    li.lastChild.disabled = !can.has('heal');
  });
  $('#heal-all').disabled = !can.has('heal_all') || !open.length;
}

// say speaks to a reader of the screen too; never more than once in two seconds.
let spoken = 0, pending = null;
export function say(msg, bad) {
  clearTimeout(pending);
  pending = setTimeout(() => {
    spoken = performance.now();
    const p = $('#said');
    p.textContent = msg;
    p.className = bad ? 'bad' : '';
    pending = setTimeout(() => { p.textContent = ''; }, 6000);
  }, Math.max(0, 2000 - (performance.now() - spoken)) * (bad ? 0 : 0.15));
}

export { clock };
