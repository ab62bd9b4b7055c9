// Line charts of the last minutes, with the times of active faults as bands.

const MARGIN = { top: 20, right: 8, bottom: 22, left: 52 };
const HEIGHT = 170;

/** Creates an element with attributes and children, in a namespace or HTML. */
function svg(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The lowest of 1, 2, 2.5 and 5 times a power of ten that is not below the value. */
function limit(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map(step => step * power).find(step => step >= value);
}

const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', hour12: false });

/** Neighbouring points with the same faults: [{from, to, faults}]. */
function bands(points) {
  const found = [];
  points.forEach(({ time, faults }, i) => {
    if (!faults) return;
    const to = points[i + 1]?.time ?? time;
    if (found.at(-1)?.to === time && found.at(-1).faults === faults) found.at(-1).to = to;
    else found.push({ from: time, to, faults });
  });
  return found;
}

/** What a reader of the chart sees, for a screen reader. */
function describe(title, points, lines, format, minutes) {
  const parts = lines.map(({ key, label }) => {
    const values = points.map(point => point[key]).filter(value => value !== undefined);
    if (values.length === 0) return `${label}: no data`;
    return `${label}: ${format(values.at(-1))} now, ${format(Math.min(...values))} to ${format(Math.max(...values))}` +
      ` in the last ${minutes} minutes`;
  });
  const faults = points.at(-1)?.faults;
  return `${title}. ${parts.join('. ')}. ${faults ? `Active faults: ${faults}.` : ''}`;
}

/**
 * @param element an svg element
 * @param points [{time, faults, ...values}], the time in milliseconds
 * @param lines [{key, label}] of the values to draw
 * @param least the value up to which the axis reaches at least
 */
export function draw(element, { title, points, lines, least, format, minutes }) {
  const width = element.clientWidth;
  const end = points.at(-1)?.time ?? Date.now();
  const start = end - minutes * 60_000;
  const shown = points.filter(point => point.time >= start);
  const top = limit(Math.max(least, ...shown.flatMap(point => lines.map(({ key }) => point[key] ?? 0))));
  const x = time => MARGIN.left + ((time - start) / (end - start)) * (width - MARGIN.left - MARGIN.right);
  const y = value => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  const parts = bands(shown).flatMap(({ from, to, faults }) => [
    svg('rect', { class: 'band', x: x(from), y: MARGIN.top, width: x(to) - x(from), height: y(0) - MARGIN.top }),
    svg('text', { x: x(from), y: MARGIN.top - 6 }, faults),
  ]);
  for (const value of [0, top / 2, top]) {
    parts.push(
      svg('line', { class: 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
      svg('text', { x: MARGIN.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, format(value)));
  }
  for (let minute = Math.ceil(start / 60_000) * 60_000; minute <= end; minute += 60_000) {
    parts.push(svg('text', { x: x(minute), y: HEIGHT - 6, 'text-anchor': 'middle' }, clock.format(minute)));
  }
  for (const { key } of lines) {
    let path = '';
    shown.forEach((point, i) => {
      if (point[key] === undefined) return;
      path += `${shown[i - 1]?.[key] === undefined ? 'M' : 'L'}${x(point.time).toFixed(1)} ${y(point[key]).toFixed(1)}`;
    });
    parts.push(svg('path', { class: key, d: path }));
  }
  element.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
  element.setAttribute('aria-label', describe(title, shown, lines, format, minutes));
  element.replaceChildren(...parts);
}
