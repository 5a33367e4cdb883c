import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { SettingPath, SettingsSource } from '../../config/check-settings.ts';
import type { SettingKey } from '../../config/function-settings.ts';

/** The valid settings that were found in one place, and the findings about the invalid settings. */
export interface FoundSettings {
  /** The weakest first. */
  readonly sources: readonly SettingsSource[];
  readonly diagnostics: readonly Diagnostic[];
}

export const noSettings: FoundSettings = { sources: [], diagnostics: [] };

/** A finding about a setting that is valid by itself. The path of the setting locates the finding. */
export interface SettingFinding {
  readonly severity: Diagnostic['severity'];
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string;
  readonly setting: readonly [SettingKey, ...SettingPath];
  /** Whether the setting holds for several functions, so that the finding names none of them. */
  readonly concernsSeveral?: boolean;
}
