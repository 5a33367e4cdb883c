import { backgroundTimeoutSeconds } from '../../manifest/schema.ts';
import type { SettingKey } from '../config/function-settings.ts';
import { eventOfName } from './event-names.ts';
import { hasBackgroundName, timeoutLimitOf, withoutBackgroundSuffix, type Mode } from './mode.ts';
import type { MergedSettings } from './settings/merge-settings.ts';
import type { SettingFinding } from './settings/setting-finding.ts';
import type { SourceFacts } from './source-config/read-source.ts';

/** The properties of a function that the rules of this file read. Each setting is valid by itself. */
export interface Combination {
  readonly functionName: string;
  readonly mode: Mode;
  readonly merged: MergedSettings;
  /** Undefined for zips and Go. */
  readonly facts: SourceFacts | undefined;
}

/** Checks the settings of a function against each other, its name, its mode and its exports. */
export function checkCombinations(combination: Combination): readonly SettingFinding[] {
  return [
    backgroundDenied,
    scheduleWithPath,
    eventNameWithPath,
    eventHandlersWithPath,
    memoryWithVcpu,
    timeoutOverLimit,
    rewriteWithoutTarget,
    backgroundOnlySettings,
    pathOnlySettings,
    streamedBackground,
    foreignBundler,
  ].flatMap((rule) => rule(combination) ?? []);
}

type Rule = (combination: Combination) => SettingFinding | readonly SettingFinding[] | undefined;

const backgroundDenied: Rule = ({ functionName, merged: { settings } }) => {
  if (!hasBackgroundName(functionName) || settings.background !== false) return undefined;
  return noEffect(
    'background',
    `\`background: false\` has no effect: the name "${functionName}" makes it a background function.`,
    `Remove \`background\`, or rename the function to "${withoutBackgroundSuffix(functionName)}".`,
  );
};

const scheduleWithPath: Rule = ({ merged: { settings } }) => {
  if (settings.schedule === undefined || settings.path === undefined) return undefined;
  return noEffect(
    'path',
    '`path` has no effect: a function with a `schedule` is called by the clock, not by requests.',
    'Remove one of them, or make two functions.',
  );
};

const eventNameWithPath: Rule = ({ functionName, merged: { settings } }) => {
  const event = eventOfName(functionName);
  if (event === undefined || settings.path === undefined) return undefined;
  return contradiction(
    'path',
    `"${functionName}" is called by the event ${event}; it cannot have a \`path\`.`,
    'Remove `path`, or rename the function.',
  );
};

const eventHandlersWithPath: Rule = ({ facts, merged: { settings } }) => {
  const handlers = facts?.eventHandlers ?? [];
  if (settings.path === undefined || handlers.length === 0 || handlers.includes('fetch')) {
    return undefined;
  }
  return contradiction(
    'path',
    'A function that only handles events cannot have a `path`: nothing in it answers requests.',
    'Add `fetch` to the default export, or remove `path`.',
  );
};

const memoryWithVcpu: Rule = ({ merged: { settings } }) => {
  if (settings.memory === undefined || settings.vcpu === undefined) return undefined;
  return contradiction(
    'vcpu',
    '`memory` and `vcpu` cannot both be set: each sizes the function.',
    'Keep one of them.',
  );
};

/**
 * Warns about a timeout beyond the limit of the function's mode. A rule of netlify.toml for several
 * functions may be meant for the background functions among them: it is told about once.
 */
const timeoutOverLimit: Rule = ({ mode, merged: { settings, isOwn } }) => {
  const { timeout } = settings;
  const limit = timeoutLimitOf(mode);
  if (timeout === undefined || timeout <= limit) return undefined;
  const kind = mode === 'background' ? 'A background function' : 'A synchronous function';
  return {
    severity: 'warning',
    code: 'CONFIG_OVER_LIMIT',
    message: `\`timeout\` is ${timeout} seconds. ${kind} runs for at most ${limit}, and is stopped then.`,
    hint:
      mode === 'background'
        ? `Write ${limit} or less, and split longer work into several calls.`
        : `Set \`background: true\` (or end the name in "-background") to run for up to ${backgroundTimeoutSeconds} seconds.`,
    setting: ['timeout'],
    concernsSeveral: !isOwn('timeout'),
  };
};

const rewriteWithoutTarget: Rule = ({ merged: { settings } }) => {
  if (settings.rateLimit?.action !== 'rewrite' || settings.rateLimit.to !== undefined) {
    return undefined;
  }
  return {
    severity: 'warning',
    code: 'CONFIG_NO_EFFECT',
    message:
      '`rateLimit.action` is "rewrite", and there is no `rateLimit.to`: requests over the limit are refused.',
    hint: "Add `to: '/too-many-requests'`, or remove `action`.",
    setting: ['rateLimit', 'action'],
  };
};

/**
 * Warns about a function's own settings only: a glob may set `retry` and `destinations` for
 * functions of both modes.
 */
const backgroundOnlySettings: Rule = ({ functionName, mode, merged: { settings, isOwn } }) => {
  if (mode === 'background') return undefined;
  return (['retry', 'destinations'] as const)
    .filter((key) => settings[key] !== undefined && isOwn(key))
    .map((key) =>
      noEffect(
        key,
        `\`${key}\` has no effect: "${functionName}" is not a background function.`,
        'Set `background: true`, or remove it.',
      ),
    );
};

const pathOnlySettings: Rule = ({ merged: { settings } }) => {
  if (settings.path !== undefined) return undefined;
  return (['excludedPath', 'preferStatic'] as const)
    .filter((key) => settings[key] !== undefined)
    .map((key) =>
      noEffect(key, `\`${key}\` has no effect without \`path\`.`, 'Add `path`, or remove it.'),
    );
};

const streamedBackground: Rule = ({ mode, facts }) => {
  if (mode !== 'background' || facts?.authoring !== 1 || !facts.streaming) return undefined;
  return noEffect(
    'background',
    'A background function has no response to stream.',
    'Export the handler without `stream(…)`.',
  );
};

const foreignBundler: Rule = ({ merged: { settings } }) => {
  const { nodeBundler } = settings;
  if (nodeBundler !== 'zisi' && nodeBundler !== 'esbuild_zisi') return undefined;
  return noEffect(
    'nodeBundler',
    `The bundler "${nodeBundler}" is Netlify's own; bgfn chooses by itself.`,
    'Remove it, or write "nft" to keep every package as files.',
  );
};

function contradiction(key: SettingKey, message: string, hint: string): SettingFinding {
  return { severity: 'error', code: 'CONFIG_CONTRADICTION', message, hint, setting: [key] };
}

function noEffect(key: SettingKey, message: string, hint: string): SettingFinding {
  return { severity: 'warning', code: 'CONFIG_NO_EFFECT', message, hint, setting: [key] };
}
