import { draw } from './chart.js';
import { Counters, parse, quantile, sumBy } from './metrics.js';

const POLL_MS = 5000;
const RANGE_S = 60; // of rate()
const MINUTES = 5; // of a chart
const MAX_REQUESTS = 100;
const MAX_LINES = 200; // as the service keeps
const PARALLEL = 4; // of the six connections of a browser: a call that waits for one would look slow
const ROUTES = ['/', '/heavy-computation'];
const COUNT = 'req_response_time_histogram_count';
const BUCKET = 'req_response_time_histogram_bucket';
const METRICS = [COUNT, BUCKET, 'heavy_computation_in_flight', 'process_start_time_seconds', 'fault_active'];

const $ = id => document.getElementById(id);
const enabled = document.body.dataset.faults === 'true';
const grafana = $('grafana').href.replace(/\/$/, '');

/** All text is added as text nodes: no response is ever parsed as HTML. */
function create(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** For events only, not for values that change with each poll: a screen reader reads it aloud. */
function announce(text) {
  $('message').textContent = text;
}

const clock = new Intl.DateTimeFormat([], { hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const two = number => String(number).padStart(2, '0');
const minutes = seconds => `${Math.floor(seconds / 60)}:${two(Math.floor(seconds % 60))}`;
const duration = s => (s < 3600 ? `${minutes(s)} min` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`);
const round = (value, digits) => value.toLocaleString('en', { maximumFractionDigits: digits });

// Faults

const number = text => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text));
const list = text => text.split(',').map(item => item.trim());
const longTail = text => ({ median: list(text)[0], p99: list(text)[1] });
const FAULTS = [
  { key: 'errorRate', title: 'Error rate', example: '0.5', read: number, hint: 'Share of calls that fail, from 0 to 1.' },
  {
    key: 'latency', title: 'Latency', hint: 'Durations such as 300ms or 2s, separated by commas. Long tail: median, p99.',
    kinds: [
      { key: 'fixed', title: 'Fixed', example: '2s', read: text => text },
      { key: 'list', title: 'One of a list', example: '100ms, 2s', read: list },
      { key: 'uniform', title: 'Uniform', example: '100ms, 900ms', read: list },
      { key: 'longTail', title: 'Long tail', example: '200ms, 5s', read: longTail },
    ],
  },
  { key: 'causes', title: 'Error causes', example: 'DB Server is Down', read: list, hint: 'For the log line of a failed call, separated by commas.' },
  { key: 'cpu', title: 'CPU', example: '0.8', read: number, hint: 'Cores, at most 1.' },
  { key: 'memory', title: 'Memory', example: '20', read: number, hint: 'MB, at most a fifth of the heap.' },
  { key: 'unready', title: 'Not ready', read: () => true, hint: 'The readiness check fails, for at most 2 minutes.' },
];

let state = { active: false, faults: {} };
let endsAt = 0;
const requested = {}; // the full values: while a ramp lasts, the service reports lower ones

/** Such as "fixed 2s" for {fixed: "2s"}. */
function plain(value) {
  if (value === true) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value).map(([key, part]) => `${key} ${plain(part)}`).join(', ');
}

function showState(answer) {
  if (state.active && !answer.active) announce('All faults have ended.');
  state = answer;
  endsAt = Date.now() + answer.secondsLeft * 1000;
  for (const form of $('controls').children) {
    const active = form.dataset.fault in answer.faults;
    const end = form.querySelector('.end');
    if (!active && document.activeElement === end) form.querySelector('.start').focus();
    end.disabled = !active;
    form.classList.toggle('active', active);
  }
  countDown();
}

function countDown() {
  const faults = FAULTS.filter(({ key }) => key in state.faults);
  const names = faults.map(({ key, title }) => `${title} ${plain(state.faults[key])}`.trim());
  const left = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
  $('active').textContent = state.active ? `${names.join('; ')} (${minutes(left)} left)` : 'none';
}

/** @throws Error with the text for the user */
async function change(method, body) {
  const response = await fetch('/faults', {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  }).catch(() => {
    throw new Error('The service does not respond.');
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message ?? answer.error);
  showState(answer);
}

/** PUT replaces all faults. */
function others(key) {
  const kept = Object.entries(state.faults).filter(([other]) => other !== key);
  return Object.fromEntries(kept.map(([other, value]) => [other, state.ramp === '0s' ? value : requested[other] ?? value]));
}

async function start(fault, form) {
  const kind = fault.kinds?.find(({ key }) => key === form.elements.kind.value);
  const value = (kind ?? fault).read(form.elements.value?.value);
  requested[fault.key] = kind ? { [kind.key]: value } : value;
  const [time, ramp] = $('times').querySelectorAll('input');
  await change('PUT', { ...others(fault.key), [fault.key]: requested[fault.key], for: time.value, ramp: ramp.value });
  announce(`${fault.title}: started, ${state.secondsLeft} seconds left.`);
}

async function end(fault) {
  const rest = others(fault.key);
  await (Object.keys(rest).length > 0
    ? change('PUT', { ...rest, for: `${Math.max(1, state.secondsLeft)}s` })
    : change('DELETE'));
  announce(`${fault.title}: ended.`);
}

function control(fault) {
  const form = $('control').content.cloneNode(true).firstElementChild;
  const [row, error] = [form.querySelector('.row'), form.querySelector('.error')];
  const run = async action => {
    error.textContent = '';
    try {
      await action(fault, form);
    } catch (problem) {
      error.textContent = problem.message;
    }
    form.elements.value?.setAttribute('aria-invalid', error.textContent !== '');
  };
  form.dataset.fault = fault.key;
  form.querySelector('legend').textContent = fault.title;
  form.querySelector('.hint').textContent = fault.hint;
  form.querySelector('.start').setAttribute('aria-label', `Start: ${fault.title}`);
  form.querySelector('.end').setAttribute('aria-label', `End: ${fault.title}`);
  const examples = fault.kinds ?? [fault];
  if (examples[0].example) {
    error.id = `${fault.key}-error`;
    const input = create('input', { name: 'value', value: examples[0].example, autocomplete: 'off', ariaLabel: fault.title });
    input.setAttribute('aria-describedby', error.id);
    row.prepend(input);
  }
  if (fault.kinds) {
    const options = fault.kinds.map(({ key, title }) => create('option', { value: key }, title));
    const kind = create('select', { name: 'kind', ariaLabel: 'Distribution' }, ...options);
    kind.addEventListener('change', () => (form.elements.value.value = fault.kinds[kind.selectedIndex].example));
    row.prepend(kind);
  }
  form.addEventListener('submit', event => {
    event.preventDefault();
    run(start);
  });
  form.querySelector('.end').addEventListener('click', () => run(end));
  return form;
}

// My requests

/** Its log lines in Grafana Explore, from a minute before it started to a minute after it ended. */
function linesUrl(traceId, time, latency) {
  const query = {
    refId: 'A',
    datasource: { type: 'loki', uid: 'loki' },
    expr: `{app="loki-backend-monitoring"} | trace_id="${traceId}"`,
    queryType: 'range',
  };
  const range = { from: String(Math.round(time - latency - 60_000)), to: String(time + 60_000) };
  const panes = JSON.stringify({ a: { datasource: 'loki', queries: [query], range } });
  return `${grafana}/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(panes)}`;
}

function requestRow(path, { status, latency, time, traceId }) {
  const link = (text, href) => create('a', { href, target: '_blank', rel: 'noopener' }, text);
  const show = create('button', { type: 'button', className: 'id', title: 'Show its log lines below' }, traceId);
  show.addEventListener('click', () => {
    $('filter').value = traceId;
    filterLines();
    $('lines-scroll').focus();
  });
  const links = traceId
    ? [link('Log lines', linesUrl(traceId, time, latency)), ' ', link('Dashboard', `${grafana}/d/service?time=${time}&time.window=300000`)]
    : [];
  const cells = [[clock.format(time)], [path.split('?')[0]], [status], [`${round(latency, 0)} ms`], [enabled ? show : create('code', {}, traceId)], links];
  const row = create('tr', {}, ...cells.map(cell => create('td', {}, ...cell)));
  row.dataset.failed = status !== 200;
  return row;
}

async function call(path) {
  const started = performance.now();
  let [status, time, traceId] = ['no response', Date.now(), ''];
  try {
    const response = await fetch(path, { cache: 'no-store' });
    await response.text();
    // The clock of the service: the log lines have it, too.
    [status, time] = [response.status, Date.parse(response.headers.get('date')) || time];
    traceId = response.headers.get('traceparent').split('-')[1];
  } catch {
    // The row shows it.
  }
  $('requests').prepend(requestRow(path, { status, latency: performance.now() - started, time, traceId }));
  if ($('requests').rows.length > MAX_REQUESTS) $('requests').deleteRow(-1);
  return status;
}

async function send(path, count) {
  const statuses = {};
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const status = await call(path);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  announce(`Sending ${count} to ${path}.`);
  await Promise.all(Array.from({ length: Math.min(count, PARALLEL) }, worker));
  announce(`Sent ${count} to ${path}: ${Object.entries(statuses).map(([status, n]) => `${n} with ${status}`).join(', ')}.`);
}

// Log lines

let newest;

function filterLines() {
  const text = $('filter').value.toLowerCase();
  for (const row of $('lines').rows) row.hidden = !row.textContent.toLowerCase().includes(text);
}

/** Adds what is new, so that a selection of text stays. */
function showLines(lines) {
  const added = lines.slice(lines.findLastIndex(line => JSON.stringify(line) === newest) + 1);
  newest = JSON.stringify(lines.at(-1));
  $('lines').prepend(...added.reverse().map(line => {
    const cells = [[clock.format(new Date(line.time))], [line.level], [line.message], [create('code', { className: 'id' }, line.trace_id ?? '')]];
    const row = create('tr', {}, ...cells.map(cell => create('td', {}, ...cell)));
    row.dataset.failed = line.level === 'ERROR';
    return row;
  }));
  while ($('lines').rows.length > MAX_LINES) $('lines').deleteRow(-1);
  filterLines();
}

// Metrics

const CHARTS = [
  { key: 'rate', title: 'Request rate', about: '/ and /heavy-computation', least: 1, format: v => `${round(v, 2)}/s`, lines: [{ key: 'rate', label: 'rate' }] },
  { key: 'errors', title: 'Error ratio', about: '/ and /heavy-computation', least: 0.1, format: v => `${round(v * 100, 1)} %`, lines: [{ key: 'errors', label: 'errors' }] },
  { key: 'latency', title: 'Latency', about: '/heavy-computation', least: 100, format: v => `${round(v, 0)} ms`, lines: [{ key: 'p95', label: 'p95' }, { key: 'p50', label: 'p50' }] },
];
const counters = new Counters(RANGE_S);
const points = [];

function showCharts() {
  for (const chart of CHARTS) {
    const figure = $(chart.key);
    const last = points.at(-1) ?? {};
    figure.querySelector('.now').textContent = chart.lines
      .map(({ key, label }) => `${chart.lines.length > 1 ? `${label} ` : ''}${last[key] === undefined ? 'no data' : chart.format(last[key])}`).join(', ');
    draw(figure.querySelector('svg'), { ...chart, points, minutes: MINUTES });
  }
}

function addPoint(time, samples) {
  counters.add(time, samples.filter(({ labels }) => ROUTES.includes(labels.route)));
  const requests = counters.rates(COUNT, time);
  const sum = series => series.reduce((total, { value }) => total + value, 0);
  const rate = requests.length > 0 ? sum(requests) : undefined;
  const failed = sum(requests.filter(({ labels }) => labels.status_code.startsWith('5')));
  const buckets = sumBy('le', counters.rates(BUCKET, time).filter(({ labels }) => labels.route === '/heavy-computation'));
  const faults = samples.filter(({ name, value }) => name === 'fault_active' && value === 1).map(({ labels }) => labels.fault);
  points.push({
    time,
    rate,
    errors: rate > 0 ? failed / rate : undefined,
    p50: quantile(0.5, buckets),
    p95: quantile(0.95, buckets),
    faults: faults.join(', '),
  });
  while (points[0].time < time - MINUTES * 60_000) points.shift();
}

function readiness(text) {
  if ($('readiness').textContent !== text && $('readiness').textContent !== 'unknown') announce(`The service is ${text}.`);
  $('readiness').textContent = text;
}

async function poll() {
  const time = Date.now();
  try {
    const paths = ['/metrics', '/health/readiness', ...(enabled ? ['/faults', '/logs/recent'] : [])];
    const options = { cache: 'no-store', signal: AbortSignal.timeout(POLL_MS) };
    const [metrics, health, faults, lines] = await Promise.all(paths.map(path => fetch(path, options)));
    const samples = parse(await metrics.text(), METRICS);
    const value = name => samples.find(sample => sample.name === name)?.value ?? 0;
    readiness(health.ok ? 'ready' : 'not ready');
    $('in-flight').textContent = value('heavy_computation_in_flight');
    $('uptime').textContent = duration(Date.parse(metrics.headers.get('date')) / 1000 - value('process_start_time_seconds'));
    addPoint(time, samples);
    showCharts();
    if (enabled) {
      showState(await faults.json());
      showLines(await lines.json());
    }
  } catch {
    readiness('not reachable');
  }
  setTimeout(poll, Math.max(0, time + POLL_MS - Date.now()));
}

for (const element of document.querySelectorAll('[data-needs-faults]')) element.hidden = !enabled;
$('disabled').hidden = enabled;
$('controls').append(...FAULTS.map(control));
$('charts').append(...CHARTS.map(({ key, title, about }) => {
  const figure = create('figure', { id: key }, create('figcaption', {}, create('strong', {}, title), ` of ${about}: `, create('span', { className: 'now' }, 'no data')));
  const image = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  image.setAttribute('role', 'img');
  figure.append(image);
  return figure;
}));
$('send').addEventListener('submit', event => {
  event.preventDefault();
  send(event.target.elements.path.value, Number(event.submitter.value));
});
$('filter').addEventListener('input', filterLines);
addEventListener('resize', showCharts);
setInterval(countDown, 1000);
showCharts();
poll();
