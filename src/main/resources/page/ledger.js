// The form that writes numbered log lines.

const form = document.getElementById('ledger');

form.addEventListener('submit', async event => {
  event.preventDefault();
  const body = JSON.stringify({ lines: form.elements.lines.valueAsNumber }); // the service validates
  const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
  const answer = await fetch('/ledger', options).then(response => response.json())
    .catch(() => ({ error: 'The service is not reachable.' }));
  form.querySelector('output').textContent =
    answer.error ?? `${answer.lines} lines written. To count them in Loki: ${answer.count}`;
});
