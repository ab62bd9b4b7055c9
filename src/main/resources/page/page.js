import { draw } from './chart.js';
import { Counters, parse, quantile, sumByLe } from './metrics.js';

const POLL_MS = 5000;
const RANGE_S = 60; // of rate()
const MINUTES = 5; // of a chart
const MAX_REQUESTS = 100;
const MAX_LINES = 200; // as the service keeps
const PARALLEL = 4; // of the six connections of a browser: a call that waits for one would look slow
const ROUTES = ['/', '/heavy-computation'];
const COUNT = 'req_response_time_histogram_count';
const BUCKET = 'req_response_time_histogram_bucket';
const METRICS = [COUNT, BUCKET, 'heavy_computation_in_flight', 'process_start_time_seconds', 'fault_active', 'incident_active'];

export const $ = id => document.getElementById(id);
export const enabled = document.body.dataset.faults === 'true';
const grafana = $('grafana').href.replace(/\/$/, '');
export const clock = new Intl.DateTimeFormat([], { hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const round = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });
const minutes = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** Text becomes text nodes: no response is parsed as HTML. */
export function create(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** The roles stay where the style of a phone changes the layout of the table. */
function row(failed, ...cells) {
  const element = create('tr', { role: 'row' }, ...cells.map(cell => create('td', { role: 'cell' }, ...[cell].flat())));
  element.dataset.failed = failed;
  return element;
}

/** A screen reader reads it: for events, not for values that change with each poll. */
export function announce(text) {
  $('message').textContent = text;
}

/** Runs actions one after the other, in the order of the calls. */
function queue() {
  let last = Promise.resolve();
  return action => (last = last.catch(() => {}).then(action));
}

// Faults

const number = text => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)); // the service validates
const list = text => text.split(',').map(item => item.trim());
const FAULTS = [
  { key: 'errorRate', title: 'Error rate', example: '0.5', read: number, hint: 'Share of calls that fail, from 0 to 1.' },
  { key: 'latency', title: 'Latency', hint: 'Durations such as 300ms or 2s, separated by commas. Long tail: median, p99.',
    kinds: [
      { key: 'fixed', title: 'Fixed', example: '2s', read: text => text },
      { key: 'list', title: 'List', example: '100ms, 2s', read: list },
      { key: 'uniform', title: 'Uniform', example: '100ms, 900ms', read: list },
      { key: 'longTail', title: 'Long tail', example: '200ms, 5s', read: text => ({ median: list(text)[0], p99: list(text)[1] }) },
    ] },
  { key: 'causes', title: 'Error causes', example: 'Disk is full', read: list, hint: 'In the log line of a failed call, separated by commas.' },
  { key: 'cpu', title: 'CPU', example: '0.8', read: number, hint: 'Cores, at most 1.' },
  { key: 'memory', title: 'Memory', example: '20', read: number, hint: 'MB, at most a fifth of the heap.' },
  { key: 'unready', title: 'Not ready', read: () => true, hint: 'The readiness check fails, for at most 2 minutes.' },
];

/** Of the label of a metric, such as error_rate for errorRate. */
export const titleOf = label => FAULTS.find(({ key }) => key.toLowerCase() === label.replace('_', '')).title;

let state = { active: false, faults: {} };
let endsAt = 0;
let reachable = true;
const faultsQueue = queue(); // a change keeps what the previous one started

/** Such as "fixed 2s" for {fixed: "2s"}. */
function plain(value) {
  if (value === true) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value).map(([key, part]) => `${key} ${plain(part)}`).join(', ');
}

function showState(answer) {
  state = answer;
  endsAt = Date.now() + answer.secondsLeft * 1000;
  for (const form of $('controls').children) {
    const active = form.dataset.fault in answer.faults;
    if (!active && document.activeElement === form.elements.end) form.elements.start.focus();
    form.elements.end.disabled = !active;
    form.classList.toggle('active', active);
  }
  countDown();
}

function countDown() {
  const faults = FAULTS.filter(({ key }) => key in state.faults)
    .map(({ key, title }) => `${title} ${plain(state.faults[key])}`.trim());
  const left = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
  const active = state.active ? `${faults.join('; ')} (${minutes(left)} left)` : 'none';
  $('active').textContent = reachable ? active : 'unknown';
}

/** @throws Error with the text of the service */
async function change(method, body) {
  const options = { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
    cache: 'no-store', signal: AbortSignal.timeout(POLL_MS) };
  const response = await fetch('/faults', options).catch(() => { throw new Error('The service is not reachable.'); });
  const answer = await response.json().catch(() => ({ error: `The service responded with status ${response.status}.` }));
  if (!response.ok) throw new Error(answer.error);
  showState(answer);
}

const loadFaults = () => faultsQueue(async () => {
  const wasActive = state.active;
  await change('GET');
  if (wasActive && !state.active) announce('All faults have ended.');
});

/** The other active faults: PUT replaces all. */
async function others(fault) {
  await change('GET');
  const { [fault.key]: _, ...rest } = state.target ?? state.faults;
  return rest;
}

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600 };
const seconds = duration => parseInt(duration) * UNITS[duration.replace(/\d+/, '')];

/** What is left of the ramp. */
function rampLeft() {
  const elapsed = seconds(state.for) - state.secondsLeft;
  return `${Math.max(0, Math.floor(seconds(state.ramp) - elapsed))}s`;
}

async function start(fault, form) {
  const kind = fault.kinds?.[form.elements.kind.selectedIndex];
  const read = (kind ?? fault).read(form.elements.value?.value);
  const value = kind ? { [kind.key]: read } : read;
  const [time, ramp] = ['for', 'ramp'].map(id => $(id).value || undefined);
  await change('PUT', { ...await others(fault), [fault.key]: value, for: time, ramp, seed: state.seed });
  announce(`${fault.title}: started, ${state.secondsLeft} seconds left.`);
}

async function end(fault) {
  const rest = await others(fault);
  if (!(fault.key in state.faults)) return; // it has expired
  await (Object.keys(rest).length > 0
    ? change('PUT', { ...rest, for: `${state.secondsLeft}s`, ramp: rampLeft(), seed: state.seed })
    : change('DELETE'));
  announce(`${fault.title}: ended.`);
}

function control(fault) {
  const error = create('p', { className: 'error', role: 'alert', id: `${fault.key}-error` });
  const inputs = create('div', { className: 'row' });
  const { example } = fault.kinds?.[0] ?? fault;
  const value = create('input', { name: 'value', value: example, autocomplete: 'off', ariaLabel: fault.title });
  const hint = create('p', { className: 'hint', id: `${fault.key}-hint` }, fault.hint);
  value.setAttribute('aria-describedby', `${hint.id} ${error.id}`);
  if (fault.kinds) {
    const kind = create('select', { name: 'kind', ariaLabel: 'Distribution' }, ...fault.kinds.map(({ title }) => create('option', {}, title)));
    kind.addEventListener('change', () => (value.value = fault.kinds[kind.selectedIndex].example));
    inputs.append(kind);
  }
  if (example) inputs.append(value);
  const endButton = create('button', { name: 'end', type: 'button', ariaLabel: `End: ${fault.title}`, disabled: true }, 'End');
  inputs.append(create('button', { name: 'start', ariaLabel: `Start: ${fault.title}` }, 'Start'), endButton);
  const form = create('form', {}, create('fieldset', {},
    create('legend', {}, fault.title), inputs, hint, error));
  form.dataset.fault = fault.key;
  const run = action => faultsQueue(async () => {
    error.textContent = $('times-error').textContent = '';
    const problem = await action(fault, form).then(() => '', ({ message }) => message);
    const wrong = $(/^(for|ramp): /.exec(problem)?.[1]) ?? value;
    (wrong === value ? error : $('times-error')).textContent = problem;
    for (const input of [value, $('for'), $('ramp')]) input.setAttribute('aria-invalid', problem !== '' && input === wrong);
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    run(start);
  });
  endButton.addEventListener('click', () => run(end));
  return form;
}

// My requests

/** Its log lines in Grafana Explore, from a minute before its start to a minute after its end. */
function linesUrl(traceId, time, latency) {
  const expr = `{app="loki-backend-monitoring"} | trace_id="${traceId}"`;
  const query = { refId: 'A', datasource: { type: 'loki', uid: 'loki' }, expr, queryType: 'range' };
  const range = { from: String(Math.round(time - latency - 60_000)), to: String(time + 60_000) };
  const panes = JSON.stringify({ a: { datasource: 'loki', queries: [query], range } });
  return `${grafana}/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(panes)}`;
}

function links(traceId, time, latency) {
  const link = (text, href) => create('a', { href, target: '_blank', rel: 'noopener' }, text);
  const dashboard = `${grafana}/d/service?time=${time}&time.window=300000`;
  return [link('Log lines', linesUrl(traceId, time, latency)), ' ', link('Dashboard', dashboard)];
}

function traceCell(traceId) {
  if (!enabled) return create('code', {}, traceId);
  const button = create('button', { type: 'button', className: 'id', title: 'Show its log lines on this page' }, traceId);
  button.addEventListener('click', () => {
    $('filter').value = traceId;
    filterLines();
    $('lines-scroll').focus();
    loadLines().catch(() => {}); // the next poll reports it
  });
  return button;
}

let free = PARALLEL;
const waiting = []; // of all clicks: the polls need a connection, too

/** @returns the status */
async function call(path) {
  if (free > 0) free--;
  else await new Promise(resolve => waiting.push(resolve));
  const started = performance.now();
  const response = await fetch(path, { cache: 'no-store' }).catch(() => null);
  await response?.text().catch(() => null);
  const latency = performance.now() - started;
  const status = response?.status ?? 'no response';
  const traceId = response?.headers.get('traceparent')?.split('-')[1];
  // By the clock of the service, as the log lines.
  const time = Date.parse(response?.headers.get('date')) || Date.now();
  $('requests').prepend(row(status !== 200, clock.format(time), path.split('?')[0], status, `${round(latency)} ms`,
    traceId ? traceCell(traceId) : '', traceId ? links(traceId, time, latency) : ''));
  if ($('requests').rows.length > MAX_REQUESTS) $('requests').deleteRow(-1);
  const next = waiting.shift();
  if (next) next();
  else free++;
  return status;
}

async function send(path, count) {
  const calls = `${count} ${count === 1 ? 'call' : 'calls'} to ${path}`;
  announce(`Sending ${calls}.`);
  const counts = {};
  for (const status of await Promise.all(Array.from({ length: count }, () => call(path)))) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  const texts = Object.entries(counts).map(([status, n]) => `${n} with ${Number(status) ? `status ${status}` : status}`);
  announce(`Sent ${calls}: ${texts.join(', ')}.`);
}

// Log lines

let newest;

function filterLines() {
  const text = $('filter').value.toLowerCase();
  for (const line of $('lines').rows) line.hidden = !line.textContent.toLowerCase().includes(text);
  const isEmpty = text !== '' && Array.from($('lines').rows).every(line => line.hidden);
  $('no-lines').textContent = isEmpty ? 'No line matches the filter.' : '';
}

/** Adds what is new, so that a selection of text stays. */
function showLines(lines) {
  const added = lines.slice(lines.findLastIndex(line => JSON.stringify(line) === newest) + 1);
  newest = JSON.stringify(lines.at(-1));
  $('lines').prepend(...added.reverse().map(({ time, level, message, trace_id: traceId = '' }) =>
    row(level === 'ERROR', clock.format(new Date(time)), level, message, create('code', { className: 'id' }, traceId))));
  while ($('lines').rows.length > MAX_LINES) $('lines').deleteRow(-1);
  filterLines();
}

const linesQueue = queue(); // an older list after a newer one would add lines twice
const loadLines = () => linesQueue(async () => showLines(JSON.parse((await load('/logs/recent')).text)));

// Metrics

const CHARTS = [
  { key: 'rate', title: 'Request rate', least: 1, format: v => `${round(v, 2)}/s`, lines: [{ key: 'rate', label: '' }] },
  { key: 'errors', title: 'Error ratio', least: 0.1, format: v => `${round(v * 100, 1)} %`, lines: [{ key: 'errors', label: '' }] },
  { key: 'latency', title: 'Latency', least: 100, format: v => `${round(v)} ms`,
    lines: [{ key: 'p95', label: 'p95 ' }, { key: 'p50', label: 'p50 (dashed) ' }] },
];
const counters = new Counters(RANGE_S);
const points = [];

function showCharts() {
  for (const { key, title, least, format, lines } of CHARTS) {
    const text = value => (value === undefined ? 'no data' : format(value));
    $(key).querySelector('.now').textContent = lines.map(line => line.label + text(points.at(-1)?.[line.key])).join(', ');
    draw($(key).querySelector('svg'), { title, points, lines, least, format, minutes: MINUTES });
  }
}

function addPoint(point) {
  points.push(point);
  while (points[0].time < point.time - MINUTES * 60_000) points.shift();
  showCharts();
}

function addSamples(time, samples) {
  counters.add(time, samples.filter(({ labels }) => ROUTES.includes(labels.route)));
  const requests = counters.rates(COUNT, time);
  const sum = series => series.reduce((total, { value }) => total + value, 0);
  const rate = requests.length > 0 ? sum(requests) : undefined;
  const failed = sum(requests.filter(({ labels }) => labels.status_code.startsWith('5')));
  const buckets = sumByLe(counters.rates(BUCKET, time).filter(({ labels }) => labels.route === '/heavy-computation'));
  const active = samples.filter(({ name, value }) => ['fault_active', 'incident_active'].includes(name) && value === 1);
  addPoint({
    time,
    rate,
    errors: rate > 0 ? failed / rate : undefined,
    p50: quantile(0.5, buckets),
    p95: quantile(0.95, buckets),
    faults: active.map(({ labels: { fault } }) => (fault ? titleOf(fault) : 'Incident')),
  });
}

function readiness(text) {
  const before = $('readiness').textContent;
  if (before !== text && before !== 'unknown') announce(`The service is ${text}.`);
  $('readiness').textContent = text;
}

/** @throws Error unless the response has this status */
async function load(path, ...statuses) {
  const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(POLL_MS) });
  if (![200, ...statuses].includes(response.status)) throw new Error(`${path}: ${response.status}`);
  return { response, text: await response.text() };
}

/** A gap in the lines, and no values of the past. */
function showUnreachable(time) {
  readiness('not reachable');
  $('in-flight').textContent = $('uptime').textContent = 'unknown';
  addPoint({ time, faults: [] });
}

async function poll() {
  const time = Date.now();
  setTimeout(poll, POLL_MS);
  const loads = [load('/metrics'), load('/health/readiness', 503), ...(enabled ? [loadFaults(), loadLines()] : [])];
  const [metrics, health] = await Promise.all(loads).catch(() => []);
  reachable = metrics !== undefined;
  countDown();
  if (!reachable) return showUnreachable(time);
  readiness(health.response.ok ? 'ready' : 'not ready');
  const samples = parse(metrics.text, METRICS);
  const value = name => samples.find(sample => sample.name === name)?.value ?? 0;
  const uptime = Date.parse(metrics.response.headers.get('date')) / 1000 - value('process_start_time_seconds');
  $('in-flight').textContent = value('heavy_computation_in_flight');
  $('uptime').textContent = uptime < 3600 ? `${minutes(uptime)} min` : `${minutes(uptime / 60)} h`;
  addSamples(time, samples);
}

for (const element of document.querySelectorAll('[data-needs-faults]')) element.hidden = !enabled;
$('disabled').hidden = enabled;
$('controls').append(...FAULTS.map(control));
for (const { key, title } of CHARTS) {
  const image = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  image.setAttribute('role', 'img');
  const caption = create('figcaption', {}, `${title}: `, create('strong', { className: 'now' }));
  $('charts').append(create('figure', { id: key }, caption, image));
}
$('send').addEventListener('submit', event => {
  event.preventDefault();
  send(event.target.elements.path.value, Number(event.submitter.value));
});
setInterval(() => {
  if ($('steady').checked && free > 0) call($('send').elements.path.value);
}, 500);
$('filter').addEventListener('input', filterLines);
addEventListener('resize', showCharts);
setInterval(countDown, 1000);
showCharts();
poll();
