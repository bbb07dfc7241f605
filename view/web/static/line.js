// The timeline of the whole run: steps, faults, and a handle to look at any moment.
import { $, svg, attr, clock } from './dom.js';
import { captions, named } from './captions.js';
import { faultSpans } from './charts.js';

let end = 1, steps = [], at = 0;

// lineInit calls go(second) when somebody wants to see that moment, and live() for now.
export function lineInit(go, live) {
  const line = $('#line');
  const seek = (e) => {
    const b = line.getBoundingClientRect();
    go(Math.max(0, Math.min(end, ((e.clientX - b.left) / b.width) * end)));
  };
  line.addEventListener('pointerdown', (e) => { line.setPointerCapture(e.pointerId); line.focus(); seek(e); });
  line.addEventListener('pointermove', (e) => line.hasPointerCapture(e.pointerId) && seek(e));
  line.addEventListener('keydown', (e) => {
    const by = { ArrowLeft: -0.25, ArrowDown: -0.25, ArrowRight: 0.25, ArrowUp: 0.25, PageDown: -5, PageUp: 5 }[e.key];
    if (by) go(Math.max(0, Math.min(end, at + by)));
    else if (e.key === 'Home') go(0);
    else if (e.key === 'End') live();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
}

// lineDraw shows the run until now, and the handle at second t of it.
export function lineDraw(events, now, t, past) {
  const line = $('#line'), art = $('svg', line), w = line.clientWidth, h = line.clientHeight;
  end = Math.max(now, 1);
  if (w < 20 || h < 20) return; // not laid out yet
  at = t;
  steps = events.filter((e) => e.type === 'scenario.step' && !['end', 'steady'].includes(e.d.phase));
  const x = (s) => 6 + (s / end) * (w - 12);
  art.setAttribute('viewBox', `0 0 ${w} ${h}`);
  const faults = faultSpans(events, end).slice(-100);
  const notes = captions(faults.map((f) => [x(f.from), `✕ ${named(f)}`]), w, [[], steps.map((e) => [x(e.t), x(e.t) + 24])]);
  art.replaceChildren(
    svg('path', { class: 'rail', d: `M6,${h / 2}H${w - 6}` }),
    ...faults.map((f) => svg('rect', { class: 'tint', x: x(f.from), y: 4, width: Math.max(3, x(f.to) - x(f.from)), height: h - 8, rx: 2 }, svg('title', {}, named(f)))),
    ...events.filter((e) => e.type === 'resolver.updated').slice(-200).map((e) => svg('path', { class: 'push', d: `M${x(e.t)},${h / 2 - 5}v10` })),
    ...notes.map((n) => svg('text', { class: 'why', x: n.x, y: n.row ? h - 4 : 14 }, n.word)),
    ...steps.map((e, i) => svg('text', { class: 'step', x: x(e.t), y: h - 4 }, `◆ ${i + 1}`)),
    svg('path', { class: past ? 'handle past' : 'handle', d: `M${x(t)},2V${h - 2}` }),
    svg('circle', { class: past ? 'handle past' : 'handle', cx: x(t), cy: h / 2, r: 6 }),
  );
  attr(line, 'aria-valuemax', end.toFixed(1));
  attr(line, 'aria-valuenow', t.toFixed(1));
  attr(line, 'aria-valuetext', moment(events, t, past));
}

function moment(events, t, past) {
  const before = events.filter((e) => e.t <= t);
  const step = before.findLast((e) => e.type === 'scenario.step');
  return [clock(t), past ? null : 'live', step && `step ${step.d.name}`, past ? before.at(-1)?.msg : null].filter(Boolean).join(', ');
}
