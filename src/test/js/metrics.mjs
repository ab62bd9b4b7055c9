// Writes a test for `promtool test rules`: the expressions, and the values that the page computes for
// the same samples. Reads a JSON array of series with one value every five seconds, null where the
// scrape failed.
import { Counters, quantile, sumByLe } from './metrics.js';
import { readFileSync } from 'node:fs';

const RANGE = 60;
const STEP = 5;
const series = JSON.parse(readFileSync(0, 'utf8'));
const text = labels => `{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(', ')}}`;

const tests = [];
const counters = new Counters(RANGE);
for (let i = 0; i < series[0].values.length; i++) {
  const time = i * STEP * 1000;
  counters.add(time, series.filter(({ values }) => values[i] !== null).map(({ labels, values }) => ({ name: 'h_bucket', labels, value: values[i] })));
  const rates = counters.rates('h_bucket', time);
  const expect = (expr, samples) => tests.push({ expr, eval_time: `${i * STEP}s`, exp_samples: samples });
  expect(`rate(h_bucket[${RANGE}s])`, rates.map(({ labels, value }) => ({ labels: text(labels), value })));
  const buckets = sumByLe(rates);
  for (const q of [0.5, 0.95]) {
    const value = quantile(q, buckets);
    // Without observations Prometheus computes NaN, which the comparison drops; the page has no value.
    expect(`histogram_quantile(${q}, sum by (le) (rate(h_bucket[${RANGE}s]))) >= 0`, value === undefined ? [] : [{ labels: '{}', value }]);
  }
}
console.log(JSON.stringify({
  evaluation_interval: `${STEP}s`, // promtool loads no sample after the last evaluation
  fuzzy_compare: true, // the last digits depend on the order of the additions
  tests: [{
    interval: `${STEP}s`,
    input_series: series.map(({ labels, values }) => ({ series: `h_bucket${text(labels)}`, values: values.map(value => value ?? '_').join(' ') })),
    promql_expr_test: tests,
  }],
}));
