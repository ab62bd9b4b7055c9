// Reads the text format of /metrics, and computes rate() and histogram_quantile() as Prometheus does.

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The samples of these metrics: [{name, labels, value}]. */
export function parse(text, names) {
  return text.split('\n').map(line => SAMPLE.exec(line) ?? []).filter(([, name]) => names.includes(name))
    .map(([, name, labels = '', value]) => ({
      name,
      labels: Object.fromEntries(Array.from(labels.matchAll(LABEL), match => match.slice(1))),
      value: Number(value),
    }));
}

/** Counters: a series for each set of labels, with the samples of the last `range` seconds. */
export class Counters {
  #series = new Map();

  constructor(range) {
    this.range = range;
  }

  /** @param time of the scrape, in milliseconds */
  add(time, samples) {
    for (const { name, labels, value } of samples) {
      const key = JSON.stringify([name, labels]);
      const points = this.#series.get(key)?.points.filter(point => point.time > time - this.range * 1000) ?? [];
      this.#series.set(key, { name, labels, points: [...points, { time, value }] });
    }
  }

  /** rate(name[range]) at this time: [{labels, value}], without series of a single sample. */
  rates(name, time) {
    return [...this.#series.values()]
      .filter(series => series.name === name)
      .map(({ labels, points }) => ({ labels, value: rate(points, time, this.range) }))
      .filter(({ value }) => value !== undefined);
  }
}

/** With counter resets, extrapolated to the range; points: [{time, value}]. */
function rate(points, time, range) {
  const start = time - range * 1000;
  const inside = points.filter(point => point.time > start && point.time <= time);
  if (inside.length < 2) return undefined;
  const [first, last] = [inside[0], inside.at(-1)];
  let increase = last.value - first.value;
  inside.slice(1).forEach((point, i) => {
    if (point.value < inside[i].value) increase += inside[i].value; // the counter started again at 0
  });
  const sampled = (last.time - first.time) / 1000;
  const interval = sampled / (inside.length - 1);
  // A series is assumed to continue to an edge that is near, and otherwise for half an interval.
  const beyond = gap => (gap >= interval * 1.1 ? interval / 2 : gap);
  // But a counter was not below zero.
  const sinceZero = increase > 0 && first.value >= 0 ? sampled * (first.value / increase) : Infinity;
  const before = Math.min(beyond((first.time - start) / 1000), sinceZero);
  return increase * ((sampled + before + beyond((time - last.time) / 1000)) / sampled / range);
}

/** sum by (le): a Map. */
export function sumByLe(series) {
  const sums = new Map();
  for (const { labels: { le }, value } of series) sums.set(le, (sums.get(le) ?? 0) + value);
  return sums;
}

/** histogram_quantile(q, buckets), interpolated within the bucket; buckets: a Map of le to the cumulative count. */
export function quantile(q, buckets) {
  const sorted = Array.from(buckets, ([le, count]) => ({ le: Number(le.replace('+Inf', 'Infinity')), count }))
    .sort((a, b) => a.le - b.le);
  sorted.reduce((below, bucket) => (bucket.count = Math.max(below, bucket.count)), 0);
  const total = sorted.at(-1)?.count;
  if (!total) return undefined;
  const rank = q * total;
  const index = sorted.findIndex(bucket => bucket.count >= rank);
  if (sorted[index].le === Infinity) return sorted.at(-2)?.le;
  const { le: from, count: below } = sorted[index - 1] ?? { le: 0, count: 0 };
  return from + (sorted[index].le - from) * ((rank - below) / (sorted[index].count - below));
}
