import { describe, expect, test } from 'vitest';
import { developmentLoads } from '../../../../src/builder/bundle/syntax/development-loads.ts';

const loads = (source: string): readonly string[] =>
  developmentLoads('x.ts', source).map(({ specifier }) => specifier);

describe('a load is for development only', () => {
  test.each([
    [`if (process.env.NODE_ENV !== 'production') await import('tool');`],
    [`if (process.env['NODE_ENV'] === "development") { const { run } = await import('tool'); }`],
    [`if ('production' === process.env.NODE_ENV) serve(); else require('tool');`],
    [`if (!(process.env.NODE_ENV === 'production') && port) { start(() => import('tool')); }`],
    [
      `const isDev = process.env.NODE_ENV !== 'production'; const tool = isDev ? require('tool') : null;`,
    ],
    [`const { NODE_ENV } = process.env; NODE_ENV === 'test' && require('tool');`],
    [`process.env.NODE_ENV === 'production' || require('tool');`],
    [
      `async function f() { if (process.env.NODE_ENV === 'production') { return; } await import('tool'); }`,
    ],
  ])('%s', (source) => {
    expect(loads(source)).toEqual(['tool']);
  });
});

describe('a load also happens in production', () => {
  test.each([
    [`await import('tool'); // NODE_ENV`],
    [`if (process.env.NODE_ENV === 'production') await import('tool');`],
    [`if (process.env.NODE_ENV !== 'development') await import('tool');`],
    [`if (process.env.NODE_ENV !== 'production' || flag) await import('tool');`],
    [`if (process.env.NODE_ENV === 'production' && flag) serve(); else await import('tool');`],
    [`if (process.env.NODE_ENV !== 'production') await import('tool'); else require('tool');`],
    [`import 'tool'; if (process.env.NODE_ENV !== 'production') await import('tool');`],
    [
      `{ const dev = process.env.NODE_ENV !== 'production'; } { const dev = true; if (dev) require('tool'); }`,
    ],
    [`if (process.env.NODE_ENV === 'production') { log(); } await import('tool');`],
  ])('%s', (source) => {
    expect(loads(source)).toEqual([]);
  });
});
