// Uses the page as a person does: node page.mjs BROWSER URL URL_WITHOUT_FAULTS FOLDER SECONDS
// Takes screenshots into the folder: one of each size and theme, and with SECONDS above 0 page.png, after so
// much time of traffic and faults. Writes the links of one request to standard output.
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const [executablePath, url, urlWithoutFaults, folder, seconds] = process.argv.slice(2);
const THEMES = ['light', 'dark'];
const SIZES = { laptop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

const browser = await chromium.launch({ executablePath });
const problems = [];

/** Opens the page, and notes what its console reports. A response of 400, 409, 500 or 503 is part of the test. */
async function open(address) {
  const page = await browser.newPage({ viewport: SIZES.laptop, reducedMotion: 'reduce' });
  page.setDefaultTimeout(60_000); // a busy machine
  page.on('pageerror', error => problems.push(error.message));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type()) && !/status of (400|409|500|503)/.test(message.text())) problems.push(message.text());
  });
  await page.goto(address);
  await page.locator('#readiness', { hasText: /^ready$/ }).waitFor();
  return page;
}

const page = await open(url);
// Waits for the condition, as long as an action of Playwright does.
const until = (condition, argument) => page.waitForFunction(condition, argument);
const text = selector => page.locator(selector).innerText();
const button = name => page.getByRole('button', { name, exact: true });
const control = name => page.getByRole('group', { name });

/** Moves the focus with the Tab key alone. */
async function tabTo(target, key = 'Tab') {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press(key);
    if (await target.evaluate(element => element === document.activeElement)) return;
  }
  assert.fail(`Tab does not reach ${target}`);
}

await page.evaluate(() => {
  globalThis.announced = [];
  new MutationObserver(() => announced.push(document.getElementById('message').textContent))
    .observe(document.getElementById('message'), { childList: true });
});

async function send20() {
  await button('Send 20 calls').click();
  await until(() => /^Sending/.test(document.getElementById('message').textContent));
  await until(() => /^Sent 20/.test(document.getElementById('message').textContent));
}
await send20();
assert.equal(await page.locator('#requests tr').count(), 20);

// A fault, with the keyboard alone
await tabTo(button('Start: Error rate'));
await page.keyboard.press('Enter');
await until(() => /^Error rate 0.5 \(4:\d\d left\)$/.test(document.getElementById('active').textContent));
const left = await text('#active');
await until(before => document.getElementById('active').textContent < before, left);
await page.locator('#rate .band').waitFor({ state: 'attached' });
assert.match(await page.getByRole('img', { name: 'Request rate' }).getAttribute('aria-label'), /Active faults: Error rate/);
await send20(); // a series counts from its second sample
await until(() => /^p95 [\d,]+ ms, p50 .dashed. [\d,]+ ms$/.test(document.querySelector('#latency .now').textContent));

// A second one: the first stays. A response is never parsed as HTML.
await control('Error causes').getByRole('textbox').fill('<b>Disk</b> is full');
await control('Error causes').getByRole('button', { name: 'Start' }).click();
await until(() => /Error rate 0.5; Error causes <b>Disk<.b> is full/.test(document.getElementById('active').textContent));
await page.getByRole('combobox', { name: 'Route' }).selectOption('/heavy-computation?fail=true');
await button('Send 1 call').click();
const request = page.locator('#requests tr').first();
await request.getByRole('cell', { name: '500', exact: true }).waitFor();
const traceId = await request.getByRole('button').innerText();
const links = await request.getByRole('link').evaluateAll(all => all.map(link => link.href));
const result = JSON.stringify({ traceId, links, time: Date.now() });
await request.getByRole('button').press('Enter');
const lines = page.locator('#lines tr:visible');
await page.locator('#lines tr', { hasText: traceId }).filter({ hasText: '<b>Disk</b> is full' }).waitFor();
assert.deepEqual((await lines.allInnerTexts()).filter(line => !line.includes(traceId)), []);
assert.match((await lines.allInnerTexts()).join(), /Request received on \/heavy-computation route/);
await page.getByRole('searchbox', { name: 'Filter' }).fill('');

// An invalid value: the text is that of the service.
await control('Error rate').getByRole('textbox').fill('2');
await button('Start: Error rate').click();
const expected = await page.evaluate(async () => {
  const options = { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{"errorRate": 2}' };
  return Object.values(await (await fetch('/faults', options)).json());
});
await control('Error rate').getByRole('alert').filter({ hasText: 'errorRate' }).waitFor();
assert.ok(expected.includes(await control('Error rate').getByRole('alert').innerText()));
assert.equal(await control('Error rate').getByRole('textbox').getAttribute('aria-invalid'), 'true');

// Numbered lines, for src/ledger/count
const ledger = page.locator('#ledger');
await ledger.getByRole('spinbutton', { name: 'Ledger' }).fill('20');
await button('Write lines').click();
await ledger.getByText(/^20 lines written\. To count them in Loki: src.ledger.count \w{5}$/).waitFor();
await page.locator('#lines tr', { hasText: /Ledger \w{5}: line 20 of 20/ }).waitFor();
await ledger.getByRole('spinbutton').fill('0');
await button('Write lines').click();
await ledger.getByText('lines: invalid value 0: expected a whole number from 1 to 2000').waitFor();

await control('Error rate').getByRole('textbox').fill('0.5');
await page.getByLabel('Ramp').fill('later');
await button('Start: Error rate').click();
await page.locator('#times-error', { hasText: 'ramp: invalid value' }).waitFor();
assert.deepEqual(await page.locator('[aria-invalid=true]').evaluateAll(all => all.map(input => input.id)), ['ramp']);

// What curl has set stays: the values after the ramp, and the seed. Two quick clicks do not lose the first.
await page.evaluate(() => fetch('/faults', { method: 'PUT', headers: { 'Content-Type': 'application/json' },
  body: '{"errorRate": 0.5, "causes": ["<b>Disk</b> is full"], "ramp": "5m", "seed": 7}' }));
await page.getByLabel('Ramp').fill('');
await page.evaluate(() => ['memory', 'cpu'].forEach(key => document.querySelector(`[data-fault=${key}] [name=start]`).click()));
await until(() => /Memory/.test(document.getElementById('active').textContent) && /CPU/.test(document.getElementById('active').textContent));
const { faults, seed } = await page.evaluate(async () => (await fetch('/faults')).json());
assert.deepEqual([faults.errorRate, faults.memory, faults.cpu, seed], [0.5, 20, 0.8, 7]);
await button('End: Memory').click();
await button('End: CPU').click();
await until(() => !/CPU|Memory/.test(document.getElementById('active').textContent));

// Nobody is excluded.
async function expectNoViolations(tested, where) {
  await tested.evaluate(axe.source);
  const { violations } = await tested.evaluate(() => axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)]), [], where);
}

async function expectAccessible(name) {
  const kept = await page.evaluate(() => announced.length);
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await expectNoViolations(page, `${name}, ${size}, ${colorScheme}`);
      await page.getByRole('columnheader', { name: 'Status' }).waitFor({ state: 'attached' });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${size} does not scroll sideways`);
      await page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.setViewportSize(SIZES.laptop);
  // On a busy machine axe stops the page for longer than a poll may take. Such an outage is not an event of the service.
  for (let polls = 0; polls < 2; polls++) await page.waitForResponse('**/metrics');
  await page.locator('#readiness', { hasText: /^ready$/ }).waitFor();
  await page.evaluate(count => { announced.length = count; }, kept);
}
await expectAccessible('page');

// The end
await button('End: Error causes').press('Enter');
await until(() => /^Error rate 0.5 /.test(document.getElementById('active').textContent));
await button('End: Error rate').press('Enter');
await until(() => document.getElementById('active').textContent === 'none');
assert.ok(await button('Start: Error rate').evaluate(element => element === document.activeElement));
await until(() => !/Active faults/.test(document.querySelector('#rate svg').getAttribute('aria-label')));
assert.ok(await page.locator('#rate .band').count() > 0);

// An incident: its tab with the keyboard, its form with an error, an answer, a fix, and its end.
await tabTo(page.getByRole('tab', { name: 'Faults' }), 'Shift+Tab');
await page.keyboard.press('ArrowRight');
const incidents = page.getByRole('tabpanel', { name: 'Incidents' });
const incidentState = pattern => until(source => new RegExp(source).test(document.getElementById('incident-state').textContent), pattern);
await incidents.getByLabel('Seed').fill('seven');
await incidents.getByRole('button', { name: 'Start' }).click();
await incidents.getByRole('alert').filter({ hasText: 'seed: invalid value' }).waitFor();
await incidents.getByLabel('Seed').fill('9007199254740993');
await incidents.getByRole('button', { name: 'Start' }).click();
await incidents.getByRole('alert').filter({ hasText: 'expected at most 9007199254740991' }).waitFor();
await incidents.getByLabel('Seed').fill('7');
await incidents.getByRole('button', { name: 'Start' }).click();
await incidentState('level 1, seed 7: running until');
await page.locator('#rate text', { hasText: 'incident' }).waitFor({ state: 'attached' });
await page.route('**/incidents', route => route.fulfill({ json: [] })); // a restart
await incidentState('^$');
await incidents.getByRole('button', { name: 'Start' }).waitFor();
await page.unroute('**/incidents');
await incidentState('running until');
await page.route('**/answer', route => route.fulfill({ body: '<html>' }));
await incidents.getByRole('button', { name: 'Answer' }).click();
await incidents.getByRole('alert').filter({ hasText: 'The service is not reachable.' }).waitFor();
await page.unroute('**/answer');
await incidents.getByRole('checkbox', { name: 'CPU' }).check();
await incidents.getByRole('button', { name: 'Fix' }).click();
await incidents.getByRole('alert').filter({ hasText: 'no answer yet' }).waitFor();
await incidents.getByRole('checkbox', { name: 'Memory' }).check();
await incidents.getByRole('button', { name: 'Answer' }).click();
await incidentState('Answerwrong.*Causeswrong.*Startmissing.*Trace id(missing|not required)');
await incidents.getByRole('button', { name: 'Fix' }).click();
await incidentState('Recoverynot recovered. 0 of 20');
await expectAccessible('incidents');
await page.getByRole('tab', { name: 'Faults' }).click();
await button('Start: CPU').click();
await control('CPU').getByRole('alert').filter({ hasText: 'an incident is running' }).waitFor();
await page.getByRole('tab', { name: 'Incidents' }).click();
await incidents.getByRole('button', { name: 'End incident' }).click();
await incidentState('seed 7: ended.*Solution');
await incidents.getByRole('button', { name: 'Start' }).waitFor();

await page.getByLabel('Up to 2 calls per second').check();
await until(() => document.getElementById('requests').rows.length > 45);
await page.getByLabel('Up to 2 calls per second').uncheck();

await page.getByRole('searchbox', { name: 'Filter' }).fill('no such line');
await page.getByText('No line matches the filter.').waitFor();
await page.getByRole('searchbox', { name: 'Filter' }).fill('');
assert.equal(await page.getByText('No line matches the filter.').count(), 0);

// Two clicks under a latency: the polls still get a connection.
let calls = 0;
let most = 0;
const isCall = request => new URL(request.url()).pathname === '/heavy-computation';
page.on('request', request => isCall(request) && (most = Math.max(most, ++calls)));
page.on('requestfinished', request => isCall(request) && calls--);
await page.getByRole('tab', { name: 'Faults' }).click();
await page.getByRole('combobox', { name: 'Route' }).selectOption('/heavy-computation');
await page.getByLabel('Distribution').selectOption('Fixed');
await control('Latency').getByRole('textbox').fill('6s');
await button('Start: Latency').click();
await until(() => /^Latency/.test(document.getElementById('active').textContent));
await button('Send 20 calls').dblclick();
await page.locator('#in-flight', { hasText: /^4$/ }).waitFor();
await button('End: Latency').click();
await until(() => announced.filter(text => text.startsWith('Sent 20')).length === 4);
assert.equal(most, 4);

// An outage: no values of the past, and a gap in the line.
const strokes = () => page.locator('#rate path').evaluate(path => path.getAttribute('d').split('M').length);
const before = await strokes();
await page.route('**/metrics', route => route.fulfill({ status: 503, body: '<html>' }));
await page.locator('#readiness', { hasText: /^not reachable$/ }).waitFor();
assert.deepEqual(await page.locator('#in-flight, #uptime, #active').allInnerTexts(), ['unknown', 'unknown', 'unknown']);
assert.equal(await text('#rate .now'), 'no data');
await page.unroute('**/metrics');
await page.locator('#readiness', { hasText: /^ready$/ }).waitFor();
assert.equal(await strokes(), before + 1);

// Events, and nothing that changes with each poll.
const announced = (await page.evaluate(() => announced))
  .map(sentence => sentence.replace(/(\d+ with status \d+(, )?)+|\d+ seconds/g, 'N').replace(/^Incident \w+/, 'Incident ID'));
assert.deepEqual(announced, [
  'Sending 20 calls to /heavy-computation.', 'Sent 20 calls to /heavy-computation: N.',
  'Error rate: started, N left.',
  'Sending 20 calls to /heavy-computation.', 'Sent 20 calls to /heavy-computation: N.',
  'Error causes: started, N left.',
  'Sending 1 call to /heavy-computation?fail=true.', 'Sent 1 call to /heavy-computation?fail=true: N.',
  'Memory: started, N left.', 'CPU: started, N left.', 'Memory: ended.', 'CPU: ended.',
  'Error causes: ended.', 'Error rate: ended.',
  'Incident ID: created.', 'Answer: wrong.', 'The fix is applied. Send at least 20 calls.', 'Incident ID: ended.',
  'Latency: started, N left.',
  'Sending 20 calls to /heavy-computation.', 'Sending 20 calls to /heavy-computation.', 'Latency: ended.',
  'Sent 20 calls to /heavy-computation: N.', 'Sent 20 calls to /heavy-computation: N.',
  'The service is not reachable.', 'The service is ready.',
]);

const disabled = await open(urlWithoutFaults);
await disabled.getByText('FAULTS_ENABLED=true').waitFor();
assert.equal(await disabled.getByRole('heading', { name: 'Log lines' }).count(), 0);
assert.equal(await disabled.getByRole('button', { name: /Start/ }).count(), 0);
await expectNoViolations(disabled, 'without faults');

assert.deepEqual(problems, []);
console.log(result);

if (seconds > 0) {
  const after = share => page.waitForTimeout(share * seconds * 1000);
  const traffic = setInterval(() => fetch(`${url}heavy-computation`).then(response => response.text()), 200);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.reload();
  await after(0.4);
  await button('Start: Error rate').click();
  await after(0.3);
  await button('End: Error rate').click();
  await after(0.2);
  await button('Start: Latency').click();
  await after(0.1);
  await send20();
  await page.locator('#requests tr', { hasText: '500' }).first().getByRole('button').click();
  await page.locator('#lines tr:visible').first().waitFor();
  await page.screenshot({ path: `${folder}/page.png`, fullPage: true });
  clearInterval(traffic);
}
await browser.close();
