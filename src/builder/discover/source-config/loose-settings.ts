import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { SettingKey } from '../../config/function-settings.ts';
import { scheduleProblem } from '../../config/schedule.ts';
import { locationOf } from './source-error.ts';
import { spanOf, type SourceModule } from './source-module.ts';
import type { Primitive } from './static-value.ts';
import { unwrap } from './syntax.ts';
import { writtenExports } from './written-exports.ts';

interface LooseSetting {
  /** The key of `config` that says the same; undefined when no key does. */
  readonly key?: SettingKey;
  /** What to write; undefined for a value that no platform reads this way. */
  readonly hintFor: (value: Primitive) => string | undefined;
}

const background: LooseSetting = {
  key: 'background',
  hintFor: (value) => (value === true ? inConfig('background: true') : undefined),
};
const schedule: LooseSetting = {
  key: 'schedule',
  hintFor: (value) =>
    typeof value === 'string' && scheduleProblem(value) === undefined
      ? inConfig(`schedule: ${JSON.stringify(value)}`)
      : undefined,
};

/** Exports with which other platforms and frameworks configure a function. */
const looseExports: Readonly<Record<string, LooseSetting>> = {
  background,
  isBackground: background,
  schedule,
  cron: schedule,
  maxDuration: {
    key: 'timeout',
    hintFor: (value) => (typeof value === 'number' ? inConfig(`timeout: ${value}`) : undefined),
  },
  runtime: {
    hintFor: (value) =>
      value === 'edge' || value === 'experimental-edge'
        ? 'The function is built for Node.js. Move it to netlify/edge-functions to run it at the edge, or remove the export.'
        : undefined,
  },
};

function inConfig(member: string): string {
  return `Write \`export const config = { ${member} }\`.`;
}

/**
 * Warns about settings that are exported one by one, as in `export const maxDuration = 300`. They
 * have no effect, because settings stand in `config`.
 *
 * @param configured The keys that are set in the source; a variable may be exported for other
 *   readers as well as be used in `config`
 */
export function looseSettings(
  module: SourceModule,
  functionName: string,
  configured: ReadonlySet<string>,
): readonly Diagnostic[] {
  const { named } = writtenExports(module);
  return Object.entries(looseExports).flatMap(([name, { key, hintFor }]): readonly Diagnostic[] => {
    const written = named.get(name);
    if (written === undefined || (key !== undefined && configured.has(key))) return [];
    const hint = hintFor(valueOf(written.local, module));
    if (hint === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'CONFIG_UNKNOWN_KEY',
        message: `The export \`${name}\` is not read: the settings of a function stand in \`config\`.`,
        hint,
        location: locationOf(spanOf(module, written.node)),
        functionName,
      },
    ];
  });
}

/** The literal that a variable of the module is declared with. */
function valueOf(name: string | undefined, { bindings }: SourceModule): Primitive {
  const binding = name === undefined ? undefined : bindings.get(name);
  if (binding?.kind !== 'variable' || binding.init === null) return undefined;
  const init = unwrap(binding.init);
  if (init.type !== 'Literal') return undefined;
  const { value } = init;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}
