// The scenarios: choose one, have it told on a stack of its own, see what it came to.
import { $, el, text } from './dom.js';

let act = async () => {};
let stories = [];

export function storiesInit(doAction) {
  act = doAction;
  const box = $('#stories');
  $('#tell').addEventListener('click', show);
  box.addEventListener('close', () => clearInterval(show.again));
  $('#story').addEventListener('change', introduce);
  $('#start').addEventListener('click', async () => {
    const args = {};
    for (const name of ['step', 'predict']) if ($(`#by-${name}`).checked && !$(`#by-${name}`).disabled) args[name] = 'true';
    await act({ do: 'tell', target: $('#story').value, args });
    refresh();
  });
  $('#end-story').addEventListener('click', async () => { await act({ do: 'end_story' }); refresh(); });
}

async function show() {
  await refresh();
  $('#stories').showModal();
  show.again = setInterval(refresh, 1000);
}

async function refresh() {
  try {
    const answer = await (await fetch('/api/stories')).json();
    if (answer.stories.length !== stories.length) {
      stories = answer.stories;
      $('#story').replaceChildren(...stories.map((s) => el('option', { value: s.name, selected: s.name === 'kill-node' }, s.name)));
      introduce();
    }
    now(answer.now);
  } catch { /* the stack is gone: what is on the screen stays */ }
}

function introduce() {
  const s = stories.find((o) => o.name === $('#story').value);
  text($('#about-story'), s ? s.title : 'There is none.');
  $('#by-predict').disabled = !s?.asks;
}

// now says what is being told, or what the last one came to.
function now(t) {
  const told = Boolean(t) && !t.verdict && !t.why;
  $('#start').disabled = told || !stories.length;
  $('#end-story').disabled = !told;
  const link = $('#story-link');
  link.hidden = !told;
  if (told) link.href = t.url;
  if (!t) return text($('#telling'), '');
  if (told) return text($('#telling'), `${t.name} is being told.`);
  return text($('#telling'), [`${t.name}: ${(t.verdict || 'no verdict').toUpperCase()}`, t.why, t.dir && `its record and report are in ${t.dir}`].filter(Boolean).join('; '));
}
