// The run as this tab knows it, and the one stream that it comes by.

const EVENTS_KEPT = 4000;
const POINTS_KEPT = 2400;

export const store = {
  mode: 'connecting', // connecting, live, cut, ended
  now: null, // the present: {frame, points, events}
  past: null, // the same, while somebody looks at the past
  frozen: false,
  can: new Set(),
  kinds: {},
  seq: 0,
  gaps: 0, // events that never came: 0, or the server broke its promise
  heard: 0, // when the last frame came, by this page's clock
};

// shown is what to draw.
export const shown = () => store.past ?? store.now;

// clockNow is the time of the run, between two frames too.
export function clockNow() {
  if (!store.now) return 0;
  if (store.mode === 'ended') return store.now.frame.state.t;
  return store.now.frame.now + (performance.now() - store.heard) / 1000;
}

let stream = null;
let told = () => {};
let ticked = () => {};

// listen opens the stream. changed is called after every news, tick with every interval
// of traffic that is new.
export function listen(changed, tick) {
  told = changed;
  ticked = tick;
  open();
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
}

function close() {
  stream?.close();
  stream = null;
}

export function open() {
  if (stream || store.mode === 'ended') return;
  const s = new EventSource('/api/events');
  stream = s;
  const on = (kind, f) => s.addEventListener(kind, (m) => s === stream && (f(JSON.parse(m.data), m), told()));
  on('hello', (whole, m) => hello(whole, Number(m.lastEventId)));
  on('event', (e) => heard(e));
  on('frame', (frame) => picture(frame));
  on('bye', () => { store.mode = 'ended'; close(); });
  s.onerror = () => {
    if (s !== stream) return;
    store.mode = 'cut';
    told();
    if (s.readyState === EventSource.CLOSED) { close(); setTimeout(open, 2000); }
  };
}

function hello(whole, seq) {
  store.mode = 'live';
  store.heard = performance.now();
  store.can = new Set(whole.can);
  store.kinds = whole.kinds ?? {};
  store.now = split(whole);
  store.seq = seq;
}

// tidy makes empty lists of what the server leaves null.
function tidy(frame) {
  frame.state.replicas ??= [];
  frame.state.faults ??= [];
  for (const f of [...frame.state.faults, ...frame.waterfalls]) f.targets ??= [];
  return frame;
}

// split parts a whole picture into its frame and its past.
export function split(whole) {
  for (const p of whole.points) p.share ??= {}; // a tick without calls
  return { frame: tidy(whole), points: whole.points, events: whole.events.filter(worthTelling) };
}

function picture(frame) {
  if (store.now && frame.run !== store.now.frame.run) { // another stack has the port now
    store.past = null;
    close();
    open();
    return;
  }
  store.mode = 'live';
  store.heard = performance.now();
  if (store.now) store.now.frame = tidy(frame);
}

function heard(e) {
  store.mode = 'live';
  if (e.seq !== store.seq + 1) store.gaps++;
  store.seq = e.seq;
  if (!store.now) return;
  if (e.type === 'traffic.tick') {
    if (e.src !== 'client/1') return; // the curves and the flying picks are the first client's
    store.now.points.push(point(e));
    if (store.now.points.length > 2 * POINTS_KEPT) store.now.points.splice(0, POINTS_KEPT);
    ticked(e.d);
  } else if (worthTelling(e)) {
    store.now.events.push(e);
    if (store.now.events.length > 2 * EVENTS_KEPT) store.now.events.splice(0, EVENTS_KEPT);
  }
}

const silent = new Set(['traffic.tick', 'traffic.settled', 'scenario.expect_met', 'scenario.gate_waiting', 'scenario.gate_passed']);
const worthTelling = (e) => e.msg && !silent.has(e.type);

function point(e) {
  const sum = (map, f) => Object.values(map ?? {}).reduce((n, x) => n + f(x), 0);
  return {
    t: e.t, ok: sum(e.d.replicas, (r) => r.ok), failed: sum(e.d.failed, (n) => n),
    p50_ms: e.d.p50_ms, p99_ms: e.d.p99_ms, share: e.d.replicas ?? {},
  };
}

// look shows the run as it was at second t; one question is under way at a time, and the
// last wish wins.
let wish = null;
let asking = false;
export async function look(t, changed) {
  wish = t;
  if (asking) return;
  asking = true;
  try {
    while (wish !== null) {
      const at = wish;
      const answer = await fetch(`/api/state?at=${at.toFixed(3)}`);
      if (!answer.ok) break;
      const whole = await answer.json();
      if (wish === at) wish = null;
      if (store.frozen) { store.past = split(whole); changed(); }
    }
  } catch { // the stack is gone: what is on the screen stays
    wish = null;
  } finally {
    asking = false;
  }
}

// freeze stops the picture; the world goes on.
export function freeze() {
  store.frozen = true;
  const { frame, points, events } = store.now;
  store.past ??= { frame, points: points.slice(), events: events.slice() };
}

export function thaw() {
  store.frozen = false;
  store.past = null;
  wish = null;
}
