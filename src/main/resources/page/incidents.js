// The tab Incidents: starts an incident, sends answers and fixes, and shows their grades.
import { $, announce, clock, create, enabled, titleOf } from './page.js';

const POLL_MS = 5000;
const CAUSES = ['error_rate', 'latency', 'causes', 'cpu', 'memory', 'unready'];

// Tabs, as the ARIA Authoring Practices describe them

const tabs = [$('faults-tab'), $('incidents-tab')];

function select(tab) {
  for (const each of tabs) {
    each.setAttribute('aria-selected', each === tab);
    each.tabIndex = each === tab ? 0 : -1;
    $(each.getAttribute('aria-controls')).hidden = each !== tab;
  }
}

for (const tab of tabs) {
  tab.addEventListener('click', () => select(tab));
  tab.addEventListener('keydown', ({ key }) => {
    if (!/^Arrow(Left|Right)$/.test(key)) return;
    const other = tabs.find(each => each !== tab);
    select(other);
    other.focus();
  });
}

// The latest incident

let incident;
let graded; // the latest answer; the service keeps the first

function notReachable() {
  throw new Error('The service is not reachable.');
}

/** @throws Error with the text of the service */
async function send(method, path, body) {
  const options = { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) };
  const response = await fetch(`/incidents${path}`, options).catch(notReachable);
  const answer = await response.json().catch(notReachable); // that of a proxy is no JSON
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function grade(name, { grade: mark, reason }) {
  return [name, `${mark}. ${reason}`];
}

function entries() {
  const { id, level, seed, state, endsAt, recovery, solution } = incident;
  const until = clock.format(new Date(endsAt));
  const found = [['Incident', `${id}, level ${level}, seed ${seed}: ${state === 'running' ? `running until ${until}` : 'ended'}`]];
  if (graded) {
    found.push(
      ['Answer', graded.counts ? graded.verdict : `${graded.verdict} (only the first answer counts)`],
      grade('Causes', graded.causes), grade('Start', graded.start), grade('Trace id', graded.trace_id));
  }
  if (recovery) found.push(['Recovery', `${recovery.recovered ? 'recovered' : 'not recovered'}. ${recovery.reason}`]);
  if (solution) {
    const { causes, start, redHerring } = solution;
    found.push(['Solution', `${causes.map(titleOf).join(', ')}, from ${start}`]);
    if (redHerring) found.push(['Without meaning', redHerring]);
  }
  return found;
}

/** @param latest undefined without one: after a restart of the service */
function show(latest) {
  if (incident?.state === 'running' && latest?.state === 'ended') announce(`Incident ${latest.id}: ended.`);
  if (incident?.id !== latest?.id) {
    graded = latest?.answer;
    $('incident-answer').reset();
  }
  incident = latest;
  $('incident-create').hidden = incident?.state === 'running';
  $('incident-answer').hidden = incident?.state !== 'running';
  $('incident-state').replaceChildren(...(incident ? entries() : []).map(([name, text]) => create('div', {}, create('dt', {}, name), create('dd', {}, text))));
}

const ACTIONS = {
  async answer(causes, form) {
    const { start, trace_id: traceId } = form.elements;
    graded = await send('POST', `/${incident.id}/answer`,
      { causes, start: start.value || undefined, trace_id: traceId.value || undefined });
    announce(`Answer: ${graded.verdict}.`);
  },
  async fix(causes) {
    announce((await send('POST', `/${incident.id}/fix`, { causes })).message);
  },
  async end() {
    await send('DELETE', `/${incident.id}`);
  },
};

function onSubmit(form, action) {
  form.addEventListener('submit', async event => {
    event.preventDefault();
    $('incident-error').textContent = '';
    await action(event.submitter).catch(problem => ($('incident-error').textContent = problem.message));
  });
}

/** Other text than a number is for the service to reject. */
function seedOf(text) {
  if (!/^-?\d+$/.test(text)) return text || undefined;
  if (!Number.isSafeInteger(Number(text))) {
    throw new Error(`seed: invalid value ${text}: expected at most ${Number.MAX_SAFE_INTEGER} on this page`);
  }
  return Number(text);
}

onSubmit($('incident-create'), async () => {
  const { level, seed } = $('incident-create').elements;
  show(await send('POST', '', { level: Number(level.value), seed: seedOf(seed.value) }));
  announce(`Incident ${incident.id}: created.`);
});
onSubmit($('incident-answer'), async ({ value }) => {
  const form = $('incident-answer');
  const causes = Array.from(form.querySelectorAll(':checked'), ({ name }) => name);
  await ACTIONS[value](causes, form);
  show(await send('GET', `/${incident.id}`));
});

async function poll() {
  const list = await send('GET', '').catch(() => undefined);
  if (list) show(list[0]);
  setTimeout(poll, POLL_MS);
}

$('incident-causes').append(...CAUSES.map(name =>
  create('label', {}, create('input', { type: 'checkbox', name }), titleOf(name))));
if (enabled) poll();
