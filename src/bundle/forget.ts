import { forgetPackages } from './package-of.ts';
import { forgetScans } from './scan-file.ts';
import { forgetTraces } from './trace.ts';

/** Forgets what was read of the project's files. Each build of a long-lived process starts with it: files change between two builds. */
export function forgetProject(): void {
  forgetPackages();
  forgetScans();
  forgetTraces();
}
