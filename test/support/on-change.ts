import { watch } from 'node:fs';

/**
 * Resolves once `holds` returns true. The condition is checked now and at every change of a file in
 * `directory`.
 */
export async function onChange(directory: string, holds: () => boolean): Promise<void> {
  const done = Promise.withResolvers<void>();
  const look = (): void => {
    try {
      if (holds()) done.resolve();
    } catch (error) {
      done.reject(error);
    }
  };
  const watcher = watch(directory, look);
  look();
  await done.promise.finally(() => watcher.close());
}
