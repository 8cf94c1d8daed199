// Validates the HTML of every page as it is served: html-validate, its rules `recommended` and `document`.
import { Report, collect, commandLine, tool } from './lib.mjs';

const { base } = commandLine('Usage: html.mjs BASE   e.g. http://127.0.0.1:8000');
const { HtmlValidate, StaticConfigLoader } = await tool('html-validate');

const validator = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: ['html-validate:recommended', 'html-validate:document'],
    rules: {
      // HTML does not care, and lower case compresses better.
      'doctype-style': ['error', { style: 'lowercase' }],
      // Files of this origin come from the same binary as the page that names them.
      'require-sri': ['error', { target: 'crossorigin' }],
      // A form's error summary, headed h2, stands before the h1; `audit` sees to it that there is exactly one h1.
      'heading-level': ['error', { minInitialRank: 'h2' }],
    },
  }),
);

const report = new Report('html');
const pages = await collect(base, report);
for (const page of pages) {
  const { results } = await validator.validateString(page.html, page.path);
  for (const { messages } of results) {
    for (const { ruleId, severity, message, selector, line, column } of messages) {
      const where = selector ?? `line ${line}:${column}`;
      if (severity === 2) report.fail(ruleId, page.path, where, message);
      else report.note(ruleId, page.path, where, message);
    }
  }
}
report.end(`${pages.length} pages`);
