import { writeFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderDiagnostics } from '../../../src/cli/output/render-diagnostics.ts';
import type { Diagnostic } from '../../../src/diagnostic/diagnostic.ts';
import { temporaryProject } from '../../builder/support/temporary-project.ts';

function rendered(diagnostics: readonly Diagnostic[]): string {
  return stripVTControlCharacters(renderDiagnostics(diagnostics));
}

function finding(number: number, more: Partial<Diagnostic> = {}): Diagnostic {
  return { severity: 'error', code: 'ESBUILD', message: `Finding ${number}.`, ...more };
}

test('of one kind no more than a screen is rendered, and how many more there are', () => {
  const many = Array.from({ length: 36_349 }, (_, index) => finding(index, { hint: 'Mend it.' }));
  const text = rendered([...many, finding(0, { code: 'SYNTAX_ERROR', message: 'Another kind.' })]);
  expect(text.split('\n').length).toBeLessThan(60);
  expect(text).toContain(
    '… and 36,335 more errors of this kind (ESBUILD); bgfn build --json prints all of them.',
  );
  expect(text).toContain('Another kind.');
  expect(text.match(/Finding/g)).toHaveLength(14);
});

test('errors do not hide warnings of the same code', () => {
  const errors = Array.from({ length: 100 }, (_, index) => finding(index));
  expect(rendered([...errors, finding(100, { severity: 'warning' })])).toContain('Finding 100.');
});

test('a few findings are rendered without a remark', () => {
  expect(rendered([finding(1), finding(2)])).toBe('error Finding 1.\n\nerror Finding 2.\n\n');
});

test('a finding about several functions is rendered once', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const findings = names.map((functionName) => finding(1, { functionName }));
  expect(rendered(findings.slice(0, 2))).toBe('error a, b: Finding 1.\n\n');
  expect(rendered(findings)).toBe('error a, b, c and 2 more: Finding 1.\n\n');
});

test('one finding of many lines is cut', () => {
  const hint = Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n');
  const text = rendered([finding(1, { hint })]);
  expect(text.split('\n').length).toBeLessThan(50);
  expect(text).toContain('more lines');
});

test('a binary file has no frame, and a text file shows no control characters', async () => {
  await using project = await temporaryProject({ 'a.ts': 'const red = "\u001B[31m";\n' });
  await writeFile(project.path('a.node'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]));
  await writeFile(project.path('a.bin'), Buffer.from([0xff, 0xfe, 0x31, 0x0a]));
  for (const name of ['a.node', 'a.bin']) {
    const location = { file: project.path(name), line: 1, column: 1 };
    expect(rendered([finding(1, { location })])).toBe(
      `error Finding 1.\n  at ${project.path(name)}:1:1\n\n`,
    );
  }
  const location = { file: project.path('a.ts'), line: 1, column: 1 };
  expect(renderDiagnostics([finding(1, { location })])).toContain('const red = "·[31m";');
});

test('a minified file has a short frame', async () => {
  await using project = await temporaryProject({ 'a.js': 'a();'.repeat(100_000) });
  const location = { file: project.path('a.js'), line: 1, column: 200_000 };
  for (const line of rendered([finding(1, { location })]).split('\n')) {
    expect(line.length).toBeLessThan(200);
  }
});
