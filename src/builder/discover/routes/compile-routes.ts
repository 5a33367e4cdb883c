import type { RoutePattern } from '../../../manifest/schema.ts';
import type { SettingFinding } from '../settings/setting-finding.ts';
import { PathPatternError } from './path-pattern-error.ts';
import { routeOf } from './route.ts';

/** Compiles the patterns of `path` or `excludedPath`, and reports wrong and suspicious patterns. */
export function compileRoutes(
  key: 'path' | 'excludedPath',
  patterns: readonly string[] = [],
): { routes: readonly RoutePattern[]; findings: readonly SettingFinding[] } {
  const routes: RoutePattern[] = [];
  const findings: SettingFinding[] = [];
  for (const [index, pattern] of patterns.entries()) {
    if (patterns.indexOf(pattern) !== index) continue;
    try {
      const route = routeOf(pattern);
      routes.push(route);
      const bracket = route.literal === undefined ? null : /\[(\w+)\]/.exec(pattern);
      if (bracket !== null) {
        findings.push({
          severity: 'warning',
          code: 'CONFIG_SUSPICIOUS',
          message: `"${bracket[0]}" in \`${key}\` is matched literally.`,
          hint: `Write ":${bracket[1] ?? ''}" for a parameter.`,
          setting: [key, index],
        });
      }
    } catch (error) {
      if (!(error instanceof PathPatternError)) throw error;
      findings.push({
        severity: 'error',
        code: 'CONFIG_INVALID',
        message: `\`${key}\` "${pattern}" is not a valid URLPattern: ${error.message}.`,
        hint: 'See https://developer.mozilla.org/docs/Web/API/URL_Pattern_API.',
        setting: [key, index],
      });
    }
  }
  return { routes, findings };
}
