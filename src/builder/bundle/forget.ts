import { forgetTraces } from './externals/trace.ts';
import { forgetPackages } from './packages/package-of.ts';
import { forgetScans } from './syntax/scan-file.ts';

/**
 * Forgets what was read of the project's files. Each build of a long-lived process starts with it:
 * files change between two builds.
 */
export function forgetProject(): void {
  forgetPackages();
  forgetScans();
  forgetTraces();
}
