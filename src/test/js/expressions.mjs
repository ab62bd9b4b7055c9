// Reads a JSON array of {language, expr} from standard input, and writes what the grammar of each
// language finds: the first error, the selectors with the labels that they and LogQL's filters match,
// the labels of groupings, and those that LogQL's parser stages extract.
import { parser as logql } from '@grafana/lezer-logql';
import { parser as promql } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';

const languages = {
  promql: { parser: promql, selector: 'VectorSelector', matcher: 'UnquotedLabelMatcher', grouping: 'GroupingLabels' },
  logql: { parser: logql, selector: 'Selector', matcher: 'Matcher', grouping: 'Labels' },
};

function read({ language, expr }) {
  const { parser, selector, matcher, grouping } = languages[language];
  const found = { error: '', selectors: [], grouping: [], extracted: [] };
  parser.parse(expr).iterate({
    enter({ type, name, from, to, node }) {
      const text = expr.slice(from, to);
      const parent = node.parent?.name;
      if (type.isError) {
        found.error ||= `at character ${from}: ${expr.slice(from) || 'unexpected end'}`;
      } else if (name === selector) {
        found.selectors.push({ metric: '', text, labels: [] });
      } else if (parent === selector && name === 'Identifier') {
        found.selectors.at(-1).metric = text;
      } else if (['LabelName', 'Identifier'].includes(name) && [matcher, grouping].includes(parent)) {
        (parent === grouping ? found.grouping : found.selectors.at(-1).labels).push(text);
      } else if (name === 'LabelParser') {
        // pattern "<name>", regexp "(?P<name>...)"
        found.extracted.push(...Array.from(text.matchAll(/<(\w+)>/g), ([, label]) => label));
      }
    },
  });
  return found;
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(read)));
