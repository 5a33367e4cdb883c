import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { SettingPath, SettingsSource } from '../../config/check-settings.ts';
import type { SettingKey } from '../../config/function-settings.ts';

/** Settings that were found in one place, and what is wrong with those that are left out. */
export interface FoundSettings {
  /** The weakest first. */
  readonly sources: readonly SettingsSource[];
  readonly diagnostics: readonly Diagnostic[];
}

export const noSettings: FoundSettings = { sources: [], diagnostics: [] };

/** What is wrong with a setting beyond its own rule; its place is found by its path. */
export interface SettingFinding {
  readonly severity: Diagnostic['severity'];
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string;
  readonly setting: readonly [SettingKey, ...SettingPath];
}
