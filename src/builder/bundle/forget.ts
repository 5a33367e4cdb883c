import { forgetPackages } from './packages/package-index.ts';
import { forgetScans } from './syntax/scan-source.ts';
import { forgetTraces } from './trace/tracer.ts';

/**
 * Forgets what was read of the project's files. Each build of a long-lived process starts with it:
 * files change between two builds.
 */
export function forgetProject(): void {
  forgetPackages();
  forgetScans();
  forgetTraces();
}
