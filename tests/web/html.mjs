// Validates the HTML of every page as it is served: html-validate, its rules `recommended` and `document`.
import { Report, collect, commandLine, htmlFaults } from './lib.mjs';

const { base } = commandLine('Usage: html.mjs BASE   e.g. http://127.0.0.1:8000');
const report = new Report('html');
const pages = await collect(base, report);
for (const page of pages) await htmlFaults(page.path, page.html, report);
report.end(`${pages.length} pages`);
