// Line charts of the last minutes, with the times of active faults as bands.

const MARGIN = { top: 20, right: 8, bottom: 22, left: 62 };
const HEIGHT = 170;
const LETTER = 6; // the mean width
const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

function svg(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The end of an axis: the lowest of 1, 2, 2.5 and 5 times a power of ten that is not below the value. */
function limit(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map(step => step * power).find(step => step >= value);
}

/** The times with active faults, each up to the scrape that sees none: [{from, to, faults}]. */
function bands(points) {
  const found = [];
  points.forEach(({ time, faults }, i) => {
    if (points[i - 1]?.faults.length > 0) found.at(-1).to = time;
    else if (faults.length > 0) found.push({ from: time, to: time, faults: new Set() });
    for (const fault of faults) found.at(-1).faults.add(fault);
  });
  return found;
}

/** What the chart shows, for a screen reader. */
function describe(title, points, lines, format, minutes) {
  const sentences = lines.map(({ key, label }) => {
    const values = points.map(point => point[key]).filter(value => value !== undefined);
    return values.length === 0
      ? `${label}no data.`
      : `${label}${format(values.at(-1))} now, ${format(Math.min(...values))} to ${format(Math.max(...values))} in ${minutes} minutes.`;
  });
  const faults = points.at(-1)?.faults ?? [];
  return [`${title}.`, ...sentences, faults.length > 0 ? `Active faults: ${faults.join(', ')}.` : ''].join(' ').trim();
}

/**
 * @param points [{time, faults, ...values}], the time in milliseconds
 * @param lines [{key, label}] of the values to draw
 * @param least the value up to which the axis reaches at least
 */
export function draw(element, { title, points, lines, least, format, minutes }) {
  const { width } = element.getBoundingClientRect();
  if (width === 0) return; // no layout yet
  const end = points.at(-1)?.time ?? Date.now();
  const start = end - minutes * 60_000;
  const top = limit(Math.max(least, ...points.flatMap(point => lines.map(({ key }) => point[key] ?? 0))));
  const x = time => MARGIN.left + ((time - start) / (end - start)) * (width - MARGIN.left - MARGIN.right);
  const y = value => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  const parts = [];
  let free = Infinity;
  for (const { from, to, faults } of bands(points).reverse()) {
    parts.push(svg('rect', { class: 'band', x: x(from), y: MARGIN.top, width: x(to) - x(from), height: y(0) - MARGIN.top }));
    const text = [...faults].join(', ');
    const size = text.length * LETTER;
    // It extends to the middle, where there is room, unless that of a later band is there.
    const left = x(from) < width / 2 ? x(from) : x(to) - size;
    if (left + size > free) continue;
    free = left;
    parts.push(svg('text', { y: MARGIN.top - 6, x: left, textLength: size, lengthAdjust: 'spacing' }, text));
  }
  for (const value of [0, top / 2, top]) {
    parts.push(
      svg('line', { class: 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
      svg('text', { x: MARGIN.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, format(value)));
  }
  for (let minute = Math.ceil(start / 60_000) * 60_000; x(minute) < width - 16; minute += 60_000) {
    parts.push(svg('text', { x: x(minute), y: HEIGHT - 6, 'text-anchor': 'middle' }, clock.format(minute)));
  }
  for (const { key } of lines) {
    const drawn = (point, i) => `${points[i - 1]?.[key] === undefined ? 'M' : 'L'}${x(point.time).toFixed(1)} ${y(point[key]).toFixed(1)}`;
    parts.push(svg('path', { class: key, d: points.map((point, i) => (point[key] === undefined ? '' : drawn(point, i))).join('') }));
  }
  element.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
  element.setAttribute('aria-label', describe(title, points, lines, format, minutes));
  element.replaceChildren(...parts);
}
