// The agents of a Consul of more than one: who leads, what each process does, and whom each
// of them sees.
import { $, el, text, attr, rows } from './dom.js';

const glyphs = { running: '●', exited: '✕', paused: '‖' };

export function agentsDraw(frame) {
  const list = frame.state.agents ?? [], leaders = frame.leaders ?? [];
  $('#agents').hidden = list.length < 2;
  if (list.length < 2) return;
  rows($('#leads'), leaders, () => el('li'), (li, l) => {
    text(li, `${l.agent ? `★ ${l.agent} leads` : '✕ NO LEADER'}${leaders.length > 1 ? ` ${l.agent ? '' : 'in '}${l.dc}` : ''}`);
    attr(li, 'class', l.agent ? null : 'bad');
  });
  text($('#up'), `${list.filter((a) => a.process === 'running').length} of ${list.length} run`);
  rows($('#agents .cards'), list, () => el('li', {}, el('strong'), el('span'), el('p', {}, el('span'), el('span', { class: 'more' }))), (li, a) => {
    const leads = leaders.some((l) => l.agent === a.name), [name, part, says] = li.children;
    attr(li, 'class', leads ? 'leads' : a.process);
    attr(li, 'title', [a.name, a.addr, a.pid && `pid ${a.pid}`, a.term && `term ${a.term}`, ...missed(a)].filter(Boolean).join(', '));
    text(name, `${leads ? '★ ' : ''}${a.name}`);
    text(part, ` ${rank(a)}${leaders.length > 1 && a.dc ? `, ${a.dc}` : ''}`);
    text(says.firstChild, `${glyphs[a.process] ?? '?'} ${a.process}`);
    text(says.lastChild, more(a).map((s) => ` · ${s}`).join(''));
  });
}

// rank is what the agent is to the others.
const rank = (a) => (a.raft && a.process === 'running' ? a.raft.toLowerCase() : a.role ?? '');

const missed = (a) => Object.entries(a.members ?? {}).filter(([, status]) => status !== 'alive').map(([name, status]) => `${name} ${status}`);

// more is what a running agent says: the members that it sees by gossip, and Raft's index.
function more(a) {
  const members = Object.keys(a.members ?? {}).length;
  if (a.process !== 'running' || !members) return [];
  return [`sees ${members - missed(a).length} of ${members} alive`, ...(a.raft ? [`index ${a.index ?? 0}`] : [])];
}
