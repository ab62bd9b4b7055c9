// Reads the text format of /metrics, and computes rate() and histogram_quantile() as Prometheus does.

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The samples of these metrics: [{name, labels, value}]. */
export function parse(text, names) {
  const samples = [];
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (names.includes(name)) {
      samples.push({ name, labels: Object.fromEntries(Array.from(labels.matchAll(LABEL), m => [m[1], m[2]])), value: Number(value) });
    }
  }
  return samples;
}

/** The counters of the last scrapes, one series for each set of labels. */
export class Counters {
  #series = new Map();

  /** @param range seconds for which samples are kept */
  constructor(range) {
    this.range = range;
  }

  /** @param time of the scrape, in milliseconds */
  add(time, samples) {
    for (const { name, labels, value } of samples) {
      const key = JSON.stringify([name, labels]);
      const series = this.#series.get(key) ?? { name, labels, points: [] };
      this.#series.set(key, series);
      series.points = series.points.filter(point => point.time > time - this.range * 1000);
      series.points.push({ time, value });
    }
  }

  /** The rate of each series at this time, in 1/s. A series with a single sample has none. */
  rates(name, time) {
    return [...this.#series.values()]
      .filter(series => series.name === name)
      .map(({ labels, points }) => ({ labels, value: rate(points, time, this.range) }))
      .filter(({ value }) => value !== undefined);
  }
}

/**
 * rate(series[range]) at a time: with counter resets, extrapolated to the range.
 * @param points [{time, value}], the time in milliseconds
 * @param range seconds
 */
export function rate(points, time, range) {
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
  // Near the edge of the range the series is assumed to continue up to it, otherwise for half an interval.
  const beyond = gap => (gap >= interval * 1.1 ? interval / 2 : gap);
  // A counter was not below zero.
  const sinceZero = increase > 0 && first.value >= 0 ? sampled * (first.value / increase) : Infinity;
  const before = Math.min(beyond((first.time - start) / 1000), sinceZero);
  const after = beyond((time - last.time) / 1000);
  return increase * ((sampled + before + after) / sampled / range);
}

/** sum by (label): Map of label value to sum, in the order of the label values. */
export function sumBy(label, series) {
  const sums = new Map();
  for (const { labels, value } of series) sums.set(labels[label], (sums.get(labels[label]) ?? 0) + value);
  return sums;
}

/**
 * histogram_quantile(q, buckets), interpolated in the bucket.
 * @param buckets Map of le to the cumulative count
 */
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
