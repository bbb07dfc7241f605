// The ladder: replica × layer, and a mark where a layer does not believe what is so. The
// tape: one cell per RPC. The waterfall: who knew when.
import { $, el, text, attr, rows, ordinal, hue, percent, millis, clock } from './dom.js';

// present leaves out replicas that were scaled away: they are history.
export function presentReplicas(s) {
  const broken = new Set(s.faults.flatMap((f) => f.targets));
  return s.replicas.filter((r) => r.process !== 'exited' || r.catalog !== 'absent' || r.listed || r.picked || r.subchannel || broken.has(r.name));
}

const glyphs = { running: '●', exited: '✕', paused: '‖', draining: '▲', starting: '○', '': '·' };
const warned = new Set(['critical', 'warning', 'TRANSIENT', 'CONNECTING']);

const layers = [
  (r) => [r.check, r.check === 'passing'],
  (r) => [r.catalog === 'absent' ? r.dc ?? r.catalog : r.catalog, r.catalog === 'passing'],
  (r) => [r.listed ? 'listed' : 'absent', r.listed],
  (r) => [r.subchannel === 'TRANSIENT_FAILURE' ? 'TRANSIENT' : r.subchannel || 'none', r.subchannel === 'READY'],
  (r) => [r.picked ? 'in' : 'out', r.picked],
];

export function ladderDraw(frame, replicas, selected, select) {
  const others = frame.callers ?? [];
  rows($('#ladder tbody'), replicas, () => makeRow(select), (tr, r) => fillRow(tr, r, frame, selected, others));
  headsDraw(others);
}

const fixed = layers.length + 3; // cells of the first client's row

// headsDraw names a column for each client beside the first.
function headsDraw(others) {
  const heads = $('#ladder thead tr');
  attr($('#ladder'), 'class', others.length ? 'several' : null);
  while (heads.children.length > fixed + others.length) heads.lastChild.remove();
  others.forEach((c, i) => {
    if (!heads.children[fixed + i]) heads.append(el('th', { scope: 'col' }));
    text(heads.children[fixed + i], c.name);
    attr(heads.children[fixed + i], 'title', `what ${c.name} believes: ${Math.round(c.rate)} RPC/s, ${c.ok + c.failed} RPCs, ${c.failed} failed`);
  });
}

function makeRow(select) {
  const name = el('button', { class: 'pick', onclick: (e) => select(e.currentTarget.dataset.name) }, el('span', { class: 'badge' }), el('span', { class: 'long' }));
  const bar = el('td', { class: 'share' }, el('span', { class: 'bar' }, el('i')), el('span', { class: 'number' }));
  return el('tr', {}, el('th', { scope: 'row' }, name), el('td', { class: 'process' }), ...layers.map(() => el('td', { class: 'belief' })), bar);
}

function fillRow(tr, r, frame, selected, others) {
  const n = ordinal(r.name), alive = r.process === 'running' || r.process === '';
  attr(tr, 'class', `r${hue(n)}${r.name === selected ? ' selected' : ''}`);
  attr(tr, 'id', `row-${r.name}`);
  const pick = tr.children[0].firstChild;
  pick.dataset.name = r.name;
  attr(pick, 'aria-pressed', r.name === selected);
  attr(pick, 'title', [r.addr, r.pid && `pid ${r.pid}`].filter(Boolean).join(', '));
  text(pick.children[0], String(n || '?'));
  text(pick.children[1], r.name);
  text(tr.children[1], `${glyphs[r.process] ?? '?'} ${r.process || 'foreign'}`);
  attr(tr.children[1], 'data-state', r.process || 'foreign');
  layers.forEach((layer, i) => {
    // What another datacenter's replica is to the client's own is no error.
    const [word, yes] = layer(r), away = word === r.dc || (r.dc && !r.listed && i > 0);
    const odd = yes !== alive && !away && !frame.state.ended, td = tr.children[2 + i];
    attr(td, 'class', odd ? 'belief odd' : 'belief');
    text(td, `${warned.has(word) ? '▲' : yes ? '●' : '○'} ${word}${odd ? ' ≠' : ''}`);
  });
  const share = frame.shares[r.name] ?? 0, cell = tr.children[fixed - 1];
  cell.firstChild.firstChild.style.width = `${100 * share}%`;
  text(cell.lastChild, percent(share));
  while (tr.children.length > fixed + others.length) tr.lastChild.remove();
  others.forEach((c, i) => {
    if (!tr.children[fixed + i]) tr.append(el('td'));
    fillOther(tr.children[fixed + i], c.believes.find((b) => b.replica === r.name), alive, frame.state.ended);
  });
}

// fillOther is what a client beside the first believes of a replica, and does about it.
function fillOther(td, b, alive, ended) {
  const picked = b?.picked ?? false, odd = picked !== alive && !ended;
  const word = picked ? 'in' : layers[3]({ subchannel: b?.subchannel ?? '' })[0];
  attr(td, 'class', odd ? 'belief other odd' : 'belief other');
  text(td, `${warned.has(word) ? '▲' : picked ? '●' : '○'} ${word} ${percent(b?.share)}${odd ? ' ≠' : ''}`);
}

// --- the tape

export function tapeDraw(tape) {
  const box = $('#tape div'), em = parseFloat(getComputedStyle(box).fontSize);
  const cells = Math.max(10, Math.floor(box.clientWidth / (1.7 * em)));
  rows(box, [...tape.slice(-cells)], () => el('i'), (i, c) => {
    const bad = c >= 'a' && c <= 'i';
    const n = bad ? c.charCodeAt(0) - 96 : Number(c) || 0;
    text(i, bad ? '✕' : c === '-' ? '✕' : c);
    attr(i, 'class', bad ? `bad r${hue(n)}` : c === '-' ? 'bad' : `r${hue(n)}`);
    attr(i, 'title', bad ? `failed at ${n}` : c === '-' ? 'failed before any pick' : null);
  });
}

// --- the waterfall

const short = { t2: 'subchannel left READY', t3: 'check critical', t6: 'last pick of the victim', t7: 'shares even again' };

export function fallDraw(frame, now) {
  const w = frame.waterfalls.at(-1), box = $('#fall');
  attr(box, 'class', w ? null : 'empty');
  if (!w) {
    text($('h2', box), 'Who knew when');
    rows($('ol', box), ['Break something: here will be who noticed, and when.'], () => el('li', { class: 'none' }), (li, s) => { attr(li, 'class', 'none'); text(li, s); });
    return;
  }
  const end = w.healed || now;
  text($('h2', box), `Since ${w.kind} ${w.targets.join(', ')}: ${w.healed ? `healed after ${clock(w.healed - w.injected)}` : clock(Math.max(0, end - w.injected))}`);
  const list = $('ol', box);
  if (list.firstChild?.className === 'none') list.replaceChildren();
  rows(list, w.consul ?? w.marks, () => el('li', {}, el('span', { class: 'mark' }), el('span', { class: 'bar' }, el('i')), el('span', { class: 'number' })), (li, m) => {
    const seen = m.ms != null;
    text(li.children[0], short[m.id] ?? m.name);
    attr(li, 'class', seen ? 'seen' : 'unseen');
    attr(li.children[0], 'title', `${m.id}: ${m.name}`);
    li.children[1].firstChild.style.width = `${logPart(seen ? m.ms : 1000 * (end - w.injected))}%`;
    text(li.children[2], seen ? millis(m.ms) : w.healed ? 'not seen' : 'not yet');
  });
}

// logPart places 1 ms to 60 s on a logarithmic scale, in percent.
function logPart(ms) {
  return Math.max(2, Math.min(100, (100 * Math.log10(Math.max(1, ms))) / Math.log10(60000)));
}
