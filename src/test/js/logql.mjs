// Reads a JSON array of LogQL expressions from standard input, and answers one object for each:
// whether it parses, the labels that it asks for, and those that it makes itself.
import { parser } from '@grafana/lezer-logql';
import { readFileSync } from 'node:fs';

function read(expr) {
  const asked = new Set();
  const made = new Set();
  let error = null;
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) {
        error ??= `at character ${node.from}: ${expr.slice(node.from) || 'it ends too early'}`;
      } else if (node.name === 'Identifier' && ['Matcher', 'Labels'].includes(node.node.parent.name)) {
        asked.add(text);
      } else if (node.name === 'LabelParser') {
        // pattern "<name>", regexp "(?P<name>...)"
        for (const [, name] of text.matchAll(/<(\w+)>/g)) made.add(name);
      }
    },
  });
  return { error, asked: [...asked], made: [...made] };
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(read)));
